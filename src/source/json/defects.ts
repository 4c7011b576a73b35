/** What is wrong with records of JSON. The messages contain no values, so that they group. */
import { displayText } from "../display_text.ts";
import type { Defect, RecordCursor } from "../record.ts";
import { OPEN_ARRAY, QUOTE } from "./bytes.ts";
import { hasNoText } from "./decode.ts";
import { type Problem, PROBLEMS } from "./problem.ts";

/** How many bytes are shown on either side of where a record is broken. */
const BEFORE = 40, AFTER = 20;

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** `at`: where the record from `start` to `end` shows that it is broken. */
export function brokenJson(
  problem: Problem,
  bytes: Uint8Array,
  start: number,
  at: number,
  end: number,
): Defect {
  const around = bytes.subarray(Math.max(start, at - BEFORE), Math.min(end, at + AFTER));
  const value = displayText(lenient.decode(around)).replace(/^\ufffd+|\ufffd+$/gu, "");
  return { code: "malformed", message: PROBLEMS[problem], value };
}

export function noObject(first: number): Defect {
  const found = first === OPEN_ARRAY
    ? "an array"
    : first === QUOTE
    ? "a text"
    : first === 0x6e
    ? "null"
    : first === 0x74 || first === 0x66
    ? "true or false"
    : "a number";
  return { code: "malformed", message: `The row is ${found} where an object is expected.` };
}

export function repeatedKey(key: string): Defect {
  const value = displayText(key);
  return { code: "malformed", message: "The row has the same key twice in an object.", value };
}

/** Null if the text can be stored. */
export function noText(text: string, record: RecordCursor, field: number): Defect | null {
  const why = hasNoText(text);
  if (why === null) return null;
  const value = lenient.decode(
    record.bytes.subarray(record.fieldStart[field], record.fieldEnd[field]),
  );
  const message = why === "nul"
    ? "The row holds \\u0000, which Postgres cannot store as text."
    : "The row holds half of a character (a surrogate such as \\ud800 without the other half).";
  return { code: "encoding", message, value: displayText(value) };
}
