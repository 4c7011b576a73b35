/** Recognises JSON by the beginning of a file. */
import type { SourceRule } from "../../importer/source_rule.ts";
import { SourceError } from "../error.ts";
import type { Sample } from "../record_format.ts";
import {
  CLOSE_ARRAY,
  countLines,
  LF,
  OPEN_ARRAY,
  OPEN_OBJECT,
  passBlanks,
  QUOTE,
} from "./bytes.ts";
import { BROKEN, CUT, ValueScanner, WHOLE } from "./value_scanner.ts";

/** `array`: the elements of an array are records. `document`: they are somewhere in an object. */
export interface Sniffed {
  readonly kind: "lines" | "elements" | "array" | "document";
  /** Byte offset of the first value; for an array, of its first element. */
  readonly start: number;
}

/** Does the definition say that it is JSON? */
export function isNamedJson({ format, records }: SourceRule): boolean {
  return format === "json" || format === "ndjson" || (records ?? null) !== null;
}

/** Options of delimited text: who gives them means no JSON. */
function meansDelimited(rule: SourceRule): boolean {
  const { delimiter, quote = "auto", escape = null, header, comment = null, skip_lines } = rule;
  return delimiter !== "auto" || quote !== "auto" || escape !== null || header !== true ||
    comment !== null || skip_lines > 0 || (rule.skip_after_header ?? 0) > 0 ||
    (rule.skip_footer ?? 0) > 0 || (rule.skip_rows ?? []).length > 0 || rule.short_rows === "fill";
}

/** Null if it is another format. Throws SourceError if the definition says that it is JSON. */
export function sniff(sample: Sample, rule: SourceRule, name: string): Sniffed | null {
  const isNamed = isNamedJson(rule);
  if (!isNamed && (rule.format !== "auto" || meansDelimited(rule))) return null;
  const isPromised = isNamed || /\.(?:json|jsonl|ndjson|geojson)$/iu.test(name);
  const { bytes, bomBytes } = sample;
  const start = passBlanks(bytes, bomBytes, bytes.length);
  if (start === bytes.length) return null;
  const hasLines = rule.format === "ndjson" || /\.(?:jsonl|ndjson)$/iu.test(name);
  if (hasLines && (rule.records ?? null) === null && bytes[start] === OPEN_OBJECT) {
    return { kind: "lines", start };
  }
  const found = bytes[start] === OPEN_ARRAY
    ? sniffArray(sample, start, isPromised)
    : bytes[start] === OPEN_OBJECT
    ? sniffObject(sample, start, isPromised)
    : null;
  if (found === null && (isNamed || (isPromised && bytes[start] === 0x2f))) {
    throw notJson(bytes, start, name);
  }
  return found;
}

function notJson(bytes: Uint8Array, start: number, name: string): SourceError {
  const line = countLines(bytes, 0, start) + 1;
  return new SourceError(
    `Cannot import ${name} as JSON: line ${line} begins with neither { nor [. Check the file, and ` +
      "`format` in the definition's source.",
  );
}

function sniffArray({ bytes, isWhole }: Sample, open: number, isPromised: boolean): Sniffed | null {
  const array = { kind: "array", start: open + 1 } as const;
  const first = passBlanks(bytes, open + 1, bytes.length);
  if (bytes[first] === OPEN_OBJECT) {
    const next = passBlanks(bytes, first + 1, bytes.length);
    if (isPromised || bytes[next] === QUOTE || bytes[next] === 0x7d) return array;
  }
  const scanner = new ValueScanner();
  const read = scanner.scan(bytes, open, bytes.length, isWhole);
  if (read === BROKEN) return isPromised ? array : null;
  if (read === CUT) return array;
  const rest = passBlanks(bytes, scanner.end, bytes.length);
  if (rest === bytes.length) return array;
  // One array after the other, each on a line.
  const isNextLine = countLines(bytes, scanner.end, rest) > 0 && bytes[rest] === OPEN_ARRAY;
  if (isNextLine && bytes[first] !== CLOSE_ARRAY) return { kind: "lines", start: open };
  return isPromised ? array : null;
}

function sniffObject(
  { bytes, isWhole }: Sample,
  open: number,
  isPromised: boolean,
): Sniffed | null {
  const { length } = bytes;
  const key = passBlanks(bytes, open + 1, length);
  const isObject = bytes[key] === QUOTE || bytes[key] === 0x7d;
  const scanner = new ValueScanner();
  const read = scanner.scan(bytes, open, length, isWhole);
  const lineEnd = lineEndFrom(bytes, open);
  if (read === WHOLE) {
    const rest = passBlanks(bytes, scanner.end, length);
    const hasLines = countLines(bytes, open, scanner.end) > 0;
    if (rest === length) {
      return { kind: isWhole ? "document" : hasLines ? "elements" : "lines", start: open };
    }
    if (hasLines) return { kind: "elements", start: open };
    if (countLines(bytes, scanner.end, rest) > 0) return { kind: "lines", start: open };
    // Text after the first object, on the same line.
    const isOther = bytes[rest] === OPEN_OBJECT || bytes[rest] === 0x2c;
    if (!isOther && secondIsObject(bytes, lineEnd)) return { kind: "lines", start: open };
    return isPromised || isOther ? { kind: "elements", start: open } : null;
  }
  if (read === BROKEN) {
    if (secondIsObject(bytes, lineEnd)) return { kind: "lines", start: open };
    return isPromised ? { kind: "document", start: open } : null;
  }
  return isObject || isPromised ? { kind: "document", start: open } : null;
}

function lineEndFrom(bytes: Uint8Array, from: number): number {
  const found = bytes.subarray(from).indexOf(LF);
  return found === -1 ? bytes.length : from + found;
}

/** Is there a whole object on the line that begins behind `lineEnd`? */
function secondIsObject(bytes: Uint8Array, lineEnd: number): boolean {
  const start = passBlanks(bytes, lineEnd, bytes.length);
  if (bytes[start] !== OPEN_OBJECT) return false;
  const scanner = new ValueScanner();
  const end = lineEndFrom(bytes, start);
  return scanner.scan(bytes, start, end, true) === WHOLE &&
    passBlanks(bytes, scanner.end, end) === end && scanner.end > start + 2;
}
