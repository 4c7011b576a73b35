import type { CsvFormat } from "./csv_format.ts";

const encoder = new TextEncoder();

/**
 * The record's bytes, without a line end: `CsvReader` reads exactly these values from them. Null if
 * no bytes do, because a value holds a delimiter or a line break and the format has no quotes.
 */
export function encodeRecord(
  values: readonly string[],
  format: CsvFormat,
): Uint8Array | null {
  const { delimiter, quote = '"', escape } = format;
  const isSkipped = wouldBeSkipped(values, format);
  const needsQuotes = (value: string, index: number) =>
    (isSkipped && index === 0) || /[\r\n]/u.test(value) || value.includes(delimiter[0]) ||
    (quote !== null && value.includes(quote));
  // The escape itself needs one, with quotes or without.
  const escaped = (value: string) =>
    escape === undefined ? value : value.replaceAll(escape, escape + escape);
  if (quote === null) {
    if (values.some(needsQuotes)) return null;
    return encoder.encode(values.map(escaped).join(delimiter));
  }
  const fields = values.map((value, index) => {
    const text = escaped(value);
    return needsQuotes(value, index)
      ? `${quote}${text.replaceAll(quote, quote + quote)}${quote}`
      : text;
  });
  return encoder.encode(fields.join(delimiter));
}

/** Without quotes, such a line would be no record. */
function wouldBeSkipped(
  values: readonly string[],
  { delimiter, comment = "", skip_empty_rows }: CsvFormat,
): boolean {
  if (comment !== "" && values.join(delimiter).startsWith(comment)) return true;
  if (skip_empty_rows) return values.every((value) => /^[ \t]*$/u.test(value));
  return values.length === 1 && values[0] === "";
}
