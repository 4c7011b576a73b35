/**
 * The byte path: a value that needs nothing but checking goes from the record's bytes to COPY
 * without a string being made. It decides only what it is sure of; everything else takes the
 * text path, which alone can find something wrong. Both give the same bytes.
 */
import type { ColumnPlan } from "./column_plan.ts";
import type { CopyWriter } from "./copy_writer.ts";
import type { Judge } from "./judge.ts";
import type { CopyBytes } from "./types/value_program.ts";

export interface ByteCopy {
  /** A field with a byte of 0x80 or above must not be given to `write`. */
  readonly asciiOnly: boolean;
  /** Appends the column's value and returns true; or returns false and `out` is as it was. */
  readonly write: CopyBytes;
}

/** More words than this are looked up faster in a set, on the text path. */
const MAX_WORDS = 16;
const encoder = new TextEncoder();

/** Null if every value of the column needs its text. */
export function compileByteCopy(
  plan: ColumnPlan,
  judge: Judge,
  nullValues: readonly string[],
): ByteCopy | null {
  const { rule, column, fields } = plan;
  const passedOn = fields.length === 1 && rule.concat === null && rule.map === null &&
    rule.transform.length === 0;
  // A null value with blanks around it can't be found after trimming.
  if (!passedOn || (rule.trim && nullValues.some((text) => text !== text.trim()))) return null;

  const isText = judge.type === "text";
  const copy = judge.copy === null || (judge.checked && !isText)
    ? null
    : isText
    ? textCopy(plan)
    : judge.copy;
  if (copy === null) return null;
  // `no` becomes `false`: what is written may be longer than what was read.
  if (judge.type === "boolean" && column.maxLength !== null) return null;

  const asciiLimit = isText ? Infinity : column.maxLength ?? Infinity;
  const nulls = nullValues.map((text) => encoder.encode(text));
  const longestNull = Math.max(-1, ...nulls.map((bytes) => bytes.length));
  const nullPasses = !plan.required && rule.default === null;
  const trim = rule.trim;

  return {
    asciiOnly: !isText,
    write(bytes, start, end, out) {
      if (trim) {
        while (start < end && isBlank(bytes[start])) start++;
        while (start < end && isBlank(bytes[end - 1])) end--;
        // Blanks outside ASCII, such as no-break spaces, are trimmed on the text path.
        if (start < end && (bytes[start] > 127 || bytes[end - 1] > 127)) return false;
      }
      const length = end - start;
      if (length <= longestNull && isOneOf(bytes, start, end, nulls)) {
        if (nullPasses) out.null();
        return nullPasses;
      }
      return length <= asciiLimit && copy(bytes, start, end, out);
    },
  };
}

/** Text of any script; null where a check needs a string. */
function textCopy({ rule, column }: ColumnPlan): CopyBytes | null {
  if (rule.pattern !== null || rule.min_length !== null) return null;
  const limit = Math.min(rule.max_length ?? Infinity, column.maxLength ?? Infinity);
  const words = wordsOf(rule.one_of, column.enumLabels);
  if (words === null) {
    return (bytes, start, end, out) => {
      if (end - start > limit && codePoints(bytes, start, end) > limit) return false;
      out.bytes(bytes, start, end);
      return true;
    };
  }
  if (words.length > MAX_WORDS) return null;
  const encoded = words.filter((word) => word.length <= limit).map((word) => encoder.encode(word));
  return (bytes: Uint8Array, start: number, end: number, out: CopyWriter) => {
    if (!isOneOf(bytes, start, end, encoded)) return false;
    out.bytes(bytes, start, end);
    return true;
  };
}

/** The words that pass both lists. */
function wordsOf(
  one: readonly string[] | null,
  other: readonly string[] | null,
): readonly string[] | null {
  if (one === null || other === null) return one ?? other;
  return one.filter((word) => other.includes(word));
}

function isOneOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  words: readonly Uint8Array[],
): boolean {
  const length = end - start;
  search: for (let w = 0; w < words.length; w++) {
    const word = words[w];
    if (word.length !== length) continue;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== word[i]) continue search;
    return true;
  }
  return false;
}

/** What `String.trim` takes off, as far as it is ASCII. */
function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

function codePoints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if ((bytes[i] & 0xc0) !== 0x80) count++;
  return count;
}
