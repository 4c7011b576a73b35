/** Turns a batch's records into rows for COPY, with the kernel doing all that it is sure of. */
import type { CopyFormat } from "../row/copy_format.ts";
import type { RowError } from "../row/outcome.ts";
import type { RowPipeline } from "../row/pipeline.ts";
import { CsvReader } from "../source/csv/reader.ts";
import { delimiterByte, newlineByte } from "../source/csv/quoted_field.ts";
import { MAX_RECORD_BYTES, type RecordPosition } from "../source/record.ts";
import type { FoundRecords, RecordPlaces } from "../source/found_records.ts";
import type { EncodedRecords } from "./encoded_records.ts";
import { assertFound, listFound } from "./found.ts";
import { COLUMN, END, FULL, Kernel, PLACE_BYTES, TOO_MANY, UNUSUAL } from "./instance.ts";
import { KernelPlaces } from "./places.ts";
import { KernelRecord } from "./record.ts";
import { BinaryFormat, type RowFormat, TextFormat } from "./row_format.ts";
import type { CsvFormat } from "../source/csv/csv_format.ts";

export class Encoder {
  readonly #kernel = new Kernel();
  readonly #pipeline: RowPipeline;
  readonly #format: CsvFormat;
  readonly #fields: number;
  readonly #record: KernelRecord;
  readonly #text: TextFormat;
  /** Null: not all columns have it. */
  readonly #binary: BinaryFormat | null;
  /** How many batches could be binary, and how many had a value that is not. */
  readonly #tried = { binary: 0, text: 0 };
  /** Which of the two the batch has. */
  #rowFormat: RowFormat;
  readonly #bad = new Map<number, RowError[]>();
  /** What is wrong with the column that is being written. */
  readonly #errors: RowError[] = [];
  /** What a batch needs lies from here on. */
  readonly #batch: number;
  #input = 0;
  #length = 0;
  #skipped = { place: 0, count: 0 };
  #output = 0;
  #outputBytes = 0;
  #reader: CsvReader | null = null;

  /**
   * `fields`: how many the header has. `preferred`: binary where it can be. Throws RangeError for a
   * bad delimiter.
   */
  constructor(
    pipeline: RowPipeline,
    format: CsvFormat,
    fields: number,
    preferred: CopyFormat = "text",
  ) {
    const kernel = this.#kernel;
    const { exports } = kernel;
    this.#pipeline = pipeline;
    this.#format = format;
    this.#fields = fields;
    this.#record = new KernelRecord(kernel, fields);
    exports.delimiter.value = delimiterByte(format);
    exports.newline.value = newlineByte(format.newline);
    exports.maxRecordBytes.value = MAX_RECORD_BYTES;
    exports.columnCount.value = pipeline.programs.length;
    this.#text = new TextFormat(kernel, pipeline);
    this.#binary = preferred === "binary" ? BinaryFormat.of(kernel, pipeline) : null;
    this.#rowFormat = this.#text;
    this.#batch = kernel.allocate(0);
  }

  /** Where the next batch's bytes are to be put; `rows`: how many records it has, at most. */
  input(length: number, rows: number, skipped: readonly number[] = []): Uint8Array<ArrayBuffer> {
    const kernel = this.#kernel;
    const { exports } = kernel;
    kernel.release(this.#batch);
    this.#skipped = { place: kernel.allocate(4 * skipped.length), count: skipped.length };
    exports.capacity.value = rows;
    exports.places.value = kernel.allocate(PLACE_BYTES * rows);
    exports.goodRecords.value = kernel.allocate(4 * rows);
    exports.rowEnds.value = kernel.allocate(4 * rows);
    new Uint32Array(kernel.bytes.buffer, this.#skipped.place, skipped.length).set(skipped);
    this.#input = kernel.allocate(length);
    this.#length = length;
    this.#output = kernel.allocate(0);
    exports.outStart.value = this.#output;
    this.#outputBytes = 0;
    this.#reader = null;
    return kernel.bytes.subarray(this.#input, this.#input + length);
  }

  /**
   * Encodes what was put there. `at`: where the first byte stands in the source. Throws if there
   * are more records than it was said.
   */
  encodePiece(at: RecordPosition): EncodedRecords {
    const { exports } = this.#kernel;
    this.#encode(() => {
      exports.at.value = this.#input;
      exports.limit.value = this.#input + this.#length;
      exports.lines.value = 0;
      return this.#pass(exports.encode, (record) => ({ ...at, row: at.row + record }));
    });
    return this.#results(new KernelPlaces(this.#kernel, this.#input, at));
  }

  /** Encodes records that don't follow each other in the source, each by itself. */
  encodeFound(found: FoundRecords): EncodedRecords {
    const { count, lines, rowNumbers } = found;
    this.input(found.bytes.length, count).set(found.bytes);
    const { exports } = this.#kernel;
    this.#encode(() => {
      listFound(this.#kernel, found, this.#input);
      return this.#pass(
        exports.encodeFound,
        (record) => ({ offset: 0, line: lines[record], row: rowNumbers[record] }),
      );
    });
    assertFound(this.#kernel, found);
    return this.#results(found);
  }

