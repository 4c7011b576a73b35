import type { ColumnRule, Definition } from "../../importer/definition.ts";
import { type Condition, partsOf } from "../../importer/condition/condition.ts";
import { Pattern } from "../../pattern/pattern.ts";
import { quickLength } from "../../pattern/risk.ts";

/**
 * The text, in UTF-16 units, up to which a pattern has to be quick on the platform's own expressions.
 * Those are for what the kernel leaves to the text path; a batch full of the worst texts takes them
 * some seconds.
 */
const LONG_TEXT = 500;

/**
 * Is a batch of it done so soon that the main thread may do it? Regular expressions can take long:
 * they need an automaton, for which the kernel needs no longer than for other checks.
 */
export function isQuick({ source, columns }: Pick<Definition, "source" | "columns">): boolean {
  return (source.skip_rows ?? []).every(isQuickTest) &&
    (source.when === undefined || isQuickCondition(source.when)) &&
    Object.values(columns ?? {}).every(isQuickColumn);
}

function isQuickColumn({ pattern, transform, when = null }: ColumnRule): boolean {
  return (pattern === null || isQuickTest(pattern)) && (when === null || isQuickCondition(when)) &&
    transform.every((step) => step.op !== "replace" || isQuickReplace(step.pattern, step.with));
}

function isQuickCondition(condition: Condition): boolean {
  if ("column" in condition) return !("matches" in condition) || isQuickTest(condition.matches);
  return partsOf(condition).every(isQuickCondition);
}

function isQuickTest(source: string): boolean {
  return isQuickPattern(source, (pattern) => pattern.automatons !== null);
}

function isQuickReplace(source: string, by: string): boolean {
  return isQuickPattern(source, (pattern) => pattern.replacement(by) !== null);
}

/** One that is no regular expression is refused later, with a message. */
function isQuickPattern(source: string, hasAutomaton: (pattern: Pattern) => boolean): boolean {
  try {
    return quickLength(source) >= LONG_TEXT && hasAutomaton(new Pattern(source));
  } catch {
    return false;
  }
}
