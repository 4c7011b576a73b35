/** The kernel's hash of a key's values, for values that the caller has as text. */
import { Kernel } from "./instance.ts";

const encoder = new TextEncoder();

export class KeyHash {
  readonly #kernel = new Kernel();
  readonly #result = this.#kernel.allocate(8);
  readonly #texts = this.#kernel.allocate(0);
  #room = 0;

  /** `key`: its number, so that equal values of different keys have different hashes. */
  begin(key: number): void {
    this.#kernel.exports.beginHash(key);
  }

  addText(text: string): void {
    // At most three bytes for a UTF-16 unit.
    if (text.length * 3 > this.#room) {
      this.#room = text.length * 3;
      this.#kernel.release(this.#texts);
      this.#kernel.allocate(this.#room);
    }
    const target = this.#kernel.bytes.subarray(this.#texts, this.#texts + this.#room);
    const { written } = encoder.encodeInto(text, target);
    this.#kernel.exports.addBytes(this.#texts, written);
  }

  addNull(): void {
    this.#kernel.exports.addNull();
  }

  /** Writes the 64 bits as two numbers of 32 bits, from `at` on. */
  end(target: Int32Array, at: number): void {
    this.#kernel.exports.endHash(this.#result);
    const [low, high] = new Int32Array(this.#kernel.bytes.buffer, this.#result, 2);
    target[at] = low;
    target[at + 1] = high;
  }
}
