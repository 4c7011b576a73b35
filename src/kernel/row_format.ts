/** COPY's formats: their description for the kernel, and writing without the kernel. */
import { binaryType, type CopyFormat } from "../row/copy_format.ts";
import { CopyWriter } from "../row/copy_writer.ts";
import type { ByteRule } from "../row/byte_rule.ts";
import type { ColumnProgram, RowPipeline } from "../row/pipeline.ts";
import { type RowWriter, ValueList } from "../row/row_writer.ts";
import { describeColumns, type DescribedColumn } from "./columns.ts";
import { rowGrowth, spareBytes } from "./row_room.ts";
import { BINARY_TYPE, type BinaryType } from "./contract.ts";
import { type Kernel, SLACK } from "./instance.ts";

export interface RowFormat {
  readonly name: CopyFormat;
  /** The place of the columns' descriptions in the kernel's memory. */
  readonly columns: number;
  readonly columnCount: number;
  /** How many times a record's length its row may have, and how many bytes more. */
  readonly growth: number;
  readonly spare: number;
  /** Where programs write what the kernel leaves to them: a column, or a whole row. */
  readonly written: RowWriter;
  /** The most bytes that `written` may take. */
  bytesOfWritten(): number;
  /**
   * Appends what was written to the kernel's output, from this column on. Returns false if the
   * format can't hold such values; then the batch has to be encoded again.
   */
  put(firstColumn: number, isRow: boolean): boolean;
}

/** Takes any value: Postgres reads it as it would in SQL. */
export class TextFormat implements RowFormat {
  readonly name = "text";
  readonly columns: number;
  readonly columnCount: number;
  readonly growth: number;
  readonly spare: number;
  readonly written = new CopyWriter(1024);
  readonly #kernel: Kernel;

  constructor(kernel: Kernel, pipeline: RowPipeline) {
    const columns = pipeline.programs.map((program) => {
      const constant = constantIn(program.bytes);
      return {
        rule: program.bytes,
        constant: constant === undefined ? null : textOf(constant),
        recalledBy: recalledBy(program),
      };
    });
    this.#kernel = kernel;
    this.columns = describeColumns(kernel, columns);
    this.columnCount = columns.length;
    this.growth = rowGrowth(columns);
    this.spare = spareBytes(columns) + SLACK;
  }

  bytesOfWritten(): number {
    return this.written.length;
  }

  put(): boolean {
    const { exports, bytes } = this.#kernel;
    bytes.set(this.written.view(), exports.out.value);
    exports.wrote(this.written.length);
    return true;
  }
}

/** The value that the rule has for all rows, or for those without one. Undefined: none. */
function constantIn(rule: ByteRule | null): string | null | undefined {
  if (rule?.kind === "constant") return rule.value;
  return typeof rule?.missing === "object" ? rule.missing.constant : undefined;
}

/**
 * The fields on which alone it depends what the program writes. Null if it depends on more, such as
 * the row's number or the table's DEFAULT; or if the kernel writes nearly all of the column.
 */
function recalledBy(program: ColumnProgram): readonly number[] | null {
  const { fields, alsoReads = [], takesDefault, bytes } = program;
  if (fields.length === 0 || takesDefault) return null;
  return bytes === null || asksOften(bytes) ? [...fields, ...alsoReads] : null;
}

function asksOften(rule: ByteRule): boolean {
  if (rule.kind === "constant") return false;
  return rule.steps.length > 0 || ("isPartial" in rule.value && rule.value.isPartial);
}

function textOf(value: string | null): Uint8Array {
  const out = new CopyWriter(64);
  if (value === null) out.null();
  else out.text(value);
  return out.view();
}

/** Values of all types but texts are shorter than this. No real number is longer. */
const LONGEST_TYPED = 128;
/** The bytes of a column besides its text: the length, and the growth of a short number. */
const COLUMN_BYTES = 24;
/** Each column begins with its length. */
const LENGTH_BYTES = 4;
const encoder = new TextEncoder();

