/** The record that the kernel read last, for work that the kernel leaves to its caller. */
import { Buffer } from "node:buffer";
import type { Defect, RecordCursor } from "../source/record.ts";
import { FIELD_DOUBLED_QUOTES, FIELD_ESCAPED, FIELD_NOT_ASCII } from "../source/record.ts";
import type { RecordFormat } from "../source/record_format.ts";
import type { Kernel } from "./instance.ts";

/** Its offsets are places in the kernel's memory. It never moves: only the kernel does. */
export class KernelRecord implements RecordCursor {
  readonly #kernel: Kernel;
  readonly #fields: number;
  readonly #quote: string;
  readonly #unescaped: (text: string) => string;
  #bytes!: Uint8Array<ArrayBuffer>;
  #buffer!: Buffer;
  #fieldStart!: Int32Array;
  #fieldEnd!: Int32Array;
  #fieldFlags!: Uint8Array;
  row = 0;
  line = 0;

  /** `format`: the one given to `setSource`. */
  constructor(kernel: Kernel, { fields, delimited, unescaped }: RecordFormat) {
    this.#kernel = kernel;
    this.#fields = fields;
    this.#quote = String.fromCharCode(Math.max(0, delimited?.quote ?? 0));
    this.#unescaped = unescaped ?? ((text) => text);
  }

  /** Call it before each use: the memory may have moved. */
  look(row: number, line: number): this {
    this.row = row;
    this.line = line;
    const { exports, bytes } = this.#kernel;
    if (bytes !== this.#bytes) {
      const { buffer } = bytes;
      this.#bytes = bytes;
      this.#buffer = Buffer.from(buffer);
      this.#fieldStart = new Int32Array(buffer, exports.fieldStarts.value, this.#fields);
      this.#fieldEnd = new Int32Array(buffer, exports.fieldEnds.value, this.#fields);
      this.#fieldFlags = new Uint8Array(buffer, exports.fieldFlags.value, this.#fields);
    }
    return this;
  }

  next(): boolean {
    return false;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get start(): number {
    return this.#kernel.exports.recordStart.value;
  }

  get end(): number {
    return this.#kernel.exports.recordEnd.value;
  }

  get fieldCount(): number {
    return this.#fields;
  }

  /** Always null: records with a defect are unusual, and never get here. */
  get defect(): Defect | null {
    return null;
  }

  get fieldStart(): Int32Array {
    return this.#fieldStart;
  }

  get fieldEnd(): Int32Array {
    return this.#fieldEnd;
  }

  get fieldFlags(): Uint8Array {
    return this.#fieldFlags;
  }

  text(field: number): string {
    const flags = this.#fieldFlags[field];
    const encoding = (flags & FIELD_NOT_ASCII) === 0 ? "latin1" : "utf8";
    const [start, end] = [this.#fieldStart[field], this.#fieldEnd[field]];
    const value = this.#buffer.toString(encoding, start, end);
    if ((flags & (FIELD_DOUBLED_QUOTES | FIELD_ESCAPED)) === 0) return value;
    return (flags & FIELD_ESCAPED) !== 0
      ? this.#unescaped(value)
      : value.replaceAll(this.#quote + this.#quote, this.#quote);
  }
}