  /** Encodes the batch; `pass` is false if it has met a value that is not for the row format. */
  #encode(pass: () => boolean): void {
    const binary = this.#binary;
    // Where most batches have such values, looking for them is a waste.
    if (binary !== null && this.#tried.text <= 2 + this.#tried.binary) {
      this.#begin(binary);
      const isBinary = pass();
      this.#tried[isBinary ? "binary" : "text"]++;
      if (isBinary) return;
    }
    this.#begin(this.#text);
    pass();
  }

  #begin(format: RowFormat): void {
    const { exports } = this.#kernel;
    this.#rowFormat = format;
    exports.binary.value = format.name === "binary" ? 1 : 0;
    exports.columns.value = format.columns;
    exports.spare.value = format.spare;
    exports.skipped.value = this.#skipped.place;
    exports.skippedCount.value = this.#skipped.count;
    exports.position.value = 0;
    exports.count.value = 0;
    exports.good.value = 0;
    exports.open.value = 0;
    exports.out.value = this.#output;
    this.#bad.clear();
    // Mostly enough: what is written is about as long as what is read.
    const room = this.#length + (this.#length >> 2) + format.spare;
    if (room > this.#outputBytes) this.#makeRoom(room);
  }

  /**
   * Goes through the input. `at`: where the record with this number stands in the source, or the
   * piece that it is in begins. False if there is a value that is not for the row format.
   */
  #pass(encode: () => number, at: (record: number) => RecordPosition): boolean {
    const { exports } = this.#kernel;
    for (;;) {
      switch (encode()) {
        case END:
          return true;
        case COLUMN: {
          const { line, row } = at(exports.position.value - 1);
          if (!this.#writeColumn(row, line + exports.recordLine.value)) return false;
          break;
        }
        case UNUSUAL:
          if (!this.#readUnusual(at(exports.position.value))) return false;
          break;
        case FULL:
          this.#makeRoom(2 * this.#outputBytes);
          break;
        case TOO_MANY:
          throw new Error(`The batch has more than its ${exports.capacity.value} records`);
        default:
          throw new Error("The kernel answered what it can't");
      }
    }
  }

  /** The caller's part of a record: one column. False: its value is not for the row format. */
  #writeColumn(row: number, line: number): boolean {
    const { exports } = this.#kernel;
    const record = this.#record.look(row, line);
    const index = exports.count.value - 1;
    const errors = this.#errors;
    errors.length = 0;
    const { written } = this.#rowFormat;
    written.truncate(0);
    const column = exports.column.value++;
    this.#pipeline.programs[column].write(record, written, errors);
    if (errors.length > 0) {
      exports.failed.value = 1;
      const known = this.#bad.get(index);
      if (known === undefined) this.#bad.set(index, errors.slice());
      else known.push(...errors);
    }
    // Nothing of a record that fails is kept.
    return exports.failed.value !== 0 || this.#put(column, 2 * (record.end - record.start));
  }

  /** A record that the kernel leaves to the reader in TypeScript. False as for `writeColumn`. */
  #readUnusual({ line: firstLine, row }: RecordPosition): boolean {
    const { exports, bytes } = this.#kernel;
    if (this.#reader?.bytes.buffer !== bytes.buffer) {
      const input = bytes.subarray(this.#input, this.#input + this.#length);
      const at = { offset: 0, line: 1, row: 1 };
      this.#reader = new CsvReader(input, this.#format, at, this.#fields);
    }
    const reader = this.#reader;
    const at = exports.at.value - this.#input;
    const end = exports.limit.value - this.#input;
    reader.moveTo(at, end, { offset: at, line: firstLine + exports.lines.value, row });
    if (!reader.next()) throw new Error("The kernel has found a record where there is none");
    const [start, stop] = [this.#input + reader.start, this.#input + reader.end];
    const isKept = exports.keep(start, stop, reader.line - firstLine) !== 0;
    exports.at.value = this.#input + reader.nextOffset;
    exports.lines.value = reader.nextLine - firstLine;
    if (!isKept) return true;
    const index = exports.count.value - 1;
    if (index >= exports.capacity.value) {
      throw new Error(`The batch has more than its ${exports.capacity.value} records`);
    }
    const { written } = this.#rowFormat;
    written.truncate(0);
    const errors = this.#pipeline.process(reader, written);
    if (errors === null) return this.#putRow(index);
    this.#bad.set(index, [...errors]);
    return true;
  }

  /** A record that was written without the kernel. */
  #putRow(record: number): boolean {
    if (!this.#put(0, 0, true)) return false;
    const { exports, bytes } = this.#kernel;
    const good = exports.good.value++;
    new Uint32Array(bytes.buffer, exports.goodRecords.value)[good] = record;
    new Uint32Array(bytes.buffer, exports.rowEnds.value)[good] = exports.out.value - this.#output;
    return true;
  }

  /** Puts what was written behind the output; `more`: what the kernel needs after it. */
  #put(firstColumn: number, more: number, isRow = false): boolean {
    const { exports } = this.#kernel;
    const needed = this.#rowFormat.bytesOfWritten() + more + exports.spare.value;
    if (exports.out.value + needed > exports.outLimit.value) {
      this.#makeRoom(2 * this.#outputBytes + needed);
    }
    return this.#rowFormat.put(firstColumn, isRow);
  }

  /** So many bytes for the output; what is there stays. */
  #makeRoom(bytes: number): void {
    this.#outputBytes = bytes;
    this.#kernel.release(this.#output);
    this.#kernel.allocate(bytes);
    this.#kernel.exports.outLimit.value = this.#output + bytes;
  }

  #results(places: RecordPlaces): EncodedRecords {
    const { exports, bytes } = this.#kernel;
    const good = exports.good.value;
    return {
      bytes: bytes.subarray(this.#input, this.#input + this.#length),
      count: exports.count.value,
      places,
      goodRecords: new Int32Array(bytes.buffer, exports.goodRecords.value, good),
      format: this.#rowFormat.name,
      copyRows: bytes.subarray(this.#output, exports.out.value),
      rowEnds: new Int32Array(bytes.buffer, exports.rowEnds.value, good),
      bad: this.#bad,
    };
  }
}
