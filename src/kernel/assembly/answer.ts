/** What the functions that read records return: why they stopped. */
export const enum Answer {
  /** No record is left. */
  end,
  /** A record was read (reader.ts). The caller never gets this. */
  record,
  /** The bytes end in the middle of a record, but the source goes on. */
  incomplete,
  /** The record at `at` has broken quotes, is too long or, if `strict`, can't be a row. */
  unusual,
  /** The caller writes column number `column` (encode.ts). */
  column,
  /** There is no room for the record's row (encode.ts). */
  full,
  /** There are more records than the lists have room for (encode.ts). */
  tooMany,
  /** The caller hashes the record's keys (keys.ts). */
  keys,
  /** The batch is complete (keys.ts). */
  enough,
}
