/** The memory, which the kernel and its caller share. */

/** Where the kernel's own tables and its scratch end. From here on, the caller allocates. */
export function firstFree(): usize {
  return scratchPlace() + Size.scratch;
}

/** Where the scratch (scratch.ts) begins: behind the kernel's own tables. */
// @ts-ignore: decorator
@inline
export function scratchPlace(): usize {
  return __heap_base;
}

/** Sizes in bytes. */
export const enum Size {
  /** Values that need more are rare; the caller writes them. */
  scratch = 131072,
  /** A field in the lists of a record: where it begins and ends (u32 each), and its flags (u8). */
  field = 9,
  /** A key's hash. */
  hash = 8,
  /** A block of the filter (filter.ts), which begins at a multiple of this. */
  filterBlock = 32,
}
