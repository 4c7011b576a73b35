/**
 * Takes the CopyData messages out of what a server sends. It sends one for each row, and for each
 * postgres.js makes three buffers: more work than all that is then done with the rows of a retry.
 */
import { Buffer } from "node:buffer";

const LETTER_D = 100;
/** A message's letter and its length, which counts itself but not the letter. */
const HEADER = 5, LENGTH = 1;

export class CopyMessages {
  readonly #onData: (piece: Uint8Array) => void;
  readonly #onOther: (piece: Buffer) => void;
  /** How many bytes of the current message are still to come, and whether it is CopyData. */
  #left = 0;
  #isData = false;
  /** The beginning of a header whose rest is to come. */
  #header: Buffer = Buffer.alloc(0);

  /** `onData`: gets the content of the messages. `onOther`: gets all other messages, in pieces. */
  constructor(onData: (piece: Uint8Array) => void, onOther: (piece: Buffer) => void) {
    this.#onData = onData;
    this.#onOther = onOther;
  }

  /** `received`: what has come next. The first time, it begins with a message. */
  take(received: Buffer): void {
    const chunk = this.#header.length === 0 ? received : Buffer.concat([this.#header, received]);
    let at = 0;
    while (at < chunk.length) {
      if (this.#left === 0) {
        if (chunk.length - at < HEADER) break;
        this.#isData = chunk[at] === LETTER_D;
        const length = chunk.readUInt32BE(at + LENGTH) + LENGTH;
        if (this.#isData) at += HEADER;
        this.#left = this.#isData ? length - HEADER : length;
      }
      const end = Math.min(at + this.#left, chunk.length);
      if (this.#isData) this.#onData(chunk.subarray(at, end));
      else this.#onOther(chunk.subarray(at, end));
      this.#left -= end - at;
      at = end;
    }
    this.#header = chunk.subarray(at);
  }
}
