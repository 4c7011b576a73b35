/** Instances of the kernel: WebAssembly made from assembly/. */
import type { KernelExports } from "./contract.ts";
import { KERNEL } from "./wasm.ts";

const PAGE = 65_536;
/** Vectors are read and written beyond the end of what is meant. */
export const SLACK = 64;

let compiled: WebAssembly.Module | null = null;

/** An instance with a memory of its own, which is given out piece by piece and never taken back. */
export class Kernel {
  readonly exports: KernelExports;
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  #bytes: Uint8Array<ArrayBuffer>;
  #free: number;

  constructor() {
    compiled ??= new WebAssembly.Module(Uint8Array.fromBase64(KERNEL));
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } });
    // `scripts/kernel.ts` makes sure that it is what the contract describes.
    this.exports = exports as unknown as KernelExports;
    this.#bytes = allOf(this.#memory);
    this.#free = aligned(this.exports.firstFree());
  }

  /** All of the memory; a new array after `allocate`, the old one is empty then. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** The place of so many bytes, with slack behind them; the memory grows if need be. */
  allocate(length: number): number {
    const place = this.#free;
    this.#free = aligned(place + length + SLACK);
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

/** Views of numbers must begin at a multiple of a number's length. */
function aligned(place: number): number {
  return (place + 15) & ~15;
}

function allOf({ buffer }: WebAssembly.Memory): Uint8Array<ArrayBuffer> {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  throw new Error("The kernel's memory is not shared between threads");
}
