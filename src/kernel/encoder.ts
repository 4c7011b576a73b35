/** Turns a batch's records into rows for COPY, with the kernel doing all that it is sure of. */
import type { CopyFormat } from "../row/copy_format.ts";
import type { RowError } from "../row/outcome.ts";
import type { ColumnWriter, RowPipeline } from "../row/pipeline.ts";
import type { RecordPosition, RecordReader } from "../source/record.ts";
import type { RecordFormat } from "../source/record_format.ts";
import type { FoundRecords, RecordPlaces } from "../source/found_records.ts";
import { BatchMemory } from "./batch_memory.ts";
import { ANSWER, type Answer } from "./contract.ts";
import type { EncodedRecords } from "./encoded_records.ts";
import { assertFound, listFound } from "./list_found.ts";
import { Kernel } from "./instance.ts";
import { KernelPlaces } from "./places.ts";
import { KernelRecord } from "./record.ts";
import { BinaryFormat, type RowFormat, TextFormat } from "./row_format.ts";
import { setSource } from "./set_source.ts";

export class Encoder {
  readonly #kernel = new Kernel();
  readonly #pipeline: RowPipeline;
  readonly #format: RecordFormat;
  readonly #record: KernelRecord;
  readonly #text: TextFormat;
  /** Null: not all columns have it. */
  readonly #binary: BinaryFormat | null;
  /** How many batches could be binary, and how many had a value that is not. */
  readonly #tried = { binary: 0, text: 0 };
  /** Which of the two the batch has. */
  #rowFormat: RowFormat;
  readonly #batch: BatchMemory;
  readonly #bad = new Map<number, RowError[]>();
  /** What is wrong with the column that is being written. */
  readonly #errors: RowError[] = [];
  #writers: readonly ColumnWriter[];
  #reader: RecordReader | null = null;

  /** `preferred`: binary where it can be. */
  constructor(pipeline: RowPipeline, format: RecordFormat, preferred: CopyFormat = "text") {
    const kernel = this.#kernel;
    this.#pipeline = pipeline;
    this.#writers = pipeline.programs;
    this.#format = format;
    setSource(kernel, format);
    this.#record = new KernelRecord(kernel, format.fields);
    this.#text = new TextFormat(kernel, pipeline);
    this.#binary = preferred === "binary" ? BinaryFormat.of(kernel, pipeline) : null;
    this.#rowFormat = this.#text;
    this.#batch = new BatchMemory(kernel);
  }

  /** Where the next batch's bytes are to be put; `rows`: how many records it has, at most. */
  input(length: number, rows: number, skipped: readonly number[] = []): Uint8Array<ArrayBuffer> {
    this.#batch.begin(length, rows, skipped);
    this.#reader = null;
    return this.#batch.input;
  }

