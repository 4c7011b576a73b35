/** The memory of a batch being encoded: its bytes, the lists of its records, and its rows. */
import { PLACE } from "./contract.ts";
import type { Kernel } from "./instance.ts";
import type { RowFormat } from "./row_format.ts";

/** Four bytes for each record, or each position. */
const WORD_BYTES = 4;

export class BatchMemory {
  readonly #kernel: Kernel;
  /** All memory of a batch begins here. */
  readonly #start: number;
  #capacity = 0;
  #skipped = { place: 0, count: 0 };
  #goodRecords = 0;
  #rowEnds = 0;
  #input = 0;
  #length = 0;
  /** The rows come last, so that their room can grow. */
  #output = 0;
  #outputBytes = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#start = kernel.allocate(0);
  }

  /** Replaces the previous batch. `skipped`: positions of records to leave out. */
  begin(length: number, capacity: number, skipped: readonly number[]): void {
    const kernel = this.#kernel;
    kernel.release(this.#start);
    this.#capacity = capacity;
    this.#skipped = { place: kernel.allocate(WORD_BYTES * skipped.length), count: skipped.length };
    const places = kernel.allocate(PLACE.bytes * capacity);
    this.#goodRecords = kernel.allocate(WORD_BYTES * capacity);
    this.#rowEnds = kernel.allocate(WORD_BYTES * capacity);
    new Uint32Array(kernel.bytes.buffer, this.#skipped.place, skipped.length).set(skipped);
    kernel.exports.setLists(places, this.#goodRecords, this.#rowEnds, capacity);
    this.#input = kernel.allocate(length);
    this.#length = length;
    this.#output = kernel.allocate(0);
    this.#outputBytes = 0;
  }

  /** Starts again without rows. The next rows have this format. */
  beginRows(format: RowFormat): void {
    const { exports } = this.#kernel;
    const { columns, columnCount, growth, spare } = format;
    const isBinary = format.name === "binary";
    exports.beginRows(columns, columnCount, growth, spare, isBinary, this.#output);
    exports.leaveOut(this.#skipped.place, this.#skipped.count);
    // Usually enough: the output is about as long as the input.
    const room = this.#length + (this.#length >> 2) + spare;
    if (room > this.#outputBytes) this.#makeRoom(room);
  }

  /** Doubles the room for rows. */
  grow(): void {
    this.#makeRoom(2 * this.#outputBytes);
  }

  /** Makes sure that this many more bytes of rows can be written. */
  reserve(bytes: number): void {
    if (this.#kernel.exports.out.value + bytes > this.#output + this.#outputBytes) {
      this.#makeRoom(2 * this.#outputBytes + bytes);
    }
  }

  /** How many records the lists have room for. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Where the batch's bytes begin in the kernel's memory. */
  get inputPlace(): number {
    return this.#input;
  }

  get inputEnd(): number {
    return this.#input + this.#length;
  }

  /** The batch's bytes. Like all arrays here, this one is detached when the memory grows. */
  get input(): Uint8Array<ArrayBuffer> {
    return this.#kernel.bytes.subarray(this.inputPlace, this.inputEnd);
  }

  /** The written rows, one after the other. */
  get rows(): Uint8Array {
    return this.#kernel.bytes.subarray(this.#output, this.#kernel.exports.out.value);
  }

  /** Where each row ends. */
  get rowEnds(): Int32Array {
    return this.#listOfRows(this.#rowEnds);
  }

  /** The index of each row's record. */
  get goodRecords(): Int32Array {
    return this.#listOfRows(this.#goodRecords);
  }

  #listOfRows(place: number): Int32Array {
    return new Int32Array(this.#kernel.bytes.buffer, place, this.#kernel.exports.good.value);
  }

  /** Gives the rows this many bytes. Written rows stay. */
  #makeRoom(bytes: number): void {
    this.#outputBytes = bytes;
    this.#kernel.release(this.#output);
    this.#kernel.allocate(bytes);
    this.#kernel.exports.setRoom(this.#output + bytes);
  }
}
