/** Between a row's cells and the values that hooks work with. */
import { writeJson } from "./json_values.ts";
import type { Cell, GivenCell } from "./messages.ts";
import { nameOf, plainNumber } from "./value_words.ts";

/** Texts stay texts. What JSON says is a number, true, false, an object or a list is one here. */
export function toValue(cell: Cell): unknown {
  return cell === null || typeof cell === "string" ? cell : JSON.parse(cell.j);
}

/** `expected`: what else than these a hook may give. */
const ALLOWED = "text, a number, true, false, a date or null";

/** A value that a hook has given, or what is wrong with it. `takesObjects`: as JSON. */
export function toCell(value: unknown, takesObjects: boolean): GivenCell {
  if (value === null) return null;
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? value : { error: "a text with half of a character" };
    case "boolean":
      return { j: String(value) };
    case "bigint":
      return { j: String(value) };
    case "number":
      return Number.isFinite(value) ? { j: plainNumber(value) } : { error: String(value) };
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? { error: "an invalid date" } : value.toISOString();
  }
  if (takesObjects && typeof value === "object") return writeJson(value);
  return { error: nameOf(value) };
}

export function refusedValue(hook: string, found: string): string {
  return `${hook} gave ${found}; expected ${ALLOWED}.`;
}

const LONGEST = 1000;

/** One line: what somebody threw. */
export function messageOf(error: unknown, hook: string): string {
  let text: string;
  try {
    text = String((error instanceof Error ? error.message : error) ?? "");
  } catch {
    text = "";
  }
  if (error instanceof Deno.errors.NotCapable) text = withoutAdvice(text);
  const line = text.toWellFormed().replaceAll(/\s+/gu, " ").replaceAll("\0", "").trim();
  if (line === "" || line === "[object Object]") return `${hook} threw an error without a message.`;
  return line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line;
}

/** The runtime says how to start a program that may do it. Nobody can start hooks like that. */
function withoutAdvice(text: string): string {
  return `${text.replace(/, (?:specify|run again)[\s\S]*$/u, "")}, which hooks don't have`;
}
