/**
 * Line ends of all kinds. The reader knows LF and CRLF, or CR alone. A file that mixes them, or has
 * CR CR LF, is copied with LFs.
 */
import { CR, LF } from "./dialect.ts";

/** What has a meaning besides line ends. Enough to tell which line ends lie within quotes. */
export interface QuoteRules {
  readonly quote: number;
  /** The bytes after which a quote opens a value. */
  readonly delimiters: readonly number[];
  /** The byte that makes the next one ordinary; -1 or left out if there is none. */
  readonly escape?: number;
}

/** How many there are of each kind outside quotes. */
export interface LineEndCounts {
  readonly lf: number;
  readonly crlf: number;
  readonly cr: number;
  /** CR CR LF and the like: CRLF that was converted once more. */
  readonly crcrlf: number;
}

export function countLineEnds(bytes: Uint8Array, rules: QuoteRules): LineEndCounts {
  const counts = { lf: 0, crlf: 0, cr: 0, crcrlf: 0 };
  const cutter = new LineEndCutter(rules);
  cutter.onEnd = (kind, times) => {
    counts[kind] += times;
  };
  cutter.push(bytes, new Uint8Array(bytes.length));
  cutter.finish(new Uint8Array(1));
  return counts;
}

/** Is every CR followed by an LF, or the last byte? A fast check that finds most files as they should be. */
export function hasOnlyLf(bytes: Uint8Array): boolean {
  if (!bytes.includes(CR)) return true;
  for (let i = 0; i < bytes.length - 1; i++) {
    if (bytes[i] === CR && bytes[i + 1] !== LF) return false;
  }
  return true;
}

/** The same lines, each ended by an LF. */
export function withLf(bytes: Uint8Array, rules: QuoteRules): Uint8Array {
  const cutter = new LineEndCutter(rules);
  const out = new Uint8Array(bytes.length + 1);
  const length = cutter.push(bytes, out);
  return out.subarray(0, length + cutter.finish(out.subarray(length)));
}

/** `withLf` for a stream. */
export function lfStream(rules: QuoteRules): TransformStream<Uint8Array, Uint8Array> {
  const cutter = new LineEndCutter(rules);
  return new TransformStream({
    transform(chunk, to) {
      // What was held back of the last chunk can come before it.
      const out = new Uint8Array(chunk.length + cutter.held);
      to.enqueue(out.subarray(0, cutter.push(chunk, out)));
    },
    flush(to) {
      const out = new Uint8Array(cutter.held);
      to.enqueue(out.subarray(0, cutter.finish(out)));
    },
  });
}

const FIELD_START = 0, FIELD = 1, QUOTED = 2, CLOSING = 3;

/** Copies bytes, and turns each line end outside quotes into an LF. Keeps its state between pushes. */
class LineEndCutter {
  onEnd: (kind: keyof LineEndCounts, times: number) => void = () => {};
  readonly #quote: number;
  readonly #escape: number;
  readonly #isDelimiter = new Uint8Array(256);
  #state: number = FIELD_START;
  #isEscaped = false;
  /** CRs outside quotes that wait for what follows. */
  #crs = 0;

  constructor({ quote, delimiters, escape = -1 }: QuoteRules) {
    this.#quote = quote;
    this.#escape = escape;
    for (const byte of delimiters) this.#isDelimiter[byte] = 1;
  }

  /** Bytes that the next push may write besides its own. */
  get held(): number {
    return this.#crs;
  }

  /** Returns how many bytes were written to `out`. */
  push(bytes: Uint8Array, out: Uint8Array): number {
    let length = 0;
    for (const byte of bytes) {
      if (this.#isEscaped) {
        this.#isEscaped = false;
        if (this.#state !== QUOTED) this.#state = FIELD;
        out[length++] = byte;
        continue;
      }
      if (this.#state === QUOTED) {
        if (byte === this.#quote) this.#state = CLOSING;
        else this.#isEscaped = byte === this.#escape;
        out[length++] = byte;
        continue;
      }
      // Not the end of the value, but a doubled quote.
      if (this.#state === CLOSING && byte === this.#quote) {
        this.#state = QUOTED;
        out[length++] = byte;
        continue;
      }
      if (byte === CR) {
        this.#crs++;
        this.#state = FIELD_START;
        continue;
      }
      if (byte === LF) {
        this.onEnd(this.#crs === 0 ? "lf" : this.#crs === 1 ? "crlf" : "crcrlf", 1);
        this.#crs = 0;
        this.#state = FIELD_START;
        out[length++] = LF;
        continue;
      }
      if (this.#crs > 0) length += this.finish(out.subarray(length));
      this.#isEscaped = byte === this.#escape;
      if (byte === this.#quote && this.#state === FIELD_START) this.#state = QUOTED;
      else if (this.#isDelimiter[byte] === 1) this.#state = FIELD_START;
      else if (this.#state !== FIELD_START || !isBlank(byte)) this.#state = FIELD;
      out[length++] = byte;
    }
    return length;
  }

  /** Ends the lines of the CRs that were held back. */
  finish(out: Uint8Array): number {
    const crs = this.#crs;
    if (crs > 0) this.onEnd("cr", crs);
    out.fill(LF, 0, crs);
    this.#crs = 0;
    return crs;
  }
}

/** Before a quote, it is not data. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}
