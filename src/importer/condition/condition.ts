/** A condition on a row of the file, as a definition says it with `when`. */

/** Where several are named, they are other names for one: the first that the file has is used. */
interface OfColumn {
  readonly column: readonly string[];
}

export type Condition =
  /** All hold, at least one, or none of them. */
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly none: readonly Condition[] }
  | OfColumn & Test;

/** What a column's text is compared with. */
export type Test =
  /** It is one of these texts. */
  | { readonly one_of: readonly string[]; readonly ignore_case: boolean }
  /** It is none of them, and so is a cell without a value. */
  | { readonly not: readonly string[]; readonly ignore_case: boolean }
  | { readonly matches: string }
  /** There is a value, or there is none. */
  | { readonly present: boolean };

/** The source columns that it reads, each with its other names. */
export function namesIn(condition: Condition): readonly (readonly string[])[] {
  return "column" in condition ? [condition.column] : partsOf(condition).flatMap(namesIn);
}

/** Of a condition that is made of others. */
export function partsOf(
  condition: Exclude<Condition, OfColumn>,
): readonly Condition[] {
  if ("all" in condition) return condition.all;
  return "any" in condition ? condition.any : condition.none;
}
