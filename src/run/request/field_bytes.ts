import { FIELD_QUOTED, type RecordCursor } from "../../source/record.ts";

/** Where a field stands in its record's bytes, quotes included. */
export function fieldRange(record: RecordCursor, field: number) {
  const quotes = (record.fieldFlags[field] & FIELD_QUOTED) === 0 ? 0 : 1;
  return { start: record.fieldStart[field] - quotes, end: record.fieldEnd[field] + quotes };
}

/** A field as it stands in its record, quotes included. */
export function fieldBytes(record: RecordCursor, field: number): Uint8Array {
  const { start, end } = fieldRange(record, field);
  return record.bytes.subarray(start, end);
}
