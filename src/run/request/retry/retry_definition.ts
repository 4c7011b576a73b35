import { withMapping } from "../../../importer/column_mapping.ts";
import { overriddenAs } from "../../../importer/overridden.ts";
import { findImporter } from "../../../importer/folder.ts";
import { telling } from "../../../importer/set/telling.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import type { ChosenDefinition } from "./retry_request.ts";

/**
 * Chooses a retry's definition: the importer's current one, since that is what people fix.
 * `ownSchema`: the schema of ingest's own tables. Throws UnknownImporter and DefinitionError.
 */
export async function chooseRetryDefinition(
  { id, definition, importer }: Run,
  importersFolder: string,
  ownSchema: string,
  original: boolean,
): Promise<ChosenDefinition> {
  if (original || definition.ad_hoc) return { definition };
  // What the run was told holds for its rows, whatever the file says now.
  const told = await telling(definition.set, `run ${id}`);
  const found = await findImporter(importersFolder, importer, { ownSchema, ...told });
  // The file is still the one for which somebody said where its columns go, and how it is read.
  const current = overriddenAs(found.definition, definition);
  return { definition: withMapping(current, definition.mapping), origin: found };
}