/** Takes values if it is sure how Postgres would read their text. */
export class BinaryFormat implements RowFormat {
  readonly name = "binary";
  readonly columns: number;
  readonly columnCount: number;
  readonly growth: number;
  readonly spare: number;
  readonly written = new ValueList();
  readonly #kernel: Kernel;
  readonly #types: readonly BinaryType[];
  /** The place of a value's text while the kernel reads it. */
  readonly #text: number;

  /** Null if the format can't write one of the table's columns or one of the constants. */
  static of(kernel: Kernel, pipeline: RowPipeline): BinaryFormat | null {
    const types: BinaryType[] = [];
    for (const { column, valueType } of pipeline.programs) {
      const type = binaryType(column);
      // Nobody has judged the values of a column without a value type: only Postgres can read them.
      if (type === null || (valueType === null && type !== "text")) return null;
      types.push(BINARY_TYPE[type]);
    }
    const text = kernel.allocate(LONGEST_TYPED);
    const columns: DescribedColumn[] = [];
    for (const [index, program] of pipeline.programs.entries()) {
      const { bytes: rule } = program;
      const type = types[index];
      const value = constantIn(rule);
      const constant = value === undefined ? null : constantOf(kernel, text, type, value);
      if (rule?.kind === "constant" && constant === null) return null;
      columns.push({ rule, constant, type, recalledBy: recalledBy(program) });
    }
    return new BinaryFormat(kernel, columns, types, text);
  }

  private constructor(
    kernel: Kernel,
    columns: readonly DescribedColumn[],
    types: readonly BinaryType[],
    text: number,
  ) {
    this.#kernel = kernel;
    this.#types = types;
    this.#text = text;
    this.columns = describeColumns(kernel, columns);
    this.columnCount = columns.length;
    this.growth = rowGrowth(columns);
    this.spare = spareBytes(columns) + COLUMN_BYTES * columns.length + SLACK;
  }

  bytesOfWritten(): number {
    const { values } = this.written;
    return values.reduce((sum, value) => sum + room(value), COLUMN_BYTES);
  }

  put(firstColumn: number, isRow: boolean): boolean {
    const { values } = this.written;
    if (isRow) this.#kernel.exports.putColumnCount(values.length);
    return values.every((value, index) =>
      putValue(this.#kernel, this.#text, this.#types[firstColumn + index], value)
    );
  }
}

function room(value: string | null): number {
  return COLUMN_BYTES + 3 * (value?.length ?? 0);
}

/** Appends a column to the kernel's output. `text`: room for the text of a short value. */
function putValue(kernel: Kernel, text: number, type: BinaryType, value: string | null): boolean {
  const { exports, bytes } = kernel;
  if (value === null) {
    exports.putNull();
    return true;
  }
  if (type === BINARY_TYPE.text) {
    const start = exports.out.value + LENGTH_BYTES;
    const written = writeShort(bytes, start, value) ??
      encoder.encodeInto(value, bytes.subarray(start)).written;
    exports.putLength(written);
    exports.wrote(written);
    return true;
  }
  const short = writeShort(bytes, text, value);
  if (short !== null) return exports.putTyped(type, text, text + short) !== 0;
  const target = bytes.subarray(text, text + LONGEST_TYPED);
  const { read, written } = encoder.encodeInto(value, target);
  return read === value.length && exports.putTyped(type, text, text + written) !== 0;
}

/** In characters. The platform's encoder takes a quarter of a microsecond, however short the text. */
const SHORT_TEXT = 64;

/** Writes a short text of ASCII at this place. Returns how many bytes it has; null for any other. */
function writeShort(bytes: Uint8Array, start: number, text: string): number | null {
  if (text.length > SHORT_TEXT) return null;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return null;
    bytes[start + i] = code;
  }
  return text.length;
}

/** The bytes of a constant's column; null if they can't be written. */
function constantOf(
  kernel: Kernel,
  text: number,
  type: BinaryType,
  value: string | null,
): Uint8Array | null {
  const place = kernel.allocate(room(value));
  kernel.exports.setOut(place);
  const isPut = putValue(kernel, text, type, value);
  const column = kernel.bytes.slice(place, kernel.exports.out.value);
  kernel.release(place);
  return isPut ? column : null;
}
