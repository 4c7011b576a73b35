/** Finds the rows in a dump: between `COPY … FROM stdin;` and a line `\.`. */
import { Buffer } from "node:buffer";
import { SourceError } from "../error.ts";
import { readUpTo } from "../file/range.ts";
import type { LocalFile } from "../record_format.ts";
import type { CopyBlock } from "./copy_format.ts";

const LF = 0x0a;
/** Tables may be small, and many. */
const LEAST_PIECE = 64 * 1024, PIECE = 4 * 1024 * 1024;
/** Statements of more than this are none of ours: the names of 1,600 columns are shorter. */
const LONGEST_STATEMENT = 256 * 1024;

export interface FoundBlock extends CopyBlock {
  /** Byte offset after its last row. */
  readonly end: number;
  /** The file has the line that ends it. */
  readonly isWhole: boolean;
  readonly isEmpty: boolean;
}

const STATEMENT = /^COPY (.+?) (?:\((.*)\) )?FROM stdin;$/iu;

/** The table and the columns of a line, null if it doesn't begin rows. */
export function readStatement(line: string): Pick<CopyBlock, "table" | "columns"> | null {
  const found = STATEMENT.exec(line.trimEnd());
  if (found === null) return null;
  const [, table, columns = ""] = found;
  return { table, columns: identifiers(columns) };
}

/** `a, "B ""c"""`: names in quotes are as they stand. */
function identifiers(list: string): string[] {
  const names = list.match(/"(?:[^"]|"")*"|[^",\s]+/gu) ?? [];
  return names.map((name) => name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);
}

/** All blocks of the file, in order. It is read once, and nothing of it is kept. */
export async function findBlocks(file: LocalFile): Promise<readonly FoundBlock[]> {
  const blocks: FoundBlock[] = [];
  let open: Omit<FoundBlock, "end" | "isWhole" | "isEmpty"> | null = null;
  let line = 1;
  let at = 0;
  let size = LEAST_PIECE;
  while (at < file.end) {
    const bytes = await readUpTo(file.path, at, Math.min(at + size, file.end));
    if (bytes.length === 0) break;
    const isLast = at + bytes.length >= file.end;
    // Faster to search than bytes, four times.
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    // `at` is always the beginning of a line.
    const mark = open === null ? "COPY " : "\\.";
    const found = lineThatBegins(text, mark, isLast);
    if (found === null) {
      const passed = isLast ? text.length : text.lastIndexOf("\n") + 1;
      // A row may be longer than a piece.
      size = passed === 0 ? 2 * size : Math.min(2 * size, PIECE);
      line += countLines(bytes, 0, passed);
      at += passed;
      continue;
    }
    size = LEAST_PIECE;
    line += countLines(bytes, 0, found.start);
    const next = at + found.end;
    if (open !== null) {
      const isEnd = found.text.trimEnd() === "\\.";
      if (isEnd) {
        const end = at + found.start;
        blocks.push({ ...open, end, isWhole: true, isEmpty: end === open.start });
        open = null;
      }
    } else if (found.text.length < LONGEST_STATEMENT) {
      const statement = readStatement(utf8(bytes, found.start, found.end));
      if (statement !== null) open = { ...statement, start: next, line: line + 1 };
    }
    line++;
    at = next;
  }
  if (open !== null) {
    blocks.push({ ...open, end: file.end, isWhole: false, isEmpty: open.start >= file.end });
  }
  return blocks;
}

interface FoundLine {
  readonly start: number;
  /** After its line end. */
  readonly end: number;
  readonly text: string;
}

/** The first line of the text that begins with `mark`, if all of it is there. */
function lineThatBegins(text: string, mark: string, isLast: boolean): FoundLine | null {
  let start = text.startsWith(mark) ? 0 : text.indexOf(`\n${mark}`);
  if (start === -1) return null;
  if (start > 0 || !text.startsWith(mark)) start++;
  const lineEnd = text.indexOf("\n", start);
  if (lineEnd === -1 && !isLast) return null;
  const end = lineEnd === -1 ? text.length : lineEnd + 1;
  return { start, end, text: text.slice(start, end) };
}

function utf8(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder().decode(bytes.subarray(start, end));
}

function countLines(bytes: Uint8Array, from: number, to: number): number {
  let lines = 0;
  for (let i = bytes.indexOf(LF, from); i !== -1 && i < to; i = bytes.indexOf(LF, i + 1)) lines++;
  return lines;
}

/** Throws SourceError. */
export function chooseBlock(
  blocks: readonly FoundBlock[],
  wanted: string | null,
  name: string,
): FoundBlock {
  if (wanted !== null) {
    const named = blocks.filter(({ table }) => isNamed(table, wanted));
    if (named.length === 1) return named[0];
    const why = named.length === 0
      ? `it has no rows of the table ${wanted} (source.records), but of ${listed(blocks)}`
      : `it has rows of ${wanted} in ${named.length} places, of which only one can be read. ` +
        "Dump the table by itself, or load each part from a file of its own";
    throw new SourceError(`Cannot import ${name}: ${why}.`, { choice: choiceOf(blocks) });
  }
  if (blocks.length === 1) return blocks[0];
  throw new SourceError(
    `Cannot import ${name}: it has the rows of several tables, ${listed(blocks)}. Say which one ` +
      `with --records, or in the definition: \`source: {records: ${blocks[0].table}}\`.`,
    { choice: choiceOf(blocks) },
  );
}

/** With or without its schema. */
function isNamed(table: string, wanted: string): boolean {
  const plain = (text: string) => text.replaceAll('"', "");
  return plain(table) === plain(wanted) || plain(table).endsWith(`.${plain(wanted)}`);
}

const MOST_CHOICES = 200, MOST_LISTED = 10;

function choiceOf(blocks: readonly FoundBlock[]) {
  const names = [...new Set(blocks.map(({ table }) => table))].slice(0, MOST_CHOICES);
  return { setting: "records", names } as const;
}

function listed(blocks: readonly FoundBlock[]): string {
  const names = [...new Set(blocks.map(({ table }) => table))];
  const more = names.length - MOST_LISTED;
  const shown = names.slice(0, MOST_LISTED).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
