/** Instances of the kernel: WebAssembly compiled from assembly/. */
import type { KernelExports } from "./contract.ts";
import { KERNEL } from "./wasm.ts";

const PAGE = 65_536;
/**
 * In pages, a megabyte together: growing takes a new buffer, and a wide table has a thousand small
 * allocations. Pages that nobody has written to take no memory.
 */
const LEAST_PAGES = 16;
/** The kernel reads and writes whole vectors, which may go beyond the end of the data. */
export const SLACK = 64;

let compiled: WebAssembly.Module | null = null;

/** An instance with its own memory, which is allocated piece by piece and never shrinks. */
export class Kernel {
  readonly exports: KernelExports;
  readonly #memory = new WebAssembly.Memory({ initial: LEAST_PAGES });
  #bytes: Uint8Array<ArrayBuffer>;
  #free: number;

  constructor() {
    compiled ??= new WebAssembly.Module(Uint8Array.fromBase64(KERNEL));
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } });
    // `scripts/kernel.ts` makes sure that the exports match the contract.
    this.exports = exports as unknown as KernelExports;
    this.#bytes = allOf(this.#memory);
    this.#free = aligned(this.exports.firstFree());
  }

  /** All of the memory. When `allocate` grows it, this is a new array and the old one is empty. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Returns the place of `length` bytes, with slack after them; grows the memory if necessary. */
  allocate(length: number): number {
    const place = this.#free;
    this.#free = aligned(place + length + SLACK);
    this.#reserve(this.#free);
    return place;
  }

  /** Frees everything from `place` on. */
  release(place: number): void {
    this.#free = place;
  }

  /** Copies the bytes into the memory and returns their place. */
  store(bytes: Uint8Array): number {
    const place = this.allocate(bytes.length);
    this.#bytes.set(bytes, place);
    return place;
  }

  #reserve(end: number): void {
    const missing = Math.ceil((end - this.#bytes.length) / PAGE);
    if (missing <= 0) return;
    this.#memory.grow(Math.max(missing, LEAST_PAGES));
    this.#bytes = allOf(this.#memory);
  }
}

/** A typed array's view must begin at a multiple of its element size. */
function aligned(place: number): number {
  return (place + 15) & ~15;
}

function allOf({ buffer }: WebAssembly.Memory): Uint8Array<ArrayBuffer> {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  throw new Error("The kernel's memory is not shared between threads");
}
