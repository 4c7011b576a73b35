import type { LongRecordEnd } from "../record_format.ts";
import { LF } from "./line_rules.ts";

/** Finds the end of a line that is longer than a record may be. It keeps none of its bytes. */
export class LongLine implements LongRecordEnd {
  lines = 0;
  readonly isOpen = false;
  readonly mayBeOpen = false;

  readonly #escape: number;
  #isEscaped: boolean;

  /** `isEscaped`: the first byte is an ordinary character, whatever it is. */
  constructor(escape: number, isEscaped: boolean) {
    this.#escape = escape;
    this.#isEscaped = isEscaped;
  }

  take(bytes: Uint8Array, from: number, to: number): number {
    for (let i = from; i < to; i++) {
      const byte = bytes[i];
      if (byte === LF) this.lines++;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === LF) return i + 1;
      else this.#isEscaped = byte === this.#escape;
    }
    return -1;
  }

  clone(): LongLine {
    const copy = new LongLine(this.#escape, this.#isEscaped);
    copy.lines = this.lines;
    return copy;
  }
}