  /**
   * Encodes what was put there. `at`: where the first byte stands in the source. `writers`: of the
   * columns that are left to the caller, which are the pipeline's without it. Throws if there are
   * more records than it was said.
   */
  encodePiece(
    at: RecordPosition,
    writers: readonly ColumnWriter[] = this.#pipeline.programs,
  ): EncodedRecords {
    this.#writers = writers;
    const { exports } = this.#kernel;
    const { inputPlace, inputEnd } = this.#batch;
    this.#encode(() => {
      exports.readPiece(inputPlace, inputEnd, true);
      return this.#pass(exports.encode, (record) => ({ ...at, row: at.row + record }));
    });
    return this.#results(new KernelPlaces(this.#kernel, inputPlace, at));
  }

  /** Encodes records that don't follow each other in the source, each by itself. */
  encodeFound(
    found: FoundRecords,
    writers: readonly ColumnWriter[] = this.#pipeline.programs,
  ): EncodedRecords {
    this.#writers = writers;
    const { count, lines, rowNumbers } = found;
    this.input(found.bytes.length, count).set(found.bytes);
    const { exports } = this.#kernel;
    this.#encode(() => {
      listFound(this.#kernel, found, this.#batch.inputPlace);
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
    this.#rowFormat = format;
    this.#batch.beginRows(format);
    this.#bad.clear();
  }

  /**
   * Goes through the input. `at`: where the record with this number stands in the source, or the
   * piece that it is in begins. False if there is a value that is not for the row format.
   */
  #pass(encode: () => Answer, at: (record: number) => RecordPosition): boolean {
    const { exports } = this.#kernel;
    for (;;) {
      switch (encode()) {
        case ANSWER.end:
          return true;
        case ANSWER.column: {
          const { line, row } = at(exports.position.value - 1);
          if (!this.#writeColumn(row, line + exports.recordLine.value)) return false;
          break;
        }
        case ANSWER.unusual:
          if (!this.#readUnusual(at(exports.position.value))) return false;
          break;
        case ANSWER.full:
          this.#batch.grow();
          break;
        case ANSWER.tooMany:
          throw tooManyRecords(this.#batch.capacity);
        default:
          throw new Error("The kernel answered what it can't");
      }
    }
  }

  /** The caller's part of a record: one column. False: its value is not for the row format. */
  #writeColumn(row: number, line: number): boolean {
    const { exports } = this.#kernel;
    const record = this.#record.look(row, line);
    const errors = this.#errors;
    errors.length = 0;
    const { written } = this.#rowFormat;
    written.truncate(0);
    const column = exports.takeColumn();
    this.#writers[column].write(record, written, errors);
    if (errors.length > 0) {
      exports.failRecord();
      const index = exports.count.value - 1;
      const known = this.#bad.get(index);
      if (known === undefined) this.#bad.set(index, errors.slice());
      else known.push(...errors);
      return true;
    }
    // Nothing of a record that fails is kept.
    return exports.failed.value !== 0 || this.#put(column, 2 * (record.end - record.start));
  }

  /** A record that the kernel leaves to the format's reader. False as for `writeColumn`. */
  #readUnusual({ line: firstLine, row }: RecordPosition): boolean {
    const { exports, bytes } = this.#kernel;
    const { inputPlace, capacity } = this.#batch;
    if (this.#reader?.bytes.buffer !== bytes.buffer) {
      this.#reader = this.#format.reader(this.#batch.input, { offset: 0, line: 1, row: 1 });
    }
    const reader = this.#reader;
    const at = exports.at.value - inputPlace;
    const end = exports.limit.value - inputPlace;
    reader.moveTo(at, end, { offset: at, line: firstLine + exports.lines.value, row });
    if (!reader.next()) {
      if (this.#format.delimited !== null) {
        throw new Error("There is no record, the kernel found one");
      }
      // Nothing but empty lines is left.
      exports.passBytes(exports.limit.value, reader.nextLine - firstLine);
      return true;
    }
    const isKept = exports.takeRecord(
      inputPlace + reader.start,
      inputPlace + reader.end,
      reader.line - firstLine,
      inputPlace + reader.nextOffset,
      reader.nextLine - firstLine,
    );
    if (isKept === 0) return true;
    const index = exports.count.value - 1;
    if (index >= capacity) throw tooManyRecords(capacity);
    const { written } = this.#rowFormat;
    written.truncate(0);
    const errors = this.#pipeline.process(reader, written, this.#writers);
    if (errors === null) return this.#putRow();
    this.#bad.set(index, [...errors]);
    return true;
  }

  /** A record that was written without the kernel. */
  #putRow(): boolean {
    if (!this.#put(0, 0, true)) return false;
    this.#kernel.exports.addRow();
    return true;
  }

  /** Puts what was written behind the output; `more`: what the kernel needs after it. */
  #put(firstColumn: number, more: number, isRow = false): boolean {
    const format = this.#rowFormat;
    this.#batch.reserve(format.bytesOfWritten() + more + format.spare);
    return format.put(firstColumn, isRow);
  }

  #results(places: RecordPlaces): EncodedRecords {
    const { input, goodRecords, rowEnds, rows } = this.#batch;
    return {
      bytes: input,
      count: this.#kernel.exports.count.value,
      places,
      goodRecords,
      format: this.#rowFormat.name,
      copyRows: rows,
      rowEnds,
      bad: this.#bad,
    };
  }
}

function tooManyRecords(capacity: number): Error {
  return new Error(`The batch has more than its ${capacity} records`);
}
