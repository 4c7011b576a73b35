/** `\N`, as MySQL and Postgres write NULL, in a file that isn't read like one of theirs. */
import { Buffer } from "node:buffer";
import type { SourceRule } from "../../importer/source_rule.ts";
import type { Sample } from "../record_format.ts";
import type { CsvFormat } from "./csv_format.ts";
import { dialectOf, isDelimiterAt } from "./dialect.ts";

const MARK = "\\N";
const LF = 10, CR = 13;

/** A doubt if a value is `\N`, and the definition doesn't say what that means. */
export function nullMarkDoubts(
  { bytes, bomBytes }: Sample,
  format: CsvFormat,
  { escape = null, null_values: words, unquoted_nulls: unquoted = [] }: SourceRule,
): readonly string[] {
  const known = [...words, ...unquoted];
  // Without any word, all values are meant as they are.
  if (escape !== null || known.length === 0 || known.includes(MARK)) return [];
  const dialect = dialectOf(format);
  const { delimiterBytes } = dialect;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = text.indexOf(MARK); at !== -1; at = text.indexOf(MARK, at + 1)) {
    const before = at - delimiterBytes.length;
    const end = at + MARK.length;
    const begins = at === bomBytes || isLineEnd(bytes[at - 1]) ||
      (before >= 0 && isDelimiterAt(dialect, bytes, before, at));
    const ends = end === bytes.length || isLineEnd(bytes[end]) ||
      isDelimiterAt(dialect, bytes, end, bytes.length);
    if (begins && ends) return [doubt(1 + lineEndsIn(bytes.subarray(0, at)))];
  }
  return [];
}

function doubt(line: number): string {
  return `Line ${line} has the value \\N, which MySQL and Postgres write for NULL. It is read as ` +
    "text. Where it means NULL, set `source: {escape: '\\'}` in the definition or --escape '\\' " +
    "for a file with backslash escapes, `source: {format: copy}` for one that COPY has written, else " +
    "`null_values: [\"\", '\\N']`.";
}

function isLineEnd(byte: number): boolean {
  return byte === LF || byte === CR;
}

function lineEndsIn(bytes: Uint8Array): number {
  const count = (byte: number) => bytes.filter((each) => each === byte).length;
  return count(LF) || count(CR);
}
