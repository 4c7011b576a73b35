import { findImporter } from "../../importer/folder.ts";
import type { Run } from "../../ledger/runs.ts";
import type { ChosenDefinition } from "./retry.ts";

/**
 * Which definition a retry goes by: the importer's as it is now, since that is what people fix.
 * Throws UnknownImporter and DefinitionError. `ownSchema`: of ingest's own tables.
 */
export async function chooseRetryDefinition(
  { definition, importer }: Run,
  importersFolder: string,
  ownSchema: string,
  original: boolean,
): Promise<ChosenDefinition> {
  if (original || definition.ad_hoc) return { definition };
  const found = await findImporter(importersFolder, importer, { ownSchema });
  return { definition: found.definition, origin: found };
}
