/** Where a record ends whose quotes are broken or that is too long: all that is left to find of it. */
import { brokenQuote, tooLong } from "../defects.ts";
import type { Defect } from "../record.ts";
import { type Dialect, withoutCarriageReturns } from "./dialect.ts";
import { type Reach, TOO_LONG } from "../reach.ts";
import { RecordEnd } from "./record_end.ts";

export class UnusualRecord {
  defect: Defect | null = null;
  /** Index after the record's last byte, and after its line end. */
  end = 0;
  next = 0;
  /** Its physical lines. */
  lines = 0;

  readonly #dialect: Dialect;
  readonly #recordEnd: RecordEnd;
  readonly #maxRecordBytes: number;

  constructor(dialect: Dialect, maxRecordBytes: number) {
    this.#dialect = dialect;
    this.#recordEnd = new RecordEnd(dialect, maxRecordBytes);
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Finds the end of the record at `start`, in line `line`. `length`: where the bytes end. */
  find(bytes: Uint8Array, start: number, line: number, reach: Reach, length: number): void {
    const dialect = this.#dialect;
    const record = this.#recordEnd;
    let next = record.find(bytes, start, reach);
    if (next === TOO_LONG && this.#passLong(bytes, reach, length, false)) return;
    if (next === TOO_LONG) {
      next = record.find(bytes, start, reach, true);
      if (next === TOO_LONG && this.#passLong(bytes, reach, length, true)) return;
    }
    this.lines = record.lines;
    this.next = next;
    // Cut off here, it would count as too long.
    if (next === start + this.#maxRecordBytes) {
      this.end = next;
      this.defect = tooLong(this.#maxRecordBytes);
      return;
    }
    const stop = bytes[next - 1] === dialect.newline ? next - 1 : next;
    this.end = withoutCarriageReturns(dialect, bytes, start, stop);
    const { broken } = record;
    if (broken === null) throw new Error("A record without a broken quote has no unusual end");
    this.defect = brokenQuote(broken.textAfter, broken.line === 0 ? null : line + broken.line);
  }

  /** Passes a record that is too long. False if it is only so long because a quote is stray. */
  #passLong(bytes: Uint8Array, { limit }: Reach, length: number, gaveUp: boolean): boolean {
    const record = this.#recordEnd;
    let next = limit;
    let lines = record.lines;
    if (this.#dialect.isTolerant) {
      const long = record.longRecord(bytes, limit);
      next = long.take(bytes, limit, length);
      // If the bytes end here, whoever has cut them has found the quote that closes.
      if (next === -1 && long.isOpen && length > limit && !gaveUp) return false;
      if (next === -1) next = length;
      lines += long.lines;
    }
    this.next = next;
    this.lines = lines;
    this.end = limit;
    this.defect = tooLong(this.#maxRecordBytes);
    return true;
  }
}
