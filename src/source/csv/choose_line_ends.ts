/** Decides what ends the lines of a file, by its first bytes. */
import type { SourceRule } from "../../importer/source_rule.ts";
import type { Rewriting, Sample } from "../record_format.ts";
import type { CsvFormat } from "./csv_format.ts";
import { DELIMITERS } from "./detect.ts";
import { CR, LF } from "./dialect.ts";
import { readPreamble } from "./preamble.ts";
import {
  countLineEnds,
  hasOnlyLf,
  lfStream,
  type LineEndCounts,
  type QuoteRules,
  withLf,
} from "./line_ends.ts";
import { CsvReader } from "./reader.ts";

export interface LineEnds {
  readonly newline: CsvFormat["newline"];
  /** Null if the file can be read as it is. */
  readonly rewriting: Rewriting | null;
  /** How the line ends were told from those within quotes; null if there was no need. */
  readonly rules: QuoteRules | null;
}

/** How a sample would be read. */
export type Settle = (sample: Sample, newline: CsvFormat["newline"]) => CsvFormat;

const LF_ONLY: LineEnds = { newline: "lf", rewriting: null, rules: null };

export function chooseLineEnds(sample: Sample, rule: SourceRule, settle: Settle): LineEnds {
  const { bytes } = sample;
  if (hasOnlyLf(bytes)) return LF_ONLY;
  const rules = quoteRules(sample, rule, settle);
  // The sample may end between a CR and its LF.
  const isCut = !sample.isWhole && bytes[bytes.length - 1] === CR;
  const counts = countLineEnds(isCut ? bytes.subarray(0, -1) : bytes, rules);
  const { cr, lf, crlf, crcrlf } = counts;
  if (cr + crcrlf === 0) return LF_ONLY;
  if (lf + crlf + crcrlf === 0) return { newline: "cr", rewriting: null, rules };
  // A lone CR in a file of LFs ends a row only if there are rows on both sides of it.
  const areStray = cr < lf + crlf + crcrlf && crcrlf === 0 &&
    !endsRows(sample, rule, rules, settle);
  if (areStray) return LF_ONLY;
  return {
    newline: "lf",
    rewriting: { stream: () => lfStream(rules), notes: () => [describe(counts)] },
    rules,
  };
}

/** A file that mixes LF and CRLF can be read as it is, but a row may have been broken in two. */
export function lineEndDoubts({ bytes }: Sample, format: CsvFormat): string[] {
  if (format.newline !== "lf" || !mixesLfAndCrlf(bytes)) return [];
  const counts = countLineEnds(bytes, rulesOf(format, [lastByte(format.delimiter)]));
  return counts.lf > 0 && counts.crlf > 0 ? [describe(counts)] : [];
}

function rulesOf(
  { quote = '"', escape }: CsvFormat,
  delimiters: readonly number[],
): QuoteRules {
  return {
    quote: quote === null ? -1 : quote.charCodeAt(0),
    delimiters,
    // Doubled quotes are known anyway.
    escape: escape === undefined || escape === quote ? -1 : escape.charCodeAt(0),
  };
}

function lastByte(text: string): number {
  return new TextEncoder().encode(text).at(-1) ?? 0;
}

/** Within quotes as well: a fast check that finds nearly all files as they should be. */
function mixesLfAndCrlf(bytes: Uint8Array): boolean {
  if (!bytes.includes(CR)) return false;
  let [lf, crlf] = [false, false];
  for (let i = bytes.indexOf(LF); i !== -1 && !(lf && crlf); i = bytes.indexOf(LF, i + 1)) {
    if (bytes[i - 1] === CR) crlf = true;
    else lf = true;
  }
  return lf && crlf;
}

function quoteRules(sample: Sample, rule: SourceRule, settle: Settle): QuoteRules {
  const named = rule.delimiter === "auto" ? DELIMITERS : [rule.delimiter];
  const delimiters = named.map(lastByte);
  // If quotes are ordinary characters, the lines tell so.
  const lines = { ...sample, bytes: withLf(sample.bytes, { quote: -1, delimiters }) };
  return rulesOf(settle(lines, "lf"), delimiters);
}

/** Do fewer rows have another number of fields than the first one if lone CRs end rows? */
function endsRows(sample: Sample, rule: SourceRule, rules: QuoteRules, settle: Settle): boolean {
  const cut = { ...sample, bytes: withLf(sample.bytes, rules) };
  const format = settle(cut, "lf");
  return raggedBytes(cut, rule, format) < raggedBytes(sample, rule, format);
}

function raggedBytes(sample: Sample, { skip_lines }: SourceRule, format: CsvFormat): number {
  const { bytes, bomBytes } = sample;
  const start = readPreamble(bytes, "lf", bomBytes, skip_lines)?.start ?? bytes.length;
  const reader = new CsvReader(bytes.subarray(start), format, { offset: 0, line: 1, row: 1 }, null);
  let ragged = 0;
  let width = 0;
  while (reader.next()) {
    if (width === 0) width = reader.fieldCount;
    if (reader.fieldCount !== width) ragged += reader.end - reader.start;
  }
  return ragged;
}

const NAMES: readonly (readonly [keyof LineEndCounts, string])[] = [
  ["lf", "LF"],
  ["crlf", "CRLF"],
  ["cr", "CR"],
  ["crcrlf", "CR CR LF"],
];

function describe(counts: LineEndCounts): string {
  const kinds = NAMES.filter(([kind]) => counts[kind] > 0).map(([, name]) => name);
  const names = kinds.length === 1
    ? kinds[0]
    : `${kinds.slice(0, -1).join(", ")} or ${kinds[kinds.length - 1]}`;
  return `The file's lines end with ${names}. Each of these ends a row.`;
}
