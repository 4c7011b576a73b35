/** The checks of a value that has the right type. */
import type { ColumnRule } from "../importer/definition.ts";
import type { TableColumn } from "../load/catalog/table.ts";
import type { Check } from "./check_step.ts";
import { DefinitionMismatch } from "./mismatch.ts";
import { limitCheck } from "./number_limits.ts";
import { Pattern, PatternTooSlow } from "../pattern/pattern.ts";
import { type ProblemOf, problemsOf, type ValueProblem } from "./value_problem.ts";
import { withoutLast } from "./without_last.ts";
import { amongWords, atLeast, atMost, fitsColumn } from "./text_limits.ts";

export interface CheckedColumn {
  readonly rule: ColumnRule;
  readonly column: TableColumn;
  readonly isNumber: boolean;
  /** The canonical form of one of the rule's `one_of`. */
  readonly canonical: (text: string) => string | null;
  readonly problemOf: ProblemOf;
}

/** The checks, in the order in which they are reported. */
export function compileChecks(checked: CheckedColumn): readonly Check[] {
  const { rule, column, problemOf } = checked;
  const checks: Check[] = [];
  if (checked.isNumber) checks.push(limitCheck(rule, column, problemOf));
  checks.push(...lengthChecks(rule, column, problemOf));
  if (rule.pattern !== null) checks.push(patternCheck(rule.pattern, column, problemOf));
  if (rule.one_of !== null) {
    checks.push(
      listCheck(rule.one_of, rule.one_of.map((one) => checked.canonical(one) ?? one), problemOf),
    );
  }
  if (column.enumLabels !== null) {
    checks.push(listCheck(column.enumLabels, column.enumLabels, problemOf));
  }
  return checks;
}

/** `must be one of free, pro, team`; also used for the texts of a `map`. */
export function oneOf(words: readonly string[]): string {
  return `must be one of ${words.join(", ")}`;
}

function lengthChecks(rule: ColumnRule, column: TableColumn, problemOf: ProblemOf): Check[] {
  const checks: Check[] = [];
  const { min_length, max_length } = rule;
  if (min_length !== null) {
    const problem = problemOf("min_length", `must have at least ${characters(min_length)}`);
    checks.push({
      text: (_, text) => codePoints(text) < min_length ? problem : null,
      bytes: atLeast(min_length),
    });
  }
  if (max_length !== null) {
    const problem = tooLong(max_length, problemOf);
    checks.push({
      text: (_, text) => isLonger(text, max_length) ? problem : null,
      bytes: atMost(max_length),
    });
  }
  const { maxLength } = column;
  if (maxLength !== null) {
    const problem = tooLong(maxLength, problemOf);
    checks.push({
      // Postgres silently drops blanks beyond the limit.
      text: (canonical) =>
        isLonger(canonical, maxLength) && isLonger(withoutLast(canonical, " "), maxLength)
          ? problem
          : null,
      bytes: fitsColumn(maxLength),
    });
  }
  return checks;
}

function tooLong(limit: number, problemOf: ProblemOf): ValueProblem {
  return problemOf("max_length", `must not be longer than ${characters(limit)}`);
}

function characters(count: number): string {
  return count === 1 ? "1 character" : `${count} characters`;
}

function isLonger(text: string, limit: number): boolean {
  return text.length > limit && codePoints(text) > limit;
}

/** The number of characters, as Postgres counts them. */
function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
}

function patternCheck(source: string, column: TableColumn, problemOf: ProblemOf): Check {
  const pattern = compilePattern(source, column.name);
  const problem = problemOf("pattern", "has the wrong format");
  const slow = tooSlow(column.name);
  const { automatons } = pattern;
  return {
    text: (_, text) => {
      try {
        return pattern.test(text) ? null : problem;
      } catch (error) {
        if (error instanceof PatternTooSlow) return slow;
        throw error;
      }
    },
    bytes: automatons && ((rule) => ({ ...rule, patterns: [...rule.patterns, ...automatons] })),
  };
}

/** Throws DefinitionMismatch if `source` is not a regular expression, or takes too long for any text. */
export function compilePattern(source: string, column: string): Pattern {
  const refuse = (reason: string) => {
    throw new DefinitionMismatch(`The pattern of column ${column} can't be used: ${reason}.`);
  };
  try {
    const pattern = new Pattern(source);
    if (pattern.isUsable) return pattern;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  return refuse("its counts multiply to too many steps. Use smaller ones");
}

/** For a value that a pattern can't be compared with. The rule's own message would mislead. */
export function tooSlow(column: string): ValueProblem {
  return problemsOf(column, null)(
    "pattern",
    "takes too long to compare with its pattern. Shorten the value, or simplify the pattern in the " +
      "definition",
  );
}

function listCheck(
  shown: readonly string[],
  words: readonly string[],
  problemOf: ProblemOf,
): Check {
  const known = new Set(words);
  const problem = problemOf("one_of", oneOf(shown));
  return {
    text: (canonical) => known.has(canonical) ? null : problem,
    bytes: amongWords(words),
  };
}
