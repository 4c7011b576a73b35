/** `schema`. It is JSON, with `--json` or without; with `--types` it is TypeScript. */
import { definitionJsonSchema } from "../../importer/json_schema/json_schema.ts";
import { loadImporters } from "../../importer/folder.ts";
import { EXIT } from "../exit_codes.ts";
import type { ImporterFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { readSettings } from "../settings.ts";
import { hookTypes } from "./hook_types.ts";

export function schemaCommand(output: Output): number {
  output.json(definitionJsonSchema());
  return EXIT.done;
}

/** Definitions that can't be used have no type. */
export async function typesCommand(flags: ImporterFlags, output: Output): Promise<number> {
  const { importers, schema } = readSettings(flags);
  const { usable } = await loadImporters(importers, { ownSchema: schema });
  const types = hookTypes(usable.map(({ definition }) => definition));
  for (const line of types.trimEnd().split("\n")) output.print(line);
  return EXIT.done;
}
