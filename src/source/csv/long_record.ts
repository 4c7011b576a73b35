/**
 * Finds the end of a record that is longer than a record may be, whatever its length. It is given
 * the record's bytes piece by piece and keeps none of them.
 */
import { type Dialect, isBlank } from "./dialect.ts";
import type { LongRecordEnd } from "../record_format.ts";

export class LongRecord implements LongRecordEnd {
  lines = 0;
  isOpen = false;

  readonly #dialect: Dialect;
  /** A quote here would open a field. */
  #beginsField: boolean;
  /** The last byte was a quote that closes a field, unless another one follows. */
  #isClosing = false;
  /** The next byte is an ordinary character. */
  #isEscaped = false;
  /** How many bytes of a delimiter came last. */
  #matched = 0;

  /** `beginsField`: the first byte is a field's first; null: quotes are ordinary characters. */
  constructor(dialect: Dialect, beginsField: boolean | null) {
    this.#dialect = beginsField === null ? { ...dialect, quote: -1 } : dialect;
    this.#beginsField = beginsField === true;
  }

  get mayBeOpen(): boolean {
    return this.isOpen || this.#isClosing;
  }

  take(bytes: Uint8Array, from: number, to: number): number {
    const dialect = this.#dialect;
    const { newline, quote, escape, delimiterBytes } = dialect;
    for (let i = from; i < to; i++) {
      const byte = bytes[i];
      if (this.#isEscaped || byte === escape) {
        this.#isEscaped = !this.#isEscaped;
        if (byte === newline) this.lines++;
        this.#beginsField = this.#isClosing = false;
        this.#matched = 0;
        continue;
      }
      if (this.isOpen) {
        if (byte === newline) this.lines++;
        else if (byte === quote) {
          this.isOpen = false;
          this.#isClosing = true;
        }
        continue;
      }
      if (byte === newline) {
        this.lines++;
        return i + 1;
      }
      if (byte === quote && (this.#beginsField || this.#isClosing)) this.isOpen = true;
      this.#isClosing = false;
      if (byte === delimiterBytes[this.#matched]) this.#matched++;
      else this.#matched = byte === delimiterBytes[0] ? 1 : 0;
      const isDelimiter = this.#matched === delimiterBytes.length;
      if (isDelimiter) this.#matched = 0;
      this.#beginsField = isDelimiter ||
        (this.#beginsField && dialect.isTolerant && isBlank(dialect, byte));
    }
    return -1;
  }

  clone(): LongRecord {
    const copy = new LongRecord(this.#dialect, this.#beginsField);
    copy.lines = this.lines;
    copy.isOpen = this.isOpen;
    copy.#isClosing = this.#isClosing;
    copy.#isEscaped = this.#isEscaped;
    copy.#matched = this.#matched;
    return copy;
  }
}
