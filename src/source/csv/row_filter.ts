/**
 * Rows that are no data: those that the definition leaves out (`skip_rows`), and headers that are
 * repeated where files were joined. The file is copied without them. An empty line stands in the
 * place of each line, so that all other rows keep their line numbers.
 */
import { Buffer } from "node:buffer";
import { type Pattern, PatternTooSlow } from "../../pattern/pattern.ts";
import { MAX_RECORD_BYTES } from "../record.ts";
import type { LongRecordEnd, Rewriting } from "../record_format.ts";
import { BoundaryScanner } from "./boundaries.ts";
import type { CsvFormat } from "./csv_format.ts";
import { type Dialect, dialectOf } from "./dialect.ts";
import { reachFrom, UNDECIDED } from "../reach.ts";
import type { RowTest } from "./wanted_rows.ts";
import { passSkippedLine } from "./skipped_lines.ts";
import { utf8Marks } from "../encoding/encoding.ts";
import { SourceError } from "../error.ts";

export interface RowFilter {
  /** Regular expressions for the text of a row, as it is in the file. */
  readonly patterns: readonly Pattern[];
  /** The header's text, if its repetitions are left out. */
  readonly header: string | null;
  /** Rows for which this doesn't hold are left out, too. */
  readonly isWanted?: RowTest | null;
}

/** How many lines a note names. */
const NAMED_LINES = 5;

/** Where rows begin in the file: byte offset and physical line. */
export interface FirstRow {
  readonly dataStart: number;
  readonly dataLine: number;
}

export function filterRows(filter: RowFilter, format: CsvFormat, first: FirstRow): Rewriting {
  const cleaner = new RowCleaner(filter, format, first);
  return {
    stream: () =>
      new TransformStream({
        transform: (chunk, to) => to.enqueue(cleaner.push(chunk, false)),
        flush: (to) => to.enqueue(cleaner.push(new Uint8Array(), true)),
      }),
    notes: () => cleaner.notes(),
  };
}

/** Does a row of the sample repeat the header? */
export function repeatsHeader(
  bytes: Uint8Array,
  format: CsvFormat,
  first: FirstRow,
  header: string,
): boolean {
  // Nearly always, its text isn't there, which is found out fast.
  if (
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(header, first.dataStart) < 0
  ) {
    return false;
  }
  const cleaner = new RowCleaner({ patterns: [], header }, format, first);
  cleaner.push(bytes, true);
  return cleaner.notes().length > 0;
}

