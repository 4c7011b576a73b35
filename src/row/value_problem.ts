import type { ErrorCode } from "./outcome.ts";

/** What a column finds wrong with values; made once for each check, as messages name no value. */
export class ValueProblem {
  constructor(readonly code: ErrorCode, readonly message: string) {}
}

/** Makes the problems of one column: completes "The age field …". */
export type ProblemOf = (code: ErrorCode, predicate: string) => ValueProblem;

/**
 * @param replacement the rule's own `message`. It doesn't stand in for "is required": what a
 *   value should look like is no help to somebody who left it out.
 */
export function problemsOf(column: string, replacement: string | null): ProblemOf {
  return (code, predicate) => {
    const own = replacement === null || code === "required" ? predicate : replacement.trim();
    return new ValueProblem(code, `The ${column} field ${/[.!?]$/u.test(own) ? own : `${own}.`}`);
  };
}
