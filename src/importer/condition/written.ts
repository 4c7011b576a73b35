/** A condition as a definition says it. */
import type { Json } from "../document/definition_edit.ts";
import type { Condition } from "./condition.ts";

export function writtenCondition(condition: Condition): Json {
  if ("all" in condition) return { all: condition.all.map(writtenCondition) };
  if ("any" in condition) return { any: condition.any.map(writtenCondition) };
  if ("none" in condition) return { none: condition.none.map(writtenCondition) };
  const column = oneOrMore(condition.column);
  if ("matches" in condition) return { column, matches: condition.matches };
  if ("present" in condition) return { column, [condition.present ? "present" : "empty"]: true };
  const cases: Record<string, Json> = condition.ignore_case ? { ignore_case: true } : {};
  if ("not" in condition) return { column, not: oneOrMore(condition.not), ...cases };
  const { one_of } = condition;
  return one_of.length === 1
    ? { column, equals: one_of[0], ...cases }
    : { column, one_of, ...cases };
}

function oneOrMore(texts: readonly string[]): Json {
  return texts.length === 1 ? texts[0] : texts;
}
