/** The types of COPY's binary format, and what is common to their values. */

/** Postgres's types, with the names of row/copy_format.ts. */
export const enum BinaryType {
  /** The column is not written in the binary format. */
  none,
  /** All types whose bytes are the value itself. */
  text,
  bool,
  int2,
  int4,
  int8,
  float4,
  float8,
  numeric,
  date,
  time,
  timestamp,
  timestamptz,
  uuid,
  jsonb,
}

/** Writes an integer of a type that has 2, 4 or 8 bytes. */
// @ts-ignore: decorator
@inline
export function integerTo(target: usize, type: BinaryType, value: i64): usize {
  if (type == BinaryType.int8) {
    store<u64>(lengthTo(target, 8), bswap<u64>(value));
    return target + 12;
  }
  if (type == BinaryType.int4) {
    if (value != <i64> (<i32> value)) return 0;
    store<u32>(lengthTo(target, 4), bswap<u32>(<u32> value));
    return target + 8;
  }
  if (value != <i64> (<i16> value)) return 0;
  store<u16>(lengthTo(target, 2), bswap<u16>(<u16> value));
  return target + 6;
}

// @ts-ignore: decorator
@inline
export function lengthTo(target: usize, bytes: u32): usize {
  store<u32>(target, bswap<u32>(bytes));
  return target + 4;
}
