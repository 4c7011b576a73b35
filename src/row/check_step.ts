import type { HasByteForm } from "./byte_rule.ts";
import type { ValueProblem } from "./value_problem.ts";

/** A check of a value of the right type, in its text form and its byte form. */
export interface Check extends HasByteForm {
  /**
   * @param canonical the text that Postgres would get
   * @param text the value before its type was applied, as it was written in the file
   */
  readonly text: (canonical: string, text: string) => ValueProblem | null;
}
