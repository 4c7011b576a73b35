/** Shows a row to people: `ingest.rows.data`. */
import { displayText } from "../display_text.ts";
import { FIELD_QUOTED, type RecordCursor } from "../record.ts";
import { type Dialect, isDelimiterAt } from "./dialect.ts";
import { fieldText } from "./field_text.ts";

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The record's values by column name, as the file has them; bytes that aren't UTF-8 are shown as
 * U+FFFD. Fields beyond the header are named `column_N`, counted from 1. Fields that a short row
 * doesn't have are left out. If a row has broken quotes or too many fields, everything after the
 * last readable field is shown unchanged under the next name. Works for records with a defect.
 */
export function displayData(
  record: RecordCursor,
  header: readonly string[],
  dialect: Dialect,
): Readonly<Record<string, string>> {
  // Without a prototype, so that a column may be called `__proto__`.
  const data: Record<string, string> = Object.create(null);
  const readable = Math.min(record.fieldCount, record.fieldStart.length);
  for (let field = 0; field < readable; field++) {
    data[nameOf(field, header)] = textOf(record, field, dialect);
  }
  const rest = readable === 0 ? record.start : afterField(record, readable - 1, dialect);
  if (record.defect !== null && rest <= record.end) {
    data[nameOf(readable, header)] = decoded(record, rest, record.end);
  }
  return data;
}

function nameOf(field: number, header: readonly string[]): string {
  return displayText(header[field] ?? `column_${field + 1}`);
}

/** The index after the delimiter that ends the field. */
function afterField(record: RecordCursor, field: number, dialect: Dialect): number {
  const quoted = (record.fieldFlags[field] & FIELD_QUOTED) !== 0;
  let end = record.fieldEnd[field] + (quoted ? 1 : 0);
  while (end < record.end && !isDelimiterAt(dialect, record.bytes, end, record.end)) end++;
  return end + dialect.delimiterBytes.length;
}

function textOf(record: RecordCursor, field: number, dialect: Dialect): string {
  const text = decoded(record, record.fieldStart[field], record.fieldEnd[field]);
  return fieldText(text, record.fieldFlags[field], dialect);
}

function decoded(record: RecordCursor, start: number, end: number): string {
  return displayText(lenient.decode(record.bytes.subarray(start, end)));
}
