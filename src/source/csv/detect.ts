/** Detects the delimiter: pure functions over a file's first bytes. */
import type { CsvFormat } from "./csv_format.ts";
import { CsvReader } from "./reader.ts";

/** Those that spreadsheets know, too. */
export const DELIMITERS: readonly string[] = [",", ";", "\t", "|"];

/** Looked for only if the header has it. */
const BROKEN_BAR = "¦";

/** How many records are read for each delimiter. */
const DETECTION_RECORDS = 200;

/**
 * The delimiter for which the records, including the header, agree best on their number of fields;
 * more fields are better. Returns `,` if no delimiter separates anything. `sample` begins with the
 * header, in UTF-8 or another encoding that extends ASCII.
 */
export function detectDelimiter(
  sample: Uint8Array,
  newline: CsvFormat["newline"] = "lf",
  named: Partial<CsvFormat> = {},
): string {
  const [{ delimiter, score }] = rateDelimiters(sample, newline, named);
  if (delimiter !== "|" || !isDoubled(headerLine(sample), "|")) return delimiter;
  const doubled = agreement(sample, {
    type: "csv",
    newline,
    grammar: 2,
    ...named,
    delimiter: "||",
  });
  return doubled + CLEAR_LEAD > score ? "||" : delimiter;
}

/** Does the delimiter stand in pairs only, with a name on either side? */
function isDoubled(header: string, delimiter: string): boolean {
  const names = header.split(delimiter.repeat(2));
  return names.length > 1 &&
    names.every((name) => name.trim() !== "" && !name.includes(delimiter));
}

function headerLine(sample: Uint8Array): string {
  const end = sample.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return new TextDecoder().decode(sample.subarray(0, end === -1 ? sample.length : end));
}

/** Another delimiter for which the records agree about as well; null if there is none. */
export function rivalDelimiter(
  sample: Uint8Array,
  newline: CsvFormat["newline"] = "lf",
  named: Partial<CsvFormat> = {},
): string | null {
  const [best, second] = rateDelimiters(sample, newline, named);
  const isClose = second.score > LEAST_AGREEMENT && best.score - second.score < CLEAR_LEAD;
  return isClose ? second.delimiter : null;
}

/** Whatever agrees less is no delimiter, or much less than another one. */
const LEAST_AGREEMENT = 0.8;
const CLEAR_LEAD = 0.1;

/** All delimiters that the header may have, the best first. */
function rateDelimiters(
  sample: Uint8Array,
  newline: CsvFormat["newline"],
  named: Partial<CsvFormat>,
) {
  const { quote, escape, comment } = named;
  const known = headerLine(sample).includes(BROKEN_BAR) ? [...DELIMITERS, BROKEN_BAR] : DELIMITERS;
  const possible = known.filter((one) => one !== quote && one !== escape && one !== comment?.[0]);
  return possible.map((delimiter) => ({
    delimiter,
    score: agreement(sample, { type: "csv", newline, grammar: 2, ...named, delimiter }),
  })).toSorted((one, other) => other.score - one.score);
}

/** 0 if the delimiter separates nothing; else a score, higher the better the records agree. */
function agreement(sample: Uint8Array, format: CsvFormat): number {
  const reader = new CsvReader(sample, format, { offset: 0, line: 1, row: 1 }, null);
  const counts: number[] = [];
  let reached = 0;
  while (counts.length < DETECTION_RECORDS && reader.next()) {
    counts.push(reader.defect?.code === "malformed" ? 0 : reader.fieldCount);
    // Decimals and addresses contain commas, and notes contain semicolons, but headers rarely do. So
    // a delimiter that doesn't separate the header is ruled out.
    if (counts[0] === 1) return 0;
    reached = reader.end;
  }
  // The sample may cut its last record short.
  if (reached === sample.length && counts.length > 1) counts.pop();

  const seen = new Map<number, number>();
  for (const count of counts) seen.set(count, (seen.get(count) ?? 0) + 1);
  let usual = 0;
  for (const [count, times] of seen) {
    if (count > 1 && times >= (seen.get(usual) ?? 0)) usual = count;
  }
  if (usual === 0) return 0;
  const share = (seen.get(usual) ?? 0) / counts.length;
  // A delimiter that gives the header another number of fields than the rows loses more than it
  // would by ragged rows.
  const header = counts[0] === usual ? 1 : 0.1;
  // Agreement counts first, the number of fields second: it never adds more than a hundredth.
  return Math.round(share * header * 20) / 20 + Math.min(usual, 1000) / 1e5;
}
