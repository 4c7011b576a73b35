/** Turns a batch's records into lines for COPY, with the kernel doing all that it is sure of. */
import { CopyWriter } from "../row/copy_writer.ts";
import type { RowError } from "../row/outcome.ts";
import type { RowPipeline } from "../row/pipeline.ts";
import { CsvReader } from "../source/csv.ts";
import { delimiterByte, MAX_RECORD_BYTES, newlineByte } from "../source/quoted_field.ts";
import type { CsvFormat, RecordPosition } from "../source/record.ts";
import type { FoundRecord } from "../source/scattered.ts";
import { describeColumns, spareBytes } from "./columns.ts";
import { COLUMN, END, FULL, Kernel, SLACK, TOO_MANY, UNUSUAL } from "./instance.ts";
import { KernelRecord } from "./record.ts";

/** Valid until the encoder is given the next batch. */
export interface EncodedRecords {
  /** The batch's bytes, … */
  readonly bytes: Uint8Array;
  readonly count: number;
  /** … and for each record where it stands there, without its line end, … */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** … and in the source. */
  readonly lines: Float64Array;
  readonly rowNumbers: Float64Array;
  /** The good ones: which record each is, COPY's lines, and where each line ends. */
  readonly goodRecords: Int32Array;
  readonly copyLines: Uint8Array;
  readonly lineEnds: Int32Array;
  /** What is wrong with the others, by record. */
  readonly bad: ReadonlyMap<number, readonly RowError[]>;
}

/** Of `Place` in assembly/records.ts. */
const PLACE_BYTES = 16;

export class Encoder {
  readonly #kernel = new Kernel();
  readonly #pipeline: RowPipeline;
  readonly #format: CsvFormat;
  readonly #fields: number;
  readonly #record: KernelRecord;
  /** What the caller writes, on its way to the kernel's output. */
  readonly #scratch = new CopyWriter(1024);
  readonly #bad = new Map<number, RowError[]>();
  /** What a batch needs lies from here on. */
  readonly #batch: number;
  #input = 0;
  #length = 0;
  #output = 0;
  #outputBytes = 0;
  #reader: CsvReader | null = null;

  /** `fields`: how many the header has. Throws RangeError for a bad delimiter. */
  constructor(pipeline: RowPipeline, format: CsvFormat, fields: number) {
    const kernel = this.#kernel;
    const { exports } = kernel;
    this.#pipeline = pipeline;
    this.#format = format;
    this.#fields = fields;
    this.#record = new KernelRecord(kernel, fields);
    const columns = pipeline.programs.map(({ bytes }) => ({ rule: bytes }));
    exports.delimiter.value = delimiterByte(format);
    exports.newline.value = newlineByte(format.newline);
    exports.maxRecordBytes.value = MAX_RECORD_BYTES;
    exports.columns.value = describeColumns(kernel, columns);
    exports.columnCount.value = columns.length;
    exports.spare.value = spareBytes(columns) + SLACK;
    this.#batch = kernel.allocate(0);
  }

