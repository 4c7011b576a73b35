/** Chooses a run's definition: a file in the importers folder, or one made from the options. */
import { UsageError } from "../config/usage_error.ts";
import { adHocDefinition } from "../importer/ad_hoc.ts";
import type { Definition } from "../importer/definition.ts";
import type { Origin } from "../importer/problem.ts";
import { findImporter } from "../importer/folder.ts";
import type { Settings } from "./settings.ts";

export interface AdHocFlags {
  readonly table?: string;
  readonly key?: readonly string[];
  readonly onDuplicate?: string;
}

export interface ChosenDefinition {
  readonly definition: Definition;
  /** The file that it comes from, if there is one. */
  readonly origin?: Origin;
}

/** Throws UsageError, UnknownImporter and DefinitionError. */
export async function chooseDefinition(
  importer: string | null,
  { table, key, onDuplicate }: AdHocFlags,
  { importers, schema: ownSchema }: Settings,
): Promise<ChosenDefinition> {
  if (table !== undefined) {
    if (importer !== null) {
      throw new UsageError(
        `Cannot combine an importer (${importer}) with --table: give one of them`,
      );
    }
    return { definition: adHocDefinition({ table, key, onDuplicate }, { ownSchema }) };
  }
  if (importer === null) {
    throw new UsageError(
      "No importer given: ingest run customers --file …, or --table for a run without a definition",
    );
  }
  if (key !== undefined || onDuplicate !== undefined) {
    const option = key === undefined ? "--on-duplicate" : "--key";
    throw new UsageError(
      `${option} only works with --table: change the definition of ${importer} instead`,
    );
  }
  const found = await findImporter(importers, importer, { ownSchema });
  return { definition: found.definition, origin: found };
}
