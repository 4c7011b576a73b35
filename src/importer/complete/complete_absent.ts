/** Expands `on_absent`, `scope`, and the options about them. */
import { type AbsentRule, DEFAULT_MAX_ABSENT } from "../absent_rule.ts";
import type { ParsedOnAbsent, ParsedScope } from "../absent_schema.ts";
import type { ParsedDefinition } from "../schema.ts";
import { readMaxErrors } from "../read_options.ts";
import type { Texts } from "../texts.ts";

type ParsedOptions = NonNullable<ParsedDefinition["options"]>;

/** Null: absent rows are kept. */
export function completeAbsent(
  onAbsent: ParsedOnAbsent | undefined,
  scope: ParsedScope = {},
  options: Pick<ParsedOptions, "max_absent" | "absent_despite_failures">,
  texts: Texts,
): AbsentRule | null {
  if (onAbsent === undefined || onAbsent === "keep") return null;
  const { max_absent: most } = options;
  const mark = typeof onAbsent === "string" ? null : {
    column: texts.one(["on_absent", "mark", "column"], onAbsent.mark.column),
    value: texts.optional(["on_absent", "mark", "value"], onAbsent.mark.value),
  };
  const values = (column: string, given: ParsedScope[string]) =>
    Array.isArray(given)
      ? given.map((value, index) => texts.optional(["scope", column, index], value))
      : [texts.optional(["scope", column], given)];
  return {
    do: mark === null ? "delete" : "mark",
    mark,
    scope: Object.fromEntries(
      Object.entries(scope).map(([column, given]) => [column, values(column, given)]),
    ),
    most: (most === undefined ? null : readMaxErrors(most)) ?? DEFAULT_MAX_ABSENT,
    ...options.absent_despite_failures === true && { despiteFailures: true },
  };
}
