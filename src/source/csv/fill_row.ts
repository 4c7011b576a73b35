/** Gives a record as many fields as the header has: what `short_rows: fill` means. */
import { FIELD_QUOTED, type RecordCursor } from "../record.ts";
import { type Dialect, isBlank } from "./dialect.ts";

/** Adds empty fields; false if there are surplus ones that hold something. */
export function fillRow(record: RecordCursor, expected: number, dialect: Dialect): boolean {
  const { bytes, end, fieldCount, fieldStart, fieldEnd, fieldFlags } = record;
  for (let field = fieldCount; field < expected; field++) {
    fieldStart[field] = fieldEnd[field] = end;
    fieldFlags[field] = 0;
  }
  if (fieldCount < expected) return true;
  const isQuoted = (fieldFlags[expected - 1] & FIELD_QUOTED) !== 0;
  const from = fieldEnd[expected - 1] + (isQuoted ? 1 : 0);
  for (let i = from; i < end; i++) {
    if (!dialect.delimiterBytes.includes(bytes[i]) && !isBlank(dialect, bytes[i])) return false;
  }
  return true;
}
