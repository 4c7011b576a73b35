/** Cuts a source into batches and hashes the keys of its records, for the planner's pass. */
import {
  MAX_RECORD_BYTES,
  type RecordCursor,
  type RecordPosition,
  type RecordReader,
} from "../source/record.ts";
import type { LongRecordEnd, RecordBoundaries, RecordFormat } from "../source/record_format.ts";
import { ANSWER, PLACE } from "./contract.ts";
import { type CutNotes, NoteTaker } from "./cut_notes.ts";
import { HashedKeys, type Hashes, type ScannedKeys } from "./hashed_keys.ts";
import { Kernel } from "./instance.ts";
import { END, LINE, PLACE_WORDS, START } from "./places.ts";

export interface BatchLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** A batch's extent. Offsets are relative to the window's first byte. */
export interface Cut extends CutNotes {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  readonly lines: number;
  /** Not null if the last record is too long: the cut ends in it, and this finds its end. */
  readonly long: LongRecordEnd | null;
  /**
   * The kernel has not read the last record by itself: with more bytes after it, the record might
   * end elsewhere.
   */
  readonly endsUnusually: boolean;
}

/** A record's place: its range in the window, without the line end, and the lines before it. */
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
  readonly #isCounting: boolean;
  readonly #notes: NoteTaker;
  #capacity: number;
  #firstRow = 1;
  #bytes = 0;
  #reader: RecordReader | null = null;
  /** Where an incomplete cut begins, because the window was too short; null if there is none. */
  #unfinished: number | null = null;
  #long: LongRecordEnd | null = null;
  /** The cut's records up to the last one that the kernel has not read by itself. */
  #upToUnusual = -1;

  /**
   * `keys`: null if records are only counted. `capacity`: the window's initial size in bytes.
   * `headerLine`: the header as it is in the source; empty if its repetitions don't matter.
   */
  constructor(
    format: RecordFormat,
    keys: ScannedKeys | null,
    limits: BatchLimits,
    capacity: number,
    maxRecordBytes: number = MAX_RECORD_BYTES,
    headerLine: Uint8Array = new Uint8Array(),
  ) {
    const kernel = this.#kernel;
    this.#format = format;
    this.#notes = new NoteTaker(format, headerLine);
    kernel.exports.setHeader(kernel.store(headerLine), headerLine.length);
    this.#isCounting = keys === null;
    this.#limits = limits;
    this.#maxRecordBytes = maxRecordBytes;
    this.#boundaries = format.boundaries(maxRecordBytes);
    this.#keys = new HashedKeys(kernel, format, keys, maxRecordBytes);
    // A record has at least one byte and a line end.
    const rows = Math.min(limits.rows, Math.ceil(limits.bytes / 2) + 1);
    this.#keys.makeRoom(rows);
    this.#window = kernel.allocate(0);
    this.#capacity = capacity;
    this.#makeRoom();
  }

  /** The memory for the window's bytes; valid until `grow`. */
  get window(): Uint8Array<ArrayBuffer> {
    return this.#kernel.bytes.subarray(this.#window, this.#window + this.#capacity);
  }

  /** Doubles the window, which keeps its bytes. */
  grow(): void {
    this.#capacity *= 2;
    this.#makeRoom();
  }

  /**
   * Cuts the next batch from `start` on, in a window of `length` bytes. Returns null if the window
   * ends before the batch does and is not the source's last. The next call must then be for the
   * same batch, wherever in the window it is by then. Empty lines at the source's end belong to the
   * last batch; a cut of only empty lines has no rows. `firstRow`: the number of its first row.
   * `givesUp`: see RecordBoundaries. `bytes`: how many end it, at most those of the limits.
   */
  cut(
    start: number,
    length: number,
    isLast: boolean,
    firstRow: number,
    givesUp = false,
    bytes = this.#limits.bytes,
  ): Cut | null {
    if (start >= length) return null;
    const { exports } = this.#kernel;
    this.#firstRow = firstRow;
    this.#boundaries.givesUp = givesUp;
    this.#long = null;
    const first = this.#window + start;
    if (this.#unfinished === null) {
      exports.beginCut(first, this.#limits.rows);
      this.#upToUnusual = -1;
      this.#notes.begin();
    } else exports.moveRecords(start - this.#unfinished);
    const enough = Math.min(first + bytes, MAX_I32);
    exports.continueCut(this.#window + length, isLast, enough);
    this.#unfinished = this.#run(isLast) ? null : start;
    if (this.#unfinished !== null) return null;
    const end = exports.at.value - this.#window;
    this.#bytes = end - start;
    return {
      start,
      end,
      rows: exports.count.value,
      lines: exports.lines.value,
      ...this.#notes.notes(this.#kernel),
      long: this.#long,
      endsUnusually: this.#upToUnusual === exports.count.value,
    };
  }

  /** The keys of the last cut's records, one after the other; valid until the next cut. */
  get hashes(): Hashes {
    return this.#keys.hashes;
  }

  /** How long the last cut is. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The place of a record of the last cut. */
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

  /** A cursor on a record of the last cut. */
  record(index: number): RecordCursor {
    const { start, line } = this.place(index);
    const at = { offset: start, line, row: this.#firstRow + index };
    // Include the line end: otherwise a CR before it would be taken for one.
    const bytes = this.window.subarray(start, this.#kernel.exports.at.value - this.#window);
    const reader = this.#format.reader(bytes, at, this.#maxRecordBytes);
    reader.next();
    return reader;
  }

  /** Runs until the batch is complete; returns false if the window ends before that. */
  #run(isLast: boolean): boolean {
    const { exports } = this.#kernel;
    for (;;) {
      switch (exports.hashKeys()) {
        case ANSWER.enough:
          return true;
        case ANSWER.end:
          return isLast;
        case ANSWER.incomplete:
          // If it is longer than a record may be, its end can be decided now.
          if (exports.limit.value - exports.at.value < this.#maxRecordBytes) return false;
          if (!this.#passUnusual(isLast)) return false;
          if (this.#endsHere()) return true;
          break;
        case ANSWER.unusual:
          if (!this.#passUnusual(isLast)) return false;
          if (this.#endsHere()) return true;
          break;
        case ANSWER.keys:
          this.#keys.hash(this.#firstRow + exports.count.value - 1, exports.recordLine.value);
          break;
        default:
          throw new Error("The kernel gave an unexpected answer");
      }
    }
  }

  /** Does the batch have to end with the record that was passed last? */
  #endsHere(): boolean {
    const { long, gaveUp } = this.#boundaries;
    this.#long = long;
    return long !== null || gaveUp;
  }

  /** Passes an unusual record; returns false if the window ends before the record does. */
  #passUnusual(isLast: boolean): boolean {
    const { exports } = this.#kernel;
    const boundaries = this.#boundaries;
    const at = exports.at.value - this.#window;
    const bytes = this.window.subarray(0, exports.limit.value - this.#window);
    boundaries.advance(bytes, at, 1, Number.MAX_SAFE_INTEGER, isLast);
    if (boundaries.needMore) return false;
    this.#notes.passed(boundaries);
    // If records are only counted, only its end matters.
    if (this.#isCounting && this.#format.delimited !== null) {
      exports.passRecord(this.#window + boundaries.end, boundaries.lines);
    } else {
      this.#read(at, boundaries.end, boundaries.lines);
    }
    this.#upToUnusual = exports.count.value;
    return true;
  }

  /** Reads a record. If the kernel doesn't know its format, there may be empty lines before it. */
  #read(at: number, end: number, lines: number): void {
    const { exports } = this.#kernel;
    const [next, nextLine] = [this.#window + end, exports.lines.value + lines];
    const row = this.#firstRow + exports.count.value;
    const reader = this.#readerAt(at, end, { offset: at, line: exports.lines.value, row });
    if (!reader.next()) return exports.passBytes(next, nextLine);
    const [start, stop] = [this.#window + reader.start, this.#window + reader.end];
    this.#notes.read(reader);
    exports.takeRecord(start, stop, reader.line, next, nextLine);
    this.#keys.hashRecord(reader);
  }

  /** One reader for all records of a window, as long as the memory doesn't move. */
  #readerAt(start: number, end: number, at: RecordPosition): RecordReader {
    if (this.#reader?.bytes.buffer !== this.#kernel.bytes.buffer) {
      this.#reader = this.#format.reader(this.window, at, this.#maxRecordBytes);
    }
    this.#reader.moveTo(start, end, at);
    return this.#reader;
  }

  /** A value is never longer than the window, and escaping makes it at most twice as long. */
  #makeRoom(): void {
    this.#kernel.release(this.#window);
    this.#kernel.allocate(this.#capacity);
    this.#reader = null;
    const bytes = 2 * this.#capacity;
    this.#kernel.exports.setKeyRoom(this.#kernel.allocate(bytes), bytes);
  }
}

const MAX_I32 = 2 ** 31 - 1;
