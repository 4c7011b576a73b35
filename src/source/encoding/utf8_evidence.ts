/** What speaks for and against a file's being UTF-8, when not all of it is. */
import { sequenceLength } from "./utf8.ts";

/** How many bytes of lines are kept for guessing another encoding. */
const KEPT_BYTES = 64 * 1024;
const LONGEST_LINE = 4096;
const LF = 0x0a;

/**
 * Judges runs of bytes beyond ASCII, not single bytes. In UTF-8 a whole run consists of valid
 * sequences, unless it is damaged. In other encodings a run that does so by chance is rare, and
 * rarer still if its characters are usual ones: `É®` in windows-1252 would be the phonetic sign ɮ.
 */
export class Utf8Evidence {
  /** Runs that are valid and usual; of these, those of a single character with two bytes. */
  good = 0;
  pairs = 0;
  /** Runs that are valid but for a last character that was cut off. */
  cut = 0;
  /** All other runs. */
  broken = 0;
  /** The line of the first good run, from 1; 0 if there is none. */
  firstGoodLine = 0;
  /** The same of the first run that was cut off. */
  firstCutLine = 0;
  readonly #lines: Uint8Array[] = [];
  #kept = 0;
  #line = 1;

  /** `bytes` must not end within a run. */
  add(bytes: Uint8Array): void {
    let lineStart = 0;
    let keepsLine = false;
    for (let i = 0; i < bytes.length;) {
      if (bytes[i] >= 0x80) {
        i = this.#judgeRun(bytes, i);
        keepsLine = true;
        continue;
      }
      if (bytes[i] === LF) {
        if (keepsLine) this.#keep(bytes, lineStart, i + 1);
        keepsLine = false;
        lineStart = i + 1;
        this.#line++;
      }
      i++;
    }
    if (keepsLine) this.#keep(bytes, lineStart, bytes.length);
  }

  /** The first lines with bytes beyond ASCII. */
  lines(): Uint8Array {
    const all = new Uint8Array(this.#kept);
    let at = 0;
    for (const line of this.#lines) {
      all.set(line, at);
      at += line.length;
    }
    return all;
  }

  /** Returns the index after the run that begins at `start`. */
  #judgeRun(bytes: Uint8Array, start: number): number {
    let i = start;
    let sequences = 0;
    let usual = true;
    while (i < bytes.length && bytes[i] >= 0x80) {
      const length = sequenceLength(bytes, i, bytes.length);
      if (length === 0) break;
      usual &&= isUsual(bytes, i, length);
      sequences++;
      i += length;
    }
    const validEnd = i;
    while (i < bytes.length && bytes[i] >= 0x80) i++;
    if (validEnd < i) {
      if (isCutSequence(bytes, validEnd, i) && (sequences > 0 ? usual : i - validEnd > 1)) {
        this.cut++;
        if (this.firstCutLine === 0) this.firstCutLine = this.#line;
      } else this.broken++;
    } else if (usual) {
      this.good++;
      if (i - start === 2) this.pairs++;
      if (this.firstGoodLine === 0) this.firstGoodLine = this.#line;
    } else {
      this.broken++;
    }
    return i;
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    if (this.#kept >= KEPT_BYTES) return;
    const line = bytes.slice(start, Math.min(end, start + LONGEST_LINE));
    this.#lines.push(line);
    this.#kept += line.length;
  }
}

/** Is the character one that texts are made of, rather than a control or a phonetic sign? */
function isUsual(bytes: Uint8Array, i: number, length: number): boolean {
  if (length > 2) return true;
  const code = (bytes[i] & 0x1f) << 6 | bytes[i + 1] & 0x3f;
  return (code >= 0xa0 && code < 0x180) || // Latin
    (code >= 0x218 && code < 0x21c) || // Romanian
    (code >= 0x300 && code < 0x329) || // accents that follow their letter
    (code >= 0x370 && code < 0x590) || // Greek, Cyrillic, Armenian
    (code >= 0x5d0 && code < 0x5eb) || // Hebrew
    (code >= 0x600 && code < 0x700); // Arabic
}

/** Are the bytes from `start` to `end` the beginning of a character that needs more bytes? */
export function isCutSequence(bytes: Uint8Array, start: number, end: number): boolean {
  const left = end - start;
  if (left < 1 || left > 3) return false;
  // They are if a continuation completes them: try those that could follow.
  for (const next of [0x80, 0xa0, 0x90]) {
    const continued = new Uint8Array(left + 3).fill(0x80);
    continued.set(bytes.subarray(start, end));
    if (left === 1) continued[1] = next;
    if (sequenceLength(continued, 0, continued.length) > left) return true;
  }
  return false;
}
