/** Lines at a file's end that are no rows: totals, signatures. */
import type { SourceRule } from "../importer/source_rule.ts";
import { DELIMITERS } from "./csv/detect.ts";
import { SourceError } from "./error.ts";
import { readUpTo } from "./file/range.ts";

const CR = 0x0d, LF = 0x0a;
/** Longer footers are refused. */
const READ_BYTES = 1024 * 1024;
const SHOWN_CHARACTERS = 60;

export interface Footer {
  /** Byte offset of its first line. */
  readonly start: number;
  /** What it is, in a sentence. */
  readonly note: string;
}

/**
 * The last lines before `end`, as many as `rule` says, without counting blank ones, and those of
 * delimiters only if they are no rows anyway. Null if there are none.
 */
export async function findFooter(
  path: string,
  end: number,
  { skip_footer: lines = 0, skip_empty_rows = true, delimiter }: SourceRule,
  lineEnds: readonly number[] = [LF, CR],
): Promise<Footer | null> {
  const delimiters = delimiter === "auto" ? DELIMITERS.join("") : delimiter;
  const ignored = encoder.encode(BLANKS + (skip_empty_rows ? delimiters : ""));
  const from = Math.max(0, end - READ_BYTES);
  const bytes = await readUpTo(path, from, end);
  let start = bytes.length;
  let found = 0;
  let lineEnd = bytes.length;
  for (let i = bytes.length; i >= 0 && found < lines; i--) {
    if (i > 0 && !lineEnds.includes(bytes[i - 1])) continue;
    if (i === 0 && from > 0) throw tooLong(lines);
    if (!bytes.subarray(i, lineEnd).every((byte) => ignored.includes(byte))) {
      found++;
      start = i;
    }
    lineEnd = i;
  }
  if (found === 0) return null;
  const text = decoder.decode(bytes.subarray(start)).trim().replace(/\s*[\r\n]+\s*/gu, " / ");
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  const what = found === 1 ? "The last line is" : `The last ${found} lines are`;
  return {
    start: from + start,
    note: `${what} left out, as skip_footer says: ${JSON.stringify(shown)}.`,
  };
}

const decoder = new TextDecoder();

const encoder = new TextEncoder();
const BLANKS = " \t\r\n";

function tooLong(lines: number): SourceError {
  return new SourceError(
    `The last ${lines} lines of the file (skip_footer) are longer than 1 MB. Check skip_footer.`,
  );
}
