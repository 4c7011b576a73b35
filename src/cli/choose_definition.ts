/** Which definition a run goes by: a file of the importers folder, or what the options say. */
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
  /** The file that it stands in, if it does. */
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
        `An importer (${importer}) and --table exclude each other: give one of them`,
      );
    }
    return { definition: adHocDefinition({ table, key, onDuplicate }, { ownSchema }) };
  }
  if (importer === null) {
    throw new UsageError(
      "No importer is named: ingest run customers --file …, or --table for a run without a definition",
    );
  }
  if (key !== undefined || onDuplicate !== undefined) {
    const option = key === undefined ? "--on-duplicate" : "--key";
    throw new UsageError(
      `${option} goes with --table; the definition of ${importer} says it for itself`,
    );
  }
  const found = await findImporter(importers, importer, { ownSchema });
  return { definition: found.definition, origin: found };
}
