/** Turns a batch's records into rows for COPY. The kernel does everything that it is sure of. */
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
import { type BatchPart, PartLines } from "./part_lines.ts";
import { KernelPlaces } from "./places.ts";
import { KernelRecord } from "./record.ts";
import { BinaryFormat, type RowFormat, TextFormat } from "./row_format.ts";
import { setSource } from "./set_source.ts";

const LF = 10;

export class Encoder {
  readonly #kernel = new Kernel();
  readonly #pipeline: RowPipeline;
  readonly #format: RecordFormat;
  readonly #record: KernelRecord;
  readonly #text: TextFormat;
  /** Null if not all columns have a binary form. */
  readonly #binary: BinaryFormat | null;
  /** How many batches could be binary, and how many had a value without a binary form. */
  readonly #tried = { binary: 0, text: 0 };
  /** The format of the current batch. */
  #rowFormat: RowFormat;
  readonly #batch: BatchMemory;
  readonly #bad = new Map<number, RowError[]>();
  /** The errors of the column that is being written. */
  readonly #errors: RowError[] = [];
  #writers: readonly ColumnWriter[];
  #reader: RecordReader | null = null;
  /** If the batch has rows of several files. */
  #parts: PartLines | null = null;

  /** `preferred`: with `binary`, batches are binary if they can be. */
  constructor(pipeline: RowPipeline, format: RecordFormat, preferred: CopyFormat = "text") {
    const kernel = this.#kernel;
    this.#pipeline = pipeline;
    this.#writers = pipeline.programs;
    this.#format = format;
    setSource(kernel, format);
    this.#record = new KernelRecord(kernel, format);
    this.#text = new TextFormat(kernel, pipeline);
    this.#binary = preferred === "binary" ? BinaryFormat.of(kernel, pipeline) : null;
    this.#rowFormat = this.#text;
    this.#batch = new BatchMemory(kernel);
  }

  /** The memory for the next batch's bytes. `rows`: the most records that it may have. */
  input(length: number, rows: number, skipped: readonly number[] = []): Uint8Array<ArrayBuffer> {
    this.#batch.begin(length, rows, skipped);
    this.#reader = null;
    return this.#batch.input;
  }

  /**
   * Encodes the bytes in `input`. `at`: the place of the first byte in the source. `writers`: write
   * the columns that the kernel leaves to its caller. Default: the pipeline's programs. Throws if
   * there are more records than `input` was told. `parts`: where rows of another file begin.
   */
  encodePiece(
    at: RecordPosition,
    writers: readonly ColumnWriter[] = this.#pipeline.programs,
    parts: readonly BatchPart[] = [],
  ): EncodedRecords {
    this.#use(writers);
    const { exports } = this.#kernel;
    const { input, inputPlace, inputEnd } = this.#batch;
    const newline = this.#format.delimited?.newline ?? LF;
    this.#parts = parts.length === 0 ? null : new PartLines(parts, input, newline, at.line);
    this.#encode(() => {
      exports.readPiece(inputPlace, inputEnd, true);
      return this.#pass(exports.encode, (record) => ({ ...at, row: at.row + record }));
    });
    return this.#results(new KernelPlaces(this.#kernel, inputPlace, at, this.#parts));
  }

  /** Encodes records from anywhere in the source, each by itself. */
  encodeFound(
    found: FoundRecords,
    writers: readonly ColumnWriter[] = this.#pipeline.programs,
  ): EncodedRecords {
    this.#use(writers);
    this.#parts = null;
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

  /**
   * The kernel never asks for a column that it writes itself: the source's text would be loaded. But
   * it asks for what it takes for a missing value, if that is to become the table's DEFAULT.
   */
  #use(writers: readonly ColumnWriter[]): void {
    for (const [index, program] of this.#pipeline.programs.entries()) {
      if (writers[index] === program || program.bytes === null || program.takesDefault) continue;
      throw new Error(`The column ${program.target} has a byte rule and another writer`);
    }
    this.#writers = writers;
  }

  /** Encodes the batch. `pass` returns false for a value that the row format can't hold. */
  #encode(pass: () => boolean): void {
    const binary = this.#binary;
    // If most batches have such values, trying the binary format is a waste.
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
    const { exports } = this.#kernel;
    for (const [column, program] of this.#pipeline.programs.entries()) {
      const writer = this.#writers[column];
      if (writer === program) continue;
      // What it wrote in another batch, or when the batch was encoded before, may be wrong by now.
      if (writer.repeats === true) exports.forgetColumn(column);
      else exports.askAlways(column);
    }
    this.#bad.clear();
  }

  /**
   * Encodes all of the input. `at`: the place in the source of the record with this number, or of
   * the piece that contains it. Returns false for a value that the row format can't hold.
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
          throw new Error("The kernel gave an unexpected answer");
      }
    }
  }

  /** Writes one column for the kernel. Returns false if the row format can't hold its value. */
  #writeColumn(row: number, line: number): boolean {
    const { exports } = this.#kernel;
    const record = this.#record.look(row, line);
    const errors = this.#errors;
    errors.length = 0;
    const { written, growth } = this.#rowFormat;
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
    // Nothing of a failed record is kept.
    if (exports.failed.value !== 0) return true;
    const from = exports.out.value;
    if (!this.#put(column, growth * (record.end - record.start))) return false;
    exports.remember(from);
    return true;
  }

  /** Reads a record that the kernel leaves to the format's reader. Returns like `#writeColumn`. */
  #readUnusual({ line: firstLine, row }: RecordPosition): boolean {
    const { exports, bytes } = this.#kernel;
    const { inputPlace, capacity } = this.#batch;
    if (this.#reader?.bytes.buffer !== bytes.buffer) {
      this.#reader = this.#format.reader(this.#batch.input, { offset: 0, line: 1, row: 1 });
    }
    const reader = this.#reader;
    const at = exports.at.value - inputPlace;
    const end = exports.limit.value - inputPlace;
    const line = firstLine + (this.#parts?.shiftAt(at) ?? 0);
    reader.moveTo(at, end, { offset: at, line: line + exports.lines.value, row });
    if (!reader.next()) {
      if (this.#format.delimited !== null) {
        throw new Error("There is no record where the kernel found one");
      }
      // Only empty lines are left.
      exports.passBytes(exports.limit.value, reader.nextLine - line);
      return true;
    }
    const isKept = exports.takeRecord(
      inputPlace + reader.start,
      inputPlace + reader.end,
      reader.line - line,
      inputPlace + reader.nextOffset,
      reader.nextLine - line,
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

  /** Adds a row that was written without the kernel. */
  #putRow(): boolean {
    if (!this.#put(0, 0, true)) return false;
    this.#kernel.exports.addRow();
    return true;
  }

  /** Appends what was written to the output. `more`: bytes that the kernel needs after it. */
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
  return new Error(`The batch has more records than the ${capacity} that were planned`);
}