  /** Where the next batch's bytes are to be put; `rows`: how many records it has, at most. */
  input(length: number, rows: number, skipped: readonly number[] = []): Uint8Array<ArrayBuffer> {
    const kernel = this.#kernel;
    const { exports } = kernel;
    kernel.release(this.#batch);
    exports.skipped.value = kernel.allocate(4 * skipped.length);
    exports.skippedCount.value = skipped.length;
    exports.capacity.value = rows;
    exports.places.value = kernel.allocate(PLACE_BYTES * rows);
    exports.goodRecords.value = kernel.allocate(4 * rows);
    exports.lineEnds.value = kernel.allocate(4 * rows);
    exports.position.value = 0;
    exports.count.value = 0;
    exports.good.value = 0;
    exports.open.value = 0;
    this.#bad.clear();
    this.#input = kernel.allocate(length);
    this.#length = length;
    this.#output = kernel.allocate(0);
    exports.outStart.value = this.#output;
    exports.out.value = this.#output;
    // Mostly enough: what is written is about as long as what is read.
    this.#makeRoom(length + (length >> 2) + exports.spare.value);
    new Uint32Array(kernel.bytes.buffer, exports.skipped.value, skipped.length).set(skipped);
    this.#reader = null;
    return kernel.bytes.subarray(this.#input, this.#input + length);
  }

  /**
   * Encodes what was put there. `at`: where the first byte stands in the source. Throws if there
   * are more records than it was said.
   */
  encodePiece(at: RecordPosition): EncodedRecords {
    this.#encode(0, this.#length, at);
    return this.#results(at);
  }

  /** Encodes records that don't follow each other in the source, each by itself. */
  encodeFound(found: readonly FoundRecord[]): EncodedRecords {
    const length = found.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const input = this.input(length, found.length);
    let end = 0;
    for (const { bytes } of found) {
      input.set(bytes, end);
      end += bytes.length;
    }
    end = 0;
    for (const { bytes, line, row } of found) {
      // One that is cut off in its middle must not be completed by the one behind it.
      this.#encode(end, end += bytes.length, { offset: 0, line, row });
    }
    const results = this.#results({ offset: 0, line: 0, row: 0 });
    for (const [index, { line, row }] of found.entries()) {
      results.lines[index] = line;
      results.rowNumbers[index] = row;
    }
    return results;
  }

  /** Goes through bytes of the input; `at`: where the first of them stands in the source. */
  #encode(start: number, end: number, at: RecordPosition): void {
    const { exports } = this.#kernel;
    exports.at.value = this.#input + start;
    exports.limit.value = this.#input + end;
    exports.lines.value = 0;
    const first = exports.position.value;
    const row = () => at.row + exports.position.value - first;
    for (;;) {
      switch (exports.encode()) {
        case END:
          return;
        case COLUMN:
          this.#writeColumn(row() - 1, at.line + exports.recordLine.value);
          break;
        case UNUSUAL:
          this.#readUnusual(end, at.line, row());
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

  /** The caller's part of a record: one column. */
  #writeColumn(row: number, line: number): void {
    const { exports } = this.#kernel;
    const record = this.#record.look(row, line);
    const index = exports.count.value - 1;
    const errors = this.#bad.get(index) ?? [];
    const before = errors.length;
    this.#scratch.truncate(0);
    this.#pipeline.programs[exports.column.value].write(record, this.#scratch, errors);
    exports.column.value++;
    if (errors.length > before) {
      exports.failed.value = 1;
      this.#bad.set(index, errors);
    } else {
      this.#append(2 * (record.end - record.start));
    }
  }

  /** A record that the kernel leaves to the reader in TypeScript. */
  #readUnusual(end: number, firstLine: number, row: number): void {
    const { exports, bytes } = this.#kernel;
    if (this.#reader?.bytes.buffer !== bytes.buffer) {
      const input = bytes.subarray(this.#input, this.#input + this.#length);
      const at = { offset: 0, line: 1, row: 1 };
      this.#reader = new CsvReader(input, this.#format, at, this.#fields);
    }
    const reader = this.#reader;
    const at = exports.at.value - this.#input;
    reader.moveTo(at, end, { offset: at, line: firstLine + exports.lines.value, row });
    if (!reader.next()) throw new Error("The kernel has found a record where there is none");
    const [start, stop] = [this.#input + reader.start, this.#input + reader.end];
    const isKept = exports.keep(start, stop, reader.line - firstLine) !== 0;
    exports.at.value = this.#input + reader.nextOffset;
    exports.lines.value = reader.nextLine - firstLine;
    if (!isKept) return;
    const index = exports.count.value - 1;
    if (index >= exports.capacity.value) {
      throw new Error(`The batch has more than its ${exports.capacity.value} records`);
    }
    this.#scratch.truncate(0);
    const errors = this.#pipeline.process(reader, this.#scratch);
    if (errors !== null) this.#bad.set(index, [...errors]);
    else this.#addLine(index);
  }

  /** A record that was written without the kernel. */
  #addLine(record: number): void {
    this.#append(0);
    const { exports, bytes } = this.#kernel;
    const good = exports.good.value++;
    new Uint32Array(bytes.buffer, exports.goodRecords.value)[good] = record;
    new Uint32Array(bytes.buffer, exports.lineEnds.value)[good] = exports.out.value - this.#output;
  }

  /** Puts what the caller has written behind the output; `more`: what the kernel needs after it. */
  #append(more: number): void {
    const { exports } = this.#kernel;
    const written = this.#scratch.view();
    const needed = written.length + more + exports.spare.value;
    if (exports.out.value + needed > exports.outLimit.value) {
      this.#makeRoom(2 * this.#outputBytes + needed);
    }
    this.#kernel.bytes.set(written, exports.out.value);
    exports.out.value += written.length;
  }

  /** So many bytes for the output; what is there stays. */
  #makeRoom(bytes: number): void {
    this.#outputBytes = bytes;
    this.#kernel.release(this.#output);
    this.#kernel.allocate(bytes);
    this.#kernel.exports.outLimit.value = this.#output + bytes;
  }

  #results(at: RecordPosition): EncodedRecords {
    const { exports, bytes } = this.#kernel;
    const count = exports.count.value;
    const good = exports.good.value;
    const places = new Uint32Array(bytes.buffer, exports.places.value, 4 * count);
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    const lines = new Float64Array(count);
    const rowNumbers = new Float64Array(count);
    for (let record = 0, place = 0; record < count; record++, place += 4) {
      starts[record] = places[place] - this.#input;
      ends[record] = places[place + 1] - this.#input;
      lines[record] = at.line + places[place + 2];
      rowNumbers[record] = at.row + places[place + 3];
    }
    return {
      bytes: bytes.subarray(this.#input, this.#input + this.#length),
      count,
      starts,
      ends,
      lines,
      rowNumbers,
      goodRecords: new Int32Array(bytes.buffer, exports.goodRecords.value, good),
      copyLines: bytes.subarray(this.#output, exports.out.value),
      lineEnds: new Int32Array(bytes.buffer, exports.lineEnds.value, good),
      bad: this.#bad,
    };
  }
}
