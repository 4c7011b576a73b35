/** Loads a definition's hooks before a run begins: whether they can be used, and what they are. */
import type { Definition } from "../../importer/definition.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import { type Origin, toProblem } from "../../importer/problem.ts";
import { fillsOnlyNamed } from "../../importer/column_mapping.ts";
import { nearest } from "../../importer/nearest.ts";
import { routeDefinitions } from "../../importer/routes/routes.ts";
import { limitsOf } from "./limits.ts";
import { wrongTables } from "./wrong_tables.ts";

/**
 * The definition, with what its hooks file is like now. Throws DefinitionError if that can't be used.
 */
export async function withHooks(definition: Definition, origin?: Origin): Promise<Definition> {
  const { hooks } = definition;
  if (hooks === undefined) return definition;
  const { HookProcess, HooksEnded, HooksUnusable } = await import("../../hooks/hook_process.ts");
  const { file, path = "" } = hooks;
  const wrong = (sentence: string) => {
    const place = origin?.positions.get("hooks");
    return new DefinitionError([
      toProblem(
        typeof place === "object" ? place.file : origin?.file ?? file,
        typeof place === "object" ? place.line : place ?? null,
        ["hooks"],
        { found: file, expected: "hooks that can be loaded", sentence },
      ),
    ]);
  };
  try {
    const process = new HookProcess({
      place: { path, file, checksum: null },
      limits: limitsOf(definition),
      onPrint: () => {},
    });
    try {
      const { checksum, uses } = await process.loaded;
      const routes = routeDefinitions(definition);
      const names = routes.flatMap(({ columns }) => Object.keys(columns ?? {}));
      const unknown = routes.every((route) => fillsOnlyNamed(route))
        ? uses.columns.find((name) => !names.includes(name))
        : undefined;
      if (unknown !== undefined) throw wrong(notFilled(file, unknown, names, definition));
      const misfit = wrongTables(definition, file, uses);
      if (misfit !== null) throw wrong(misfit);
      return { ...definition, hooks: { ...hooks, checksum, uses } };
    } finally {
      await process.close();
    }
  } catch (error) {
    if (!(error instanceof HooksUnusable || error instanceof HooksEnded)) throw error;
    throw wrong(error.message.replace(/\.$/u, ""));
  }
}

function notFilled(
  file: string,
  name: string,
  names: readonly string[],
  { nested = [] }: Definition,
): string {
  const near = nearest(name, names);
  const children = nested.find(({ columns }) => Object.hasOwn(columns, name));
  if (near === null && children !== undefined) {
    return `${file} has a function for the column ${name}, which is one of ${children.table}: ` +
      `change it in beforeRow, in ${children.from}`;
  }
  return `${file} has a function for the column ${name}, which the definition does not fill` +
    (near === null ? "" : `; did you mean ${near}?`);
}

/** What is different about a run's hooks since; null if nothing is. */
export function hooksChanged(before: Definition, now: Definition): string | null {
  if (now.hooks === undefined || before.hooks?.checksum === now.hooks.checksum) return null;
  const { file } = now.hooks;
  return before.hooks === undefined
    ? `The definition has hooks now: ${file}.`
    : `${file} has changed since: the rows are tried with the hooks as they are now.`;
}
