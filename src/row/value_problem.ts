import type { ErrorCode } from "./outcome.ts";

/** A problem with a column's values. Each check makes it once, because messages name no value. */
export class ValueProblem {
  constructor(readonly code: ErrorCode, readonly message: string) {}
}

/** Makes the problems of one column; the predicate completes "The age field …". */
export type ProblemOf = (code: ErrorCode, predicate: string) => ValueProblem;

/**
 * @param replacement the rule's own `message`. It doesn't replace "is required": what a value
 *   should look like is no help if it was left out.
 */
export function problemsOf(column: string, replacement: string | null): ProblemOf {
  return (code, predicate) => {
    const own = replacement === null || code === "required" ? predicate : replacement.trim();
    return new ValueProblem(code, `The ${column} field ${/[.!?]$/u.test(own) ? own : `${own}.`}`);
  };
}
