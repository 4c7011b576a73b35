/** Finds words such as `${file.name}` in texts where nothing is filled in. */
import { isMapping } from "../issues.ts";
import { describe, type Path, type Problems } from "../problem.ts";
import type { ParsedDefinition } from "../schema.ts";

/** What constants know, and what is written like it by mistake. */
const WORD = /\$\{\s*(?:run|row|file)\.[^}]*\}/u;

/**
 * Without it, a default of `${run.user}` would be loaded as these characters, and a scope of
 * `${file.region}` would match no row of the table: nobody would notice.
 */
export function checkWords(parsed: ParsedDefinition, problems: Problems): void {
  const { description: _, slug: __, source, ...rest } = parsed;
  look([], rest, problems);
  // All else of it has words of its own, or isn't about values.
  look(["source", "when"], source?.when, problems);
}

function look(path: Path, value: unknown, problems: Problems): void {
  if (typeof value === "string") {
    if (!WORD.test(value) || isConstant(path)) return;
    problems.add(path, {
      found: describe(value),
      expected: "a text in which nothing has to be filled in",
      sentence: `${describe(value)} would be taken as it stands: \${…} is filled in only in the ` +
        "`value` of a column",
    });
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) look([...path, index], item, problems);
  } else if (isMapping(value)) {
    for (const [key, item] of Object.entries(value)) look([...path, key], item, problems);
  }
}

/** These are checked where they are: the constant of a column, and those of links. */
function isConstant(path: Path): boolean {
  const [of, , last] = path.slice(-3);
  return last === "value" && of === "columns" || path[0] === "many" && path[2] === "pivot";
}
