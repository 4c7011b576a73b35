import type { HasByteForm } from "./byte_rule.ts";
import type { ValueProblem } from "./value_problem.ts";

/** Something that a value of the right type is checked for: over text, and on the bytes. */
export interface Check extends HasByteForm {
  /**
   * @param canonical what Postgres would get
   * @param text the value before its type was applied: what the person wrote
   */
  readonly text: (canonical: string, text: string) => ValueProblem | null;
}
