import type { CsvFormat } from "./csv_format.ts";

const encoder = new TextEncoder();

/**
 * The record's bytes, without a line end: `CsvReader` reads exactly these values from them. Null if
 * no bytes do, because a value holds a delimiter or a line break and the format has no quotes.
 */
export function encodeRecord(
  values: readonly string[],
  { delimiter, quote = '"' }: CsvFormat,
): Uint8Array | null {
  // An empty line would not be a record.
  const isEmpty = values.length === 1 && values[0] === "";
  const needsQuotes = (value: string) =>
    isEmpty || /[\r\n]/u.test(value) || value.includes(delimiter) ||
    (quote !== null && value.includes(quote));
  if (quote === null) {
    return values.some(needsQuotes) ? null : encoder.encode(values.join(delimiter));
  }
  const fields = values.map((value) =>
    needsQuotes(value) ? `${quote}${value.replaceAll(quote, quote + quote)}${quote}` : value
  );
  return encoder.encode(fields.join(delimiter));
}
