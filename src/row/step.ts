/** The steps between a field's text and what its type makes of it. */
import type { HasByteForm } from "./byte_rule.ts";
import { ValueProblem } from "./value_problem.ts";

/** A text, nothing, or why there is neither. */
export type Value = string | null | ValueProblem;

/** One step: its text form, and how it looks on the bytes. */
export interface ValueStep extends HasByteForm {
  readonly text: (value: string | null) => Value;
}

/** Applies steps in order; a problem ends it. An empty text is null again if `emptyIsNull`. */
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
