/** Reads a file from its first row to its last, cut into pieces. */
import type { ScannedKeys } from "../../kernel/hashed_keys.ts";
import { type BatchLimits, type Cut, Scanner } from "../../kernel/scanner.ts";
import type { PlanPosition } from "../../ledger/batches/plan.ts";
import type { BegunPart, FilePart } from "../../ledger/runs/run_files.ts";
import type { ResolvedSource } from "../../source/resolved_source.ts";
import { inWordsOf, recordFormat } from "../../source/format.ts";
import { utf8Marks } from "../../source/encoding/encoding.ts";
import { type Identity, PlannedIdentifier } from "../../source/file/identity.ts";
import { MAX_RECORD_BYTES } from "../../source/record.ts";
import type { LongRecordEnd } from "../../source/record_format.ts";
import { readRange } from "../../source/file/range.ts";
import { FilePiece } from "./file_piece.ts";
import type { RowReader } from "./row_supply.ts";
import { PartCursor } from "./file_parts.ts";
import { shareOfRest } from "./share_of_rest.ts";
import { SourceNotes } from "./source_notes.ts";
import { SourceWindow } from "./source_window.ts";

/**
 * The window over the file, in bytes: three pieces of the usual size, or all of a smaller file. It
 * grows for larger pieces.
 */
const SMALLEST_WINDOW = 4_000_000, LARGEST_WINDOW = 12_500_000;

/** A quote that isn't closed for so many bytes is stray. A value that long can't be loaded anyway. */
const LOOK_AHEAD = 256 * 1024 * 1024;

export interface ReadableFile extends
  Pick<
    ResolvedSource,
    "path" | "format" | "header" | "data_start" | "data_line" | "data_end" | "size"
  > {
  /** The files that it was made of, from the first row to the last. Default: it is one file. */
  readonly parts?: readonly FilePart[];
}

const NONE = { count: 0, line: 0 };

/** The longest header whose repetitions are looked for, in bytes. */
const LONGEST_HEADER = 64 * 1024;

/**
 * The line before the first row. It is the header, unless that has line breaks in it, or other lines
 * were left out after it.
 */
async function readHeaderLine({ path, data_start, header }: ReadableFile): Promise<Uint8Array> {
  const bytes = await readRange(path, Math.max(0, data_start - LONGEST_HEADER), data_start);
  let end = bytes.length;
  while (end > 0 && isLineEnd(bytes[end - 1])) end--;
  let start = end;
  while (start > 0 && !isLineEnd(bytes[start - 1])) start--;
  // A single name may well be a value.
  if (header.length < 2 || (start === 0 && data_start > LONGEST_HEADER)) return new Uint8Array();
  return bytes.slice(start + utf8Marks(bytes.subarray(start, end)), end);
}

/** What lies around the rows may be long: NULs at the end, or the other values of a JSON document. */
async function addRange(
  identifier: PlannedIdentifier,
  path: string,
  from: number,
  to: number,
): Promise<void> {
  const buffer = new Uint8Array(Math.max(0, Math.min(SMALLEST_WINDOW, to - from)));
  for (let at = from; at < to; at += buffer.length) {
    identifier.add(await readRange(path, at, Math.min(at + buffer.length, to), buffer));
  }
}

function isLineEnd(byte: number): boolean {
  return byte === 10 || byte === 13;
}

function endOf({ data_end, size }: ReadableFile): number {
  return data_end ?? size;
}

/** Of a file's last batches. */
const LEAST_BATCH_BYTES = 1_500_000;

export class FileReader implements RowReader {
  readonly #file: ReadableFile;
  readonly #scanner: Scanner;
  readonly #window: SourceWindow;
  readonly #limits: BatchLimits;
  readonly #notes = new SourceNotes();
  /** Where the next piece begins in the window. */
  #start = 0;
  #position: PlanPosition;
  /** The record that is too long and in whose middle the next piece begins. */
  #tail: LongRecordEnd | null = null;
  readonly #parts: PartCursor;
  /** May the next piece, which begins a part, be read together with the one before it? */
  #joins = false;
  /** Of the bytes so far; null if nobody asks. */
  readonly #identifier: PlannedIdentifier | null;

  private constructor(
    file: ReadableFile,
    scanner: Scanner,
    window: SourceWindow,
    limits: BatchLimits,
    identifier: PlannedIdentifier | null,
  ) {
    this.#file = file;
    this.#identifier = identifier;
    this.#limits = limits;
    this.#scanner = scanner;
    this.#window = window;
    this.#parts = new PartCursor(file.parts ?? [], endOf(file));
    this.#position = { bytes: file.data_start, rows: 0, lines: file.data_line - 1 };
    this.#beginParts();
  }

