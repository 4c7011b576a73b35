import { DefinitionError } from "./definition_errors.ts";
import { type ParseOptions, validateDefinition } from "./validate.ts";
import { type Problem, Problems } from "./problem.ts";
import type { Definition } from "./definition.ts";
import { parseTableName } from "./table_name.ts";
import { toSlug } from "./slug.ts";

/** The options that describe a run without a definition file. */
export interface AdHocOptions {
  readonly table: string;
  readonly key?: readonly string[];
  readonly onDuplicate?: string;
  readonly identity?: string;
  /** As a definition writes them. */
  readonly columns?: Readonly<Record<string, object>>;
}

/** How somebody writes the options. */
export interface WrittenOptions {
  readonly names: Readonly<Record<string, string>>;
  readonly key: string;
}

const FLAGS: WrittenOptions = {
  names: {
    table: "--table",
    key: "--key",
    on_duplicate: "--on-duplicate",
    identity: "--identity",
    compare: "--on-duplicate",
  },
  key: "--key column",
};

/** In the query of a request. */
export const PARAMETERS: WrittenOptions = {
  names: { compare: "on_duplicate" },
  key: "key=column",
};

/**
 * A definition that matches the file's columns to the table's by name. Its slug is derived from the
 * table's name. Throws `DefinitionError`, whose problems name the options.
 */
export function adHocDefinition(
  given: AdHocOptions,
  options: ParseOptions = {},
  written: WrittenOptions = FLAGS,
): Definition {
  const { table, key = [], onDuplicate, identity, columns } = given;
  const value = {
    table,
    ...(key.length > 0 && { key }),
    ...(onDuplicate !== undefined && { on_duplicate: onDuplicate }),
    ...(identity !== undefined && { identity }),
    ...(columns !== undefined && { columns }),
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
  const isSet = ({ file }: Problem) => file !== "" && file === options.set?.named;
  throw new DefinitionError(
    result.problems.map((problem) => isSet(problem) ? problem : ofOption(problem, written)),
  );
}

/** Rewrites a problem for those who gave options: `on_duplicate: …` becomes `--on-duplicate: …`. */
function ofOption(problem: Problem, written: WrittenOptions): Problem {
  const key = /^\w*/u.exec(problem.path)?.[0] ?? "";
  const option = written.names[key] ?? problem.path;
  if (key === "compare") {
    const sentence = "update_if_newer needs a definition file, which can say what to `compare`";
    return { ...problem, path: option, message: `${option}: ${sentence}` };
  }
  const rest = problem.message.slice(problem.path.length).replace("key: [column]", written.key);
  return { ...problem, path: option, message: option + rest };
}
