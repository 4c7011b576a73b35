/** How a source is read: what was settled when it was opened. */
import { isDelimited } from "../source/format.ts";
import type { ResolvedSource } from "../source/resolved_source.ts";
import { sheetOf } from "./places.ts";
import type { ReadAs } from "./report_schema.ts";

export function readAs({ encoding, format, data_line, unpacked }: ResolvedSource): ReadAs {
  const common = { encoding, first_line: data_line, unpacked: unpacked ?? null };
  if (format.type === "json") {
    const isLines = format.layout === "lines";
    return {
      ...common,
      format: isLines ? "ndjson" : "json",
      delimiter: null,
      quote: '"',
      line_end: "lf",
    };
  }
  if (!isDelimited(format)) {
    const delimiter = format.type === "copy" ? format.delimiter : null;
    return { ...common, format: format.type, delimiter, quote: null, line_end: "lf" };
  }
  // Runs of older versions had no other quote.
  const { delimiter, newline, quote = '"' } = format;
  const sheet = sheetOf(format);
  return {
    ...{ ...common, format: format.type, delimiter, quote, line_end: newline },
    ...sheet !== null && { sheet },
  };
}
