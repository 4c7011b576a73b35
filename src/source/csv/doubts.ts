/** What may have been understood wrongly, in whole sentences: warnings of the run. */
import type { SourceRule } from "../../importer/source_rule.ts";
import type { Sample } from "../record_format.ts";
import { lineEndDoubts } from "./choose_line_ends.ts";
import type { CsvFormat } from "./csv_format.ts";
import { rivalDelimiter } from "./detect.ts";
import { isDelimiterTold, promisesTabs } from "./told_delimiter.ts";
import { nullMarkDoubts } from "./null_marks.ts";
import { areEnclosedInApostrophes } from "./other_quotes.ts";
import { readPreamble } from "./preamble.ts";

export function doubtsOf(
  sample: Sample,
  format: CsvFormat,
  rule: SourceRule,
  name: string,
): string[] {
  return [
    ...delimiterDoubts(sample, format, rule, name),
    ...quoteDoubts(sample, format, rule),
    ...lineEndDoubts(sample, format),
    ...nullMarkDoubts(sample, format, rule),
  ];
}

function delimiterDoubts(
  { bytes, bomBytes }: Sample,
  format: CsvFormat,
  rule: SourceRule,
  name: string,
): string[] {
  if (isDelimiterTold(rule)) return [];
  if (promisesTabs(rule, name)) {
    return format.delimiter === "\t" ? [] : [noTabs(format.delimiter)];
  }
  const preamble = readPreamble(bytes, format.newline, bomBytes, rule.skip_lines);
  if (preamble === null || preamble.delimiter !== null) return [];
  const rival = rivalDelimiter(bytes.subarray(preamble.start), format.newline, format);
  return rival === null ? [] : [
    `The delimiter is taken to be ${shown(format.delimiter)}, but ${shown(rival)} fits as well. ` +
    "If columns are wrong, name it with --delimiter, or in the definition.",
  ];
}

function quoteDoubts({ bytes, bomBytes }: Sample, format: CsvFormat, rule: SourceRule): string[] {
  if ((rule.quote ?? "auto") !== "auto") return [];
  const preamble = readPreamble(bytes, format.newline, bomBytes, rule.skip_lines);
  if (preamble === null) return [];
  return areEnclosedInApostrophes(bytes.subarray(preamble.start), format) ? [APOSTROPHES] : [];
}

function noTabs(delimiter: string): string {
  return "The file's name promises tabs, but its header has none: its values are read as " +
    `separated by ${shown(delimiter)}. If that is wrong, say --delimiter tab.`;
}

const APOSTROPHES =
  "Values are enclosed in apostrophes ('), which are read as a part of them. If they " +
  'are quotes, say --quote "\'", or `source: {quote: "\'"}` in the definition.';

function shown(delimiter: string): string {
  return delimiter === "\t" ? "tab" : JSON.stringify(delimiter);
}