  /**
   * `keys`: null if records are only counted. `identifies`: asked for its identity at the end. Throws
   * SourceError.
   */
  static async open(
    file: ReadableFile,
    keys: ScannedKeys | null,
    limits: BatchLimits,
    identifies = false,
  ): Promise<FileReader> {
    const { path, format, header, data_start } = file;
    const records = recordFormat(format, header);
    const line = await readHeaderLine(file);
    const usual = Math.min(LARGEST_WINDOW, Math.max(SMALLEST_WINDOW, 4 * limits.bytes));
    const windowBytes = Math.max(1, Math.min(usual, endOf(file) - data_start));
    const scanner = new Scanner(records, keys, limits, windowBytes, MAX_RECORD_BYTES, line);
    const window = await SourceWindow.open(path, data_start, endOf(file), scanner);
    const identifier = identifies ? new PlannedIdentifier() : null;
    if (identifier !== null) await addRange(identifier, path, 0, data_start);
    return new FileReader(file, scanner, window, limits, identifier);
  }

  get position(): PlanPosition {
    return this.#position;
  }

  get atEnd(): boolean {
    return this.#position.bytes >= endOf(this.#file);
  }

  get notes(): readonly string[] {
    return inWordsOf(this.#file.format, this.#notes.list());
  }

  /** The parts in which the pieces so far have begun, and the rows before each. */
  get begun(): readonly BegunPart[] {
    return this.#parts.begun;
  }

  async next(): Promise<FilePiece | null> {
    while (!this.atEnd) {
      const piece = this.#tail === null ? await this.#cut() : this.#passTail(this.#tail);
      if (piece !== null) {
        this.#beginParts();
        return piece;
      }
      await this.#window.moveOn(this.#start);
      this.#start = 0;
    }
    return null;
  }

  async identify(): Promise<Identity | null> {
    if (this.#identifier === null) return null;
    const { path, size } = this.#file;
    await addRange(this.#identifier, path, endOf(this.#file), size);
    return this.#identifier.end();
  }

  close(): void {
    this.#window.close();
  }

  /** Null if the window is too short. */
  async #cut(): Promise<FilePiece | null> {
    const { length, isLast } = this.#ofPart();
    const firstRow = this.#position.rows + 1;
    const left = endOf(this.#file) - this.#position.bytes;
    const bytes = shareOfRest(this.#limits.bytes, left, LEAST_BATCH_BYTES);
    let cut = this.#scanner.cut(this.#start, length, isLast, firstRow, false, bytes);
    if (cut?.long?.mayBeOpen === true && !await this.#closes(cut.long, cut.end)) {
      cut = this.#scanner.cut(this.#start, length, isLast, firstRow, true, bytes);
    }
    if (cut === null) return null;
    this.#tail = cut.long;
    return this.#take(cut);
  }

  /** Is the quote closed that is open at `from`, an index in the window? */
  async #closes(long: LongRecordEnd, from: number): Promise<boolean> {
    const window = this.#window;
    const { length } = this.#ofPart();
    const ahead = long.clone();
    const { end } = this.#parts;
    if (window.offset + from === end) return true;
    if (ahead.take(window.bytes, from, length) !== -1) return true;
    const farthest = Math.min(end, window.offset + from + LOOK_AHEAD);
    let at = window.offset + length;
    while (at < farthest) {
      const bytes = await readRange(this.#file.path, at, Math.min(at + SMALLEST_WINDOW, farthest));
      if (ahead.take(bytes, 0, bytes.length) !== -1) return true;
      at += bytes.length;
    }
    return !ahead.isOpen;
  }

  /** Passes the rest of a record that is too long, or as much of it as the window has. */
  #passTail(long: LongRecordEnd): FilePiece | null {
    const { bytes } = this.#window;
    const { length, isLast } = this.#ofPart();
    const start = this.#start;
    if (start >= length) return null;
    const before = long.lines;
    const found = long.take(bytes, start, length);
    if (found !== -1 || isLast) this.#tail = null;
    return this.#take({
      start,
      end: found === -1 ? length : found,
      rows: 0,
      lines: long.lines - before,
      suspects: NONE,
      repeats: NONE,
      fittedRows: 0,
      skipped: { emptyRows: 0, comments: 0 },
      long: null,
      endsUnusually: true,
    });
  }

  /** How much of the window belongs to the part, and whether the part ends there. */
  #ofPart(): { readonly length: number; readonly isLast: boolean } {
    const { length, offset } = this.#window;
    const left = this.#parts.end - offset;
    return { length: Math.min(length, left), isLast: length >= left };
  }

  /** Goes on to the next parts as soon as all of one is read. */
  #beginParts(): void {
    const line = this.#parts.beginAt(this.#position);
    if (line !== null) this.#position = { ...this.#position, lines: line - 1 };
  }

  #take(cut: Cut): FilePiece {
    const from = this.#position;
    this.#notes.add(cut, from.lines + 1, this.#parts.name);
    const joins = this.#joins && from.bytes === this.#parts.start;
    this.#joins = !cut.endsUnusually;
    const piece = new FilePiece(this.#scanner, this.#window.bytes, cut, from, joins);
    this.#identifier?.add(piece.bytes, piece.crc);
    this.#start = cut.end;
    this.#position = {
      bytes: from.bytes + cut.end - cut.start,
      rows: from.rows + cut.rows,
      lines: from.lines + cut.lines,
    };
    return piece;
  }
}
