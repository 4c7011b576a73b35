/** Checks the constant that fills a column. */
import type { ParsedColumn } from "../schema.ts";
import { describe, type Path, type Problems } from "../problem.ts";
import { hasOpenWord, wordsIn } from "../constant_words.ts";
import { nearest } from "../nearest.ts";

/** Nothing is read, changed or checked for a constant, so no other key makes sense. */
const KEYS_BESIDE_VALUE: readonly string[] = ["value", "type", "lookup", "when"];

/** These are for rows for which the condition doesn't hold. */
const KEYS_BESIDE_CONDITION: readonly string[] = ["default", "empty", "on_update"];

export function checkConstant(
  path: Path,
  column: ParsedColumn,
  value: string,
  tokens: readonly string[],
  problems: Problems,
): void {
  for (const key of Object.keys(column)) {
    if (KEYS_BESIDE_VALUE.includes(key)) continue;
    if (column.when !== undefined && KEYS_BESIDE_CONDITION.includes(key)) continue;
    problems.add([...path, key], {
      found: `\`${key}\` together with \`value\``,
      expected: "`value` alone",
      sentence: `can't be combined with \`value\`, which is a constant`,
    });
  }
  if (hasOpenWord(value)) {
    problems.add([...path, "value"], {
      found: describe(value),
      expected: "a } after each ${",
      sentence: `${describe(value)} has \${ without }; for the characters themselves, say $\${`,
    });
  }
  for (const name of wordsIn(value)) {
    if (tokens.includes(name)) continue;
    problems.add([...path, "value"], {
      found: `\${${name}}`,
      expected: tokens.map((known) => `\${${known}}`).join(", "),
      suggestion: nearest(name, tokens),
    });
  }
}
