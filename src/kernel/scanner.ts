/** Cuts a source into batches and hashes the keys of its records: the planner's pass over it. */
import {
  MAX_RECORD_BYTES,
  type RecordCursor,
  type RecordPosition,
  type RecordReader,
} from "../source/record.ts";
import type { RecordBoundaries, RecordFormat } from "../source/record_format.ts";
import { ANSWER, PLACE } from "./contract.ts";
import { HashedKeys, type Hashes, type ScannedKeys } from "./hashed_keys.ts";
import { Kernel } from "./instance.ts";
import { END, LINE, PLACE_WORDS, START } from "./places.ts";

export interface BatchLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** A batch's extent. Offsets are relative to the window's first byte. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  readonly lines: number;
}

/** Where a record stands: offsets in the window, without the line end; lines before it in the cut. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/** The window over the source is kept in the scanner's own memory (run/supply/source_window.ts). */
export class Scanner {
  readonly #kernel = new Kernel();
  readonly #limits: BatchLimits;
  readonly #maxRecordBytes: number;
  readonly #keys: HashedKeys;
  readonly #boundaries: RecordBoundaries;
  readonly #format: RecordFormat;
  readonly #window: number;
  #capacity: number;
  #firstRow = 1;
  #reader: RecordReader | null = null;
  /** Where the cut begins for which the window was too short; null if the last one was complete. */
  #unfinished: number | null = null;

  /** `keys`: null if records are only counted. `capacity`: of the window at first. */
  constructor(
    format: RecordFormat,
    keys: ScannedKeys | null,
    limits: BatchLimits,
    capacity: number,
    maxRecordBytes: number = MAX_RECORD_BYTES,
  ) {
    const kernel = this.#kernel;
    this.#format = format;
    this.#limits = limits;
    this.#maxRecordBytes = maxRecordBytes;
    this.#boundaries = format.boundaries(maxRecordBytes);
    this.#keys = new HashedKeys(kernel, format, keys, maxRecordBytes);
    // A record has a byte and a line end at least.
    const rows = Math.min(limits.rows, Math.ceil(limits.bytes / 2) + 1);
    this.#keys.makeRoom(rows);
    this.#window = kernel.allocate(0);
    this.#capacity = capacity;
    this.#makeRoom();
  }

  /** Where the window's bytes are to be put: valid until `grow`. */
  get window(): Uint8Array<ArrayBuffer> {
    return this.#kernel.bytes.subarray(this.#window, this.#window + this.#capacity);
  }

  /** Doubles the window, which keeps its bytes. */
  grow(): void {
    this.#capacity *= 2;
    this.#makeRoom();
  }

  /**
   * The next batch from `start` on, in a window of `length` bytes; null if the window ends before
   * it does, and is not the source's last: then the next call is to be for the same batch, wherever
   * in the window it stands by then. Empty lines at the source's end belong to the last batch; a
   * cut of only empty lines has no rows. `firstRow`: the number of its first row.
   */
  cut(start: number, length: number, isLast: boolean, firstRow: number): Cut | null {
    if (start >= length) return null;
    const { exports } = this.#kernel;
    this.#firstRow = firstRow;
    const first = this.#window + start;
    if (this.#unfinished === null) exports.beginCut(first, this.#limits.rows);
    else exports.moveRecords(start - this.#unfinished);
    const enough = Math.min(first + this.#limits.bytes, MAX_I32);
    exports.continueCut(this.#window + length, isLast, enough);
    this.#unfinished = this.#run(isLast) ? null : start;
    if (this.#unfinished !== null) return null;
    return {
      start,
      end: exports.at.value - this.#window,
      rows: exports.count.value,
      lines: exports.lines.value,
    };
  }

  /** The keys of the records of the last cut, one after the other; valid until the next. */
  get hashes(): Hashes {
    return this.#keys.hashes;
  }

  /** Where a record of the last cut stands. */
  place(index: number): Place {
    const { places } = this.#kernel.exports;
    const at = places.value + PLACE.bytes * index;
    const place = new Uint32Array(this.#kernel.bytes.buffer, at, PLACE_WORDS);
    return {
      start: place[START] - this.#window,
      end: place[END] - this.#window,
      line: place[LINE],
    };
  }

  /** A record of the last cut, to be looked at. */
  record(index: number): RecordCursor {
    const { start, line } = this.place(index);
    const at = { offset: start, line, row: this.#firstRow + index };
    // With its line end: a CR before that would be taken for it otherwise.
    const bytes = this.window.subarray(start, this.#kernel.exports.at.value - this.#window);
    const reader = this.#format.reader(bytes, at, this.#maxRecordBytes);
    reader.next();
    return reader;
  }

  /** Until the batch is complete; false if the window ends before that. */
  #run(isLast: boolean): boolean {
    const { exports } = this.#kernel;
    for (;;) {
      switch (exports.hashKeys()) {
        case ANSWER.enough:
          return true;
        case ANSWER.end:
          return isLast;
        case ANSWER.incomplete:
          // One that is longer than any record may be has its end decided.
          if (exports.limit.value - exports.at.value < this.#maxRecordBytes) return false;
          if (!this.#passUnusual(isLast)) return false;
          break;
        case ANSWER.unusual:
          if (!this.#passUnusual(isLast)) return false;
          break;
        case ANSWER.keys:
          this.#keys.hash(this.#firstRow + exports.count.value - 1, exports.recordLine.value);
          break;
        default:
          throw new Error("The kernel answered what it can't");
      }
    }
  }

  /** False if the window ends before the record does. */
  #passUnusual(isLast: boolean): boolean {
    const { exports } = this.#kernel;
    const boundaries = this.#boundaries;
    const at = exports.at.value - this.#window;
    const bytes = this.window.subarray(0, exports.limit.value - this.#window);
    boundaries.advance(bytes, at, 1, Number.MAX_SAFE_INTEGER, isLast);
    if (boundaries.needMore) return false;
    // Of a record that can't be used as a row, only the end matters.
    if (this.#format.delimited !== null) {
      exports.passRecord(this.#window + boundaries.end, boundaries.lines);
    } else {
      this.#readForeign(at, boundaries.end, boundaries.lines);
    }
    return true;
  }

  /** A record of a format that the kernel doesn't know, perhaps with empty lines before it. */
  #readForeign(at: number, end: number, lines: number): void {
    const { exports } = this.#kernel;
    const [next, nextLine] = [this.#window + end, exports.lines.value + lines];
    const row = this.#firstRow + exports.count.value;
    const reader = this.#readerAt(at, end, { offset: at, line: exports.lines.value, row });
    if (!reader.next()) return exports.passBytes(next, nextLine);
    const [start, stop] = [this.#window + reader.start, this.#window + reader.end];
    exports.takeRecord(start, stop, reader.line, next, nextLine);
    this.#keys.hashRecord(reader);
  }

  /** One for all records of a window, as long as that stays where it is. */
  #readerAt(start: number, end: number, at: RecordPosition): RecordReader {
    if (this.#reader?.bytes.buffer !== this.#kernel.bytes.buffer) {
      this.#reader = this.#format.reader(this.window, at, this.#maxRecordBytes);
    }
    this.#reader.moveTo(start, end, at);
    return this.#reader;
  }

  /** A value is never longer than the window, and at most twice as long when it is escaped. */
  #makeRoom(): void {
    this.#kernel.release(this.#window);
    this.#kernel.allocate(this.#capacity);
    this.#reader = null;
    this.#kernel.exports.setScratch(this.#kernel.allocate(2 * this.#capacity));
  }
}

const MAX_I32 = 2 ** 31 - 1;
