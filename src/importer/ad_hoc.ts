import { DefinitionError } from "./definition_errors.ts";
import { type ParseOptions, validateDefinition } from "./validate.ts";
import { type Problem, Problems } from "./problem.ts";
import type { Definition } from "./definition.ts";
import { parseTableName } from "./table_name.ts";
import { toSlug } from "./slug.ts";

/** The options that describe a run without a definition file, as given on the command line. */
export interface AdHocOptions {
  readonly table: string;
  readonly key?: readonly string[];
  readonly onDuplicate?: string;
  readonly identity?: string;
}

const FLAGS: Readonly<Record<string, string>> = {
  table: "--table",
  key: "--key",
  on_duplicate: "--on-duplicate",
  identity: "--identity",
  compare: "--on-duplicate",
};

/**
 * A definition that matches the file's columns to the table's by name. Its slug is derived from the
 * table's name. Throws `DefinitionError`, whose problems name the options.
 */
export function adHocDefinition(given: AdHocOptions, options: ParseOptions = {}): Definition {
  const { table, key = [], onDuplicate, identity } = given;
  const value = {
    table,
    ...(key.length > 0 && { key }),
    ...(onDuplicate !== undefined && { on_duplicate: onDuplicate }),
    ...(identity !== undefined && { identity }),
  };
  const positions = new Map<string, number>();
  const problems = new Problems({ file: "", positions });
  const name = toSlug(parseTableName(table)?.name ?? "");
  const slug = name === "" ? "table" : name;
  const result = validateDefinition(
    { value, positions, written: new Map(), problems },
    slug,
    options,
  );
  if ("definition" in result) return { ...result.definition, ad_hoc: true };
  throw new DefinitionError(result.problems.map(ofOption));
}

/** Rewrites a problem for the command line: `on_duplicate: …` becomes `--on-duplicate: …`. */
function ofOption(problem: Problem): Problem {
  const key = /^\w*/u.exec(problem.path)?.[0] ?? "";
  const option = FLAGS[key] ?? problem.path;
  if (key === "compare") {
    const sentence = "update_if_newer needs a definition file, which can say what to `compare`";
    return { ...problem, path: option, message: `${option}: ${sentence}` };
  }
  const example = "key: [column]";
  const rest = problem.message.slice(problem.path.length).replace(example, "--key column");
  return { ...problem, path: option, message: option + rest };
}
