/** The steps that change a column's text, one after the other (row/byte_rule.ts). */
import { Automaton, replaceAll } from "./automaton";
import { Column, Kind } from "./column";
import { copyTo } from "./copy";
import { isJson } from "./json";
import { Letters, toLower, toTitle, toUpper } from "./letters";
import { readValue } from "./read_value";
import { takeScratch } from "./scratch";
import { toSlug } from "./slug";
import { squish } from "./squish";
import { isNull, setNull, setText, textEnd, textStart } from "./text";
import { valueEnd, valueStart } from "./value";
import { isAscii } from "./vectors";
import { afterBlanks, beforeBlanks } from "./white_space";

/** The names are those of row/byte_rule.ts. */
export const enum StepKind {
  trim,
  squish,
  lower,
  upper,
  title,
  slug,
  prefix,
  suffix,
  split,
  if_null,
  convert,
  replace,
}

@unmanaged
export class Step {
  kind: StepKind;
  /** The step's own text: what is added, what separates, what stands for null. */
  text: usize;
  length: u32;
  /** For `split`: which part; negative ones count from the end. */
  index: i32;
  /**
   * For lower, upper, title: Letters. For slug: its characters (slug.ts). For replace: Automaton. For
   * convert: a Column that such values are read for.
   */
  table: usize;
}

/** Changes the text. Returns false if the caller must do it. */
export function changeText(column: Column): bool {
  for (let s: u32 = 0; s < column.stepCount; s++) {
    const step = changetype<Step>(column.steps + s * offsetof<Step>());
    // Only this makes something of nothing.
    if (isNull && step.kind != StepKind.if_null) continue;
    if (!apply(step)) return false;
    if (!isNull && textStart == textEnd && column.emptyIsNull) setNull();
  }
  return true;
}

function apply(step: Step): bool {
  switch (step.kind) {
    case StepKind.trim: {
      const start = afterBlanks(textStart, textEnd);
      setText(start, beforeBlanks(start, textEnd));
      return true;
    }
    case StepKind.squish:
      return squish();
    case StepKind.lower:
      return toLower(changetype<Letters>(step.table));
    case StepKind.upper:
      return toUpper(changetype<Letters>(step.table));
    case StepKind.title:
      return toTitle(changetype<Letters>(step.table));
    case StepKind.slug:
      return toSlug(step.table);
    case StepKind.prefix:
      return join(step.text, step.text + step.length, textStart, textEnd);
    case StepKind.suffix:
      return join(textStart, textEnd, step.text, step.text + step.length);
    case StepKind.convert:
      return convert(changetype<Column>(step.table));
    case StepKind.split:
      takePart(step);
      return true;
    case StepKind.if_null:
      if (isNull) setText(step.text, step.text + step.length);
      return true;
    case StepKind.replace:
      return replaceAll(changetype<Automaton>(step.table), step.text, step.length);
    default:
      return false;
  }
}

/** Makes the text the canonical form of its value. */
function convert(column: Column): bool {
  if (column.kind == Kind.text) return true;
  if (column.kind == Kind.json) return isJson(textStart, textEnd);
  // All other values are ASCII.
  if (!isAscii(textStart, textEnd) || !readValue(column, textStart, textEnd)) return false;
  // The next value is written where this one may be.
  const length = valueEnd - valueStart;
  const place = takeScratch(length);
  if (place == 0) return false;
  memory.copy(place, valueStart, length);
  setText(place, place + length);
  return true;
}

/** Makes the two one text. */
export function join(from: usize, to: usize, nextFrom: usize, nextTo: usize): bool {
  const whole = to - from + (nextTo - nextFrom);
  const place = takeScratch(whole);
  if (place == 0) return false;
  // For so few bytes, memory.copy takes longer: it is a call out of the kernel.
  copyTo(copyTo(place, from, to), nextFrom, nextTo);
  setText(place, place + whole);
  return true;
}

/** One of the parts between the separators; null if there are too few. */
function takePart(step: Step): void {
  let index = step.index;
  if (index < 0) {
    for (let at = textStart; at <= textEnd; index++) {
      const found = find(step, at);
      if (found == 0) break;
      at = found + step.length;
    }
    // The last part has no separator behind it.
    index++;
    if (index < 0) return setNull();
  }
  let from = textStart;
  for (;; index--) {
    const found = find(step, from);
    if (index == 0) return setText(from, found == 0 ? textEnd : found);
    if (found == 0) return setNull();
    from = found + step.length;
  }
}

/** The place of the next separator from `from` on; 0 if there is none. */
function find(step: Step, from: usize): usize {
  const length: usize = step.length;
  const first = load<u8>(step.text);
  for (let at = from; at + length <= textEnd; at++) {
    if (load<u8>(at) == first && memory.compare(at, step.text, length) == 0) return at;
  }
  return 0;
}
