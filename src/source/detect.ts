/**
 * What kind of file is it? Pure functions over its first bytes; up to 1 MB is meant, more changes
 * nothing but the time it takes.
 */

import { isUtf8 } from "node:buffer";
import { CsvReader } from "./csv.ts";
import { CR, LF, QUOTE } from "./quoted_field.ts";
import type { CsvFormat } from "./record.ts";
import { sequenceLength } from "./utf8.ts";

export const SAMPLE_BYTES = 1024 * 1024;

export interface DetectedEncoding {
  readonly encoding: "utf-8" | "windows-1252" | "utf-16le" | "utf-16be";
  /** Bytes of the byte order mark at the beginning, which are no data. */
  readonly bomBytes: number;
}

export type Delimiter = "," | ";" | "\t" | "|";

const DELIMITERS: readonly Delimiter[] = [",", ";", "\t", "|"];

/** Records that are looked at for each delimiter. */
const DETECTION_RECORDS = 200;

/**
 * A byte order mark decides; else NULs in every second byte mean UTF-16; else it is UTF-8 if it
 * holds no invalid sequence. Where valid multi-byte sequences are at least as many as invalid
 * bytes it is still UTF-8, in which a few rows are damaged: those fail alone, whereas taking the
 * file for Windows-1252 would garble the good rows without a word. Text in Windows-1252 hardly ever
 * holds valid sequences.
 */
export function detectEncoding(sample: Uint8Array): DetectedEncoding {
  const mark = byteOrderMark(sample);
  if (mark !== null) return mark;
  const wide = utf16WithoutMark(sample);
  if (wide !== null) return { encoding: wide, bomBytes: 0 };
  // 6 ms for a megabyte that is looked at below.
  if (isUtf8(sample)) return { encoding: "utf-8", bomBytes: 0 };

  let valid = 0;
  let invalid = 0;
  for (let i = 0; i < sample.length;) {
    if (sample[i] < 0x80) {
      i++;
      continue;
    }
    const length = sequenceLength(sample, i, sample.length);
    if (length > 0) {
      valid++;
      i += length;
    } else {
      // The sample may end in the middle of a sequence; that says nothing.
      if (isCutSequence(sample, i)) break;
      invalid++;
      i++;
    }
  }
  const utf8 = invalid === 0 || valid >= invalid;
  return { encoding: utf8 ? "utf-8" : "windows-1252", bomBytes: 0 };
}

function byteOrderMark(sample: Uint8Array): DetectedEncoding | null {
  const [a, b, c] = sample;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: "utf-8", bomBytes: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: "utf-16le", bomBytes: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: "utf-16be", bomBytes: 2 };
  return null;
}

/** Text in UTF-16 has a NUL beside each ASCII character, always on the same side. */
function utf16WithoutMark(sample: Uint8Array): "utf-16le" | "utf-16be" | null {
  const pairs = Math.min(sample.length, 4096) >> 1;
  if (pairs < 2) return null;
  let first = 0;
  let second = 0;
  for (let i = 0; i < pairs; i++) {
    if (sample[2 * i] === 0) first++;
    if (sample[2 * i + 1] === 0) second++;
  }
  if (second > pairs * 0.6 && first < pairs * 0.1) return "utf-16le";
  if (first > pairs * 0.6 && second < pairs * 0.1) return "utf-16be";
  return null;
}

function isCutSequence(sample: Uint8Array, i: number): boolean {
  const left = sample.length - i;
  if (left > 3) return false;
  // Whole if continued: try the continuations that could follow.
  for (const next of [0x80, 0xa0, 0x90]) {
    const continued = new Uint8Array(left + 3).fill(0x80);
    continued.set(sample.subarray(i));
    if (left === 1) continued[1] = next;
    if (sequenceLength(continued, 0, continued.length) > left) return true;
  }
  return false;
}

/**
 * The delimiter under which the records agree best on their number of fields, the first one (the
 * header) included; the more fields the better. `,` if nothing separates anything. Give the bytes
 * from the header on, in UTF-8 or another encoding that extends ASCII.
 */
export function detectDelimiter(sample: Uint8Array): Delimiter {
  const newline = detectNewline(sample);
  let best: Delimiter = ",";
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const score = agreement(sample, { type: "csv", delimiter, newline });
    if (score > bestScore) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

/** 0 if the delimiter separates nothing; else the greater, the better the records agree. */
function agreement(sample: Uint8Array, format: CsvFormat): number {
  const reader = new CsvReader(sample, format, { offset: 0, line: 1, row: 1 }, null);
  const counts: number[] = [];
  let reached = 0;
  while (counts.length < DETECTION_RECORDS && reader.next()) {
    counts.push(reader.defect?.code === "malformed" ? 0 : reader.fieldCount);
    reached = reader.end;
  }
  // The sample may cut its last record short.
  if (reached === sample.length && counts.length > 1) counts.pop();

  const seen = new Map<number, number>();
  for (const count of counts) seen.set(count, (seen.get(count) ?? 0) + 1);
  let usual = 0;
  for (const [count, times] of seen) {
    if (count > 1 && times >= (seen.get(usual) ?? 0)) usual = count;
  }
  if (usual === 0) return 0;
  const share = (seen.get(usual) ?? 0) / counts.length;
  // Commas in decimals and addresses, semicolons in notes: they are seldom in the header as well.
  // So a header that this delimiter doesn't separate rules it out, and one that it separates into
  // another number of fields than the rows speaks against it more than ragged rows do.
  if (counts[0] === 1) return 0;
  const header = counts[0] === usual ? 1 : 0.1;
  // Agreement first, number of fields second: the latter only ever adds less than a tenth.
  return Math.round(share * header * 20) / 20 + Math.min(usual, 1000) / 1e5;
}

/**
 * `cr` if there are CRs but no LF outside quotes (old Macintosh exports, which have LFs inside
 * quotes); else `lf`, which reads CRLF as well.
 */
export function detectNewline(sample: Uint8Array): CsvFormat["newline"] {
  let quoted = false;
  let crs = 0;
  for (let i = 0; i < sample.length; i++) {
    const byte = sample[i];
    if (byte === QUOTE) quoted = !quoted;
    else if (quoted) continue;
    else if (byte === LF) return "lf";
    else if (byte === CR) crs++;
  }
  return crs > 0 ? "cr" : "lf";
}
