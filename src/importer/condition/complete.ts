/** From a condition as written to one as it is stored with a run. */
import type { Path } from "../problem.ts";
import type { Texts } from "../texts.ts";
import type { Condition } from "./condition.ts";
import type { ParsedCondition } from "./schema.ts";

/** What makes no sense is reported elsewhere, so anything may come of it. */
export function completeCondition(parsed: ParsedCondition, path: Path, texts: Texts): Condition {
  const inner = (key: "all" | "any" | "none") =>
    (parsed[key] ?? []).map((each, index) => completeCondition(each, [...path, key, index], texts));
  if (parsed.all !== undefined) return { all: inner("all") };
  if (parsed.any !== undefined) return { any: inner("any") };
  if (parsed.none !== undefined) return { none: inner("none") };
  const column = texts.list([...path, "column"], parsed.column) ?? [];
  const { matches, present, empty, ignore_case = false } = parsed;
  if (matches !== undefined) return { column, matches };
  if (present !== undefined) return { column, present };
  if (empty !== undefined) return { column, present: !empty };
  const not = texts.list([...path, "not"], parsed.not);
  if (not !== null) return { column, not, ignore_case };
  const one_of = texts.list([...path, "equals"], parsed.equals) ??
    texts.list([...path, "one_of"], parsed.one_of) ?? [];
  return { column, one_of, ignore_case };
}
