/** The memory, which the kernel and its caller share. */

/** Where the kernel's own tables end. From here on, the caller allocates the memory. */
export function firstFree(): usize {
  return __heap_base;
}

/** Sizes in bytes. */
export const enum Size {
  /** A field in the lists of a record: where it begins and ends (u32 each), and its flags (u8). */
  field = 9,
  /** A key's hash. */
  hash = 8,
  /** A block of the filter (filter.ts), which begins at a multiple of this. */
  filterBlock = 32,
}