/** A row's text without its line end and byte order marks. */
export function rowText(bytes: Uint8Array): string {
  let start = utf8Marks(bytes);
  let end = bytes.length;
  while (start < end && isLineEnd(bytes[start])) start++;
  while (end > start && isLineEnd(bytes[end - 1])) end--;
  return decoder.decode(bytes.subarray(start, end));
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function isLineEnd(byte: number): boolean {
  return byte === 10 || byte === 13;
}

class RowCleaner {
  readonly #filter: RowFilter;
  readonly #newline: number;
  readonly #dialect: Dialect;
  readonly #scanner: BoundaryScanner;
  /** The row that is too long and in whose middle the next bytes begin. */
  #long: LongRecordEnd | null = null;
  /** Bytes before the first row that are still to come. */
  #before: number;
  #line: number;
  #rest = new Uint8Array();
  readonly #matched: number[] = [];
  readonly #headers: number[] = [];
  readonly #unwanted: number[] = [];
  #counts = { matched: 0, headers: 0, unwanted: 0 };

  constructor(filter: RowFilter, format: CsvFormat, { dataStart, dataLine }: FirstRow) {
    this.#filter = filter;
    this.#dialect = dialectOf(format);
    this.#newline = this.#dialect.newline;
    this.#scanner = new BoundaryScanner(format);
    this.#before = dataStart;
    this.#line = dataLine;
  }

  /** Returns what can be written so far. */
  push(chunk: Uint8Array, isLast: boolean): Uint8Array<ArrayBuffer> {
    const bytes = joined(this.#rest, chunk);
    // Never longer than what was read: a row has at least as many bytes as lines.
    const out = new Uint8Array(bytes.length);
    let length = 0;
    let at = Math.min(this.#before, bytes.length);
    this.#before -= at;
    out.set(bytes.subarray(0, at));
    length += at;
    while (at < bytes.length && this.#before === 0) {
      const { end, lines, isRow } = this.#next(bytes, at, isLast);
      if (end === at) break;
      const row = bytes.subarray(at, end);
      if (isRow && (this.#isLeftOut(row) || this.#isUnwanted(bytes, at, end))) {
        out.fill(this.#newline, length, length + lines);
        length += lines;
      } else {
        out.set(row, length);
        length += row.length;
      }
      this.#line += lines;
      at = end;
    }
    this.#rest = bytes.slice(at);
    return out.subarray(0, length);
  }

  /** A row, a line that is none, or some of a row that is too long; nothing if it isn't complete. */
  #next(
    bytes: Uint8Array,
    at: number,
    isLast: boolean,
  ): { readonly end: number; readonly lines: number; readonly isRow: boolean } {
    const long = this.#long;
    if (long !== null) {
      const before = long.lines;
      const end = long.take(bytes, at, bytes.length);
      if (end !== -1) this.#long = null;
      const lines = long.lines - before;
      return { end: end === -1 ? bytes.length : end, lines, isRow: false };
    }
    const reach = reachFrom(at, MAX_RECORD_BYTES, bytes.length, isLast);
    const passed = passSkippedLine(this.#dialect, bytes, at, reach);
    if (passed === UNDECIDED) return { end: at, lines: 0, isRow: false };
    if (passed > at) return { end: passed, lines: 1, isRow: false };
    const scanner = this.#scanner;
    scanner.advance(bytes, at, 1, Number.MAX_SAFE_INTEGER, isLast);
    this.#long = scanner.long;
    return { end: scanner.end, lines: scanner.lines, isRow: scanner.long === null };
  }

  notes(): string[] {
    const { matched, headers, unwanted } = this.#counts;
    return [
      ...(matched === 0 ? [] : [`Left out, as skip_rows says: ${named(matched, this.#matched)}.`]),
      ...(headers === 0
        ? []
        : [`Left out, since the header is repeated there: ${named(headers, this.#headers)}.`]),
      ...(unwanted === 0
        ? []
        : [`Left out, as source.when says: ${named(unwanted, this.#unwanted)}.`]),
    ];
  }

  #isLeftOut(row: Uint8Array): boolean {
    const text = rowText(row);
    if (text === "") return false;
    if (text === this.#filter.header) return this.#count("headers", this.#headers);
    if (!this.#filter.patterns.some((pattern) => matches(pattern, text, this.#line))) return false;
    return this.#count("matched", this.#matched);
  }

  #isUnwanted(bytes: Uint8Array, start: number, end: number): boolean {
    const { isWanted = null } = this.#filter;
    if (isWanted === null || isWanted(bytes, start, end, this.#line)) return false;
    return this.#count("unwanted", this.#unwanted);
  }

  #count(kind: "matched" | "headers" | "unwanted", lines: number[]): true {
    this.#counts[kind]++;
    if (lines.length < NAMED_LINES) lines.push(this.#line);
    return true;
  }
}

function named(count: number, lines: readonly number[]): string {
  const rows = count === 1 ? "1 row" : `${count} rows`;
  const more = count > lines.length ? " …" : "";
  return `${rows} (line${lines.length === 1 ? "" : "s"} ${lines.join(", ")}${more})`;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function matches(pattern: Pattern, text: string, line: number): boolean {
  try {
    return pattern.test(text);
  } catch (error) {
    if (!(error instanceof PatternTooSlow)) throw error;
    throw new SourceError(
      `Line ${line} takes too long to compare with skip_rows. Simplify its patterns.`,
    );
  }
}
