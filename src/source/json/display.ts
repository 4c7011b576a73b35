/** Shows a row to people: `ingest.rows.data`. */
import { displayText } from "../display_text.ts";
import { FIELD_ESCAPED, FIELD_NULL, type RecordCursor } from "../record.ts";
import { unescaped } from "./decode.ts";

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The record's values by name: texts without their quotes, objects and arrays as they stand, and
 * nothing for what is not there. A record that is no JSON is shown as it stands, as a column more.
 */
export function displayRecord(
  record: RecordCursor,
  header: readonly string[],
): Readonly<Record<string, string>> {
  // Without a prototype, so that a column may be called `__proto__`.
  const data: Record<string, string> = Object.create(null);
  const { bytes, start, end, defect, fieldStart, fieldEnd, fieldFlags } = record;
  if (defect?.code === "malformed") {
    data[wholeName(header)] = displayText(lenient.decode(bytes.subarray(start, end)));
    return data;
  }
  for (const [field, name] of header.entries()) {
    const flags = fieldFlags[field];
    if ((flags & FIELD_NULL) !== 0) continue;
    const text = lenient.decode(bytes.subarray(fieldStart[field], fieldEnd[field]));
    data[displayText(name)] = displayText((flags & FIELD_ESCAPED) === 0 ? text : unescaped(text));
  }
  return data;
}

/** Under which name a record is shown that can't be read: as a surplus cell of a CSV file is. */
function wholeName(header: readonly string[]): string {
  return `column_${header.length + 1}`;
}
