/** Characters of a file's form that would mean two things at once. */
import type { SourceRule } from "../source_rule.ts";

export interface DialectConflict {
  readonly key: "quote" | "escape" | "comment";
  readonly expected: string;
}

/** `delimiter`: the character itself, or `auto`. Null if there is none. */
export function dialectConflict(
  { delimiter, quote = "auto", escape = null, comment = null }: Pick<
    SourceRule,
    "delimiter" | "quote" | "escape" | "comment"
  >,
): DialectConflict | null {
  const separator = delimiter === "auto" ? "" : delimiter;
  const other = "another character than the delimiter";
  // Even among others, a quote or an escape would end the delimiter.
  if (quote.length === 1 && separator.includes(quote)) return { key: "quote", expected: other };
  if (escape !== null && separator.includes(escape)) return { key: "escape", expected: other };
  if (comment !== null && (comment[0] === separator[0] || comment[0] === quote)) {
    return { key: "comment", expected: "another beginning than the delimiter's or the quote" };
  }
  return null;
}
