/** Instances of the kernel: WebAssembly made from assembly/, with what it exports in types. */
import { KERNEL } from "./wasm.ts";

/** A global of type i32. */
interface Exported {
  value: number;
}

/** See assembly/index.ts; the globals are described where they are declared. */
export interface KernelExports {
  readonly putTyped: (type: number, start: number, end: number) => number;

  readonly encode: () => number;
  readonly encodeFound: () => number;
  readonly column: Exported;
  readonly failed: Exported;
  readonly good: Exported;
  readonly goodRecords: Exported;
  readonly open: Exported;
  readonly outStart: Exported;
  readonly rowEnds: Exported;
  readonly spare: Exported;

  readonly hashKeys: () => number;
  readonly hashFound: () => number;
  readonly enough: Exported;
  readonly hashes: Exported;
  readonly keyCount: Exported;
  readonly keys: Exported;
  readonly maxRows: Exported;
  readonly present: Exported;
  readonly scratch: Exported;

  readonly begun: Exported;

  readonly beginHash: (key: number) => void;
  readonly addBytes: (from: number, length: number) => void;
  readonly addNull: () => void;
  readonly endHash: (target: number) => void;

  readonly addKeys: (hashes: number, present: number, keyCount: number) => number;
  readonly hasKey: (hash: number) => number;
  readonly blocksLog2: Exported;
  readonly filter: Exported;

  readonly logRow: (
    ...args: [start: number, end: number, row: number, line: number, failed: number]
  ) => number;
  readonly names: Exported;
  readonly opening: Exported;
  readonly openingLength: Exported;
  readonly status: Exported;
  readonly statusLength: Exported;

  readonly keep: (start: number, end: number, line: number) => number;
  readonly capacity: Exported;
  readonly count: Exported;
  readonly places: Exported;
  readonly position: Exported;
  readonly skipped: Exported;
  readonly skippedCount: Exported;

  readonly at: Exported;
  readonly binary: Exported;
  readonly columnCount: Exported;
  readonly columns: Exported;
  readonly delimiter: Exported;
  readonly expectedFields: Exported;
  readonly fieldEnds: Exported;
  readonly fieldFlags: Exported;
  readonly fieldStarts: Exported;
  readonly final: Exported;
  readonly limit: Exported;
  readonly lines: Exported;
  readonly maxRecordBytes: Exported;
  readonly newline: Exported;
  readonly out: Exported;
  readonly outLimit: Exported;
  readonly recordEnd: Exported;
  readonly recordLine: Exported;
  readonly recordStart: Exported;
  readonly strict: Exported;
}

/** What the kernel's functions answer: see assembly/reader.ts, encode.ts and keys.ts. */
export const END = 0, INCOMPLETE = 2, UNUSUAL = 3;
export const COLUMN = 4, FULL = 5, TOO_MANY = 6;
export const KEYS = 4, ENOUGH = 5;

/** Of `Place` in assembly/records.ts: start, end, line, position. */
export const PLACE_FIELDS = 4, PLACE_BYTES = 16;

const PAGE = 65_536;
/** The kernel's own tables lie below it. */
const FIRST_FREE = 4096;
/** Vectors are read and written beyond the end of what is meant. */
export const SLACK = 64;

let compiled: WebAssembly.Module | null = null;

/** An instance with a memory of its own, which is given out piece by piece and never taken back. */
export class Kernel {
  readonly exports: KernelExports;
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  #bytes: Uint8Array<ArrayBuffer>;
  #free = FIRST_FREE;

  constructor() {
    compiled ??= new WebAssembly.Module(Uint8Array.fromBase64(KERNEL));
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } });
    // `scripts/kernel.ts` makes sure that it is made from what is described above.
    this.exports = exports as unknown as KernelExports;
    this.#bytes = allOf(this.#memory);
  }

  /** All of the memory; a new array after `allocate`, the old one is empty then. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** The place of so many bytes, with slack behind them; the memory grows if need be. */
  allocate(length: number): number {
    const place = this.#free;
    this.#free = (place + length + SLACK + 15) & ~15;
    this.#reserve(this.#free);
    return place;
  }

  /** Gives back everything from `place` on. */
  release(place: number): void {
    this.#free = place;
  }

  /** A copy of the bytes in the memory. */
  store(bytes: Uint8Array): number {
    const place = this.allocate(bytes.length);
    this.#bytes.set(bytes, place);
    return place;
  }

  #reserve(end: number): void {
    const missing = Math.ceil((end - this.#bytes.length) / PAGE);
    if (missing <= 0) return;
    this.#memory.grow(missing);
    this.#bytes = allOf(this.#memory);
  }
}

function allOf({ buffer }: WebAssembly.Memory): Uint8Array<ArrayBuffer> {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  throw new Error("The kernel's memory is not shared between threads");
}
