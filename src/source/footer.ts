/** Lines at a file's end that are no rows: totals, signatures. */
import { SourceError } from "./error.ts";
import { readUpTo } from "./range.ts";

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

/** The last `lines` lines before `end`, without counting blank ones. Null if there are none. */
export async function findFooter(path: string, end: number, lines: number): Promise<Footer | null> {
  const from = Math.max(0, end - READ_BYTES);
  const bytes = await readUpTo(path, from, end);
  let start = bytes.length;
  let found = 0;
  let lineEnd = bytes.length;
  for (let i = bytes.length; i >= 0 && found < lines; i--) {
    if (i > 0 && bytes[i - 1] !== LF && bytes[i - 1] !== CR) continue;
    if (i === 0 && from > 0) throw tooLong(lines);
    if (!isBlank(bytes.subarray(i, lineEnd))) {
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

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === CR || byte === LF);
}

function tooLong(lines: number): SourceError {
  return new SourceError(
    `The last ${lines} lines of the file (skip_footer) are longer than 1 MB. Check skip_footer.`,
  );
}
