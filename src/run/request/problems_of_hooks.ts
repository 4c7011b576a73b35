import { DefinitionError } from "../../importer/definition_errors.ts";
import type { Importer } from "../../importer/folder.ts";
import type { Problem } from "../../importer/problem.ts";
import { withHooks } from "../hooks/choose_hooks.ts";

/** Why the hooks of a definition can't be used. Loads their file, but calls none. */
export async function problemsOfHooks(importer: Importer): Promise<readonly Problem[]> {
  try {
    await withHooks(importer.definition, importer);
    return [];
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return error.problems;
  }
}
