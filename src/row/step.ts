/** The steps between a field's text and its type. */
import type { HasByteForm } from "./byte_rule.ts";
import { ValueProblem } from "./value_problem.ts";

/** A text, null for no value, or the reason why there is neither. */
export type Value = string | null | ValueProblem;

/** One step: its text form and its byte form. */
export interface ValueStep extends HasByteForm {
  readonly text: (value: string | null) => Value;
}

/** Applies steps in order until one finds a problem. Empty texts become null if `emptyIsNull`. */
export function inOrder(steps: readonly ValueStep[], emptyIsNull: boolean): ValueStep["text"] {
  if (steps.length === 0) return (value) => value;
  const texts = steps.map(({ text }) => text);
  return (start) => {
    let value = start;
    for (const text of texts) {
      const next = text(value);
      if (next instanceof ValueProblem) return next;
      value = next === "" && emptyIsNull ? null : next;
    }
    return value;
  };
}
