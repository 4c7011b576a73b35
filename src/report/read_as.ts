/** How a source is read: what was settled when it was opened. */
import type { ResolvedSource } from "../source/open.ts";
import type { ReadAs } from "./report_schema.ts";

export function readAs({ encoding, format, data_line }: ResolvedSource): ReadAs {
  // Runs of older versions had no other quote.
  const { delimiter, newline, quote = '"' } = format;
  return { encoding, delimiter, quote, line_end: newline, first_line: data_line };
}
