import type { CsvFormat } from "./csv_format.ts";

const encoder = new TextEncoder();

/** The record's bytes, without a line end: `CsvReader` reads exactly these values from them. */
export function encodeRecord(values: readonly string[], { delimiter }: CsvFormat): Uint8Array {
  // An empty line would not be a record.
  if (values.length === 1 && values[0] === "") return encoder.encode('""');
  const fields = values.map((value) =>
    /["\r\n]/u.test(value) || value.includes(delimiter) ? `"${value.replaceAll('"', '""')}"` : value
  );
  return encoder.encode(fields.join(delimiter));
}
