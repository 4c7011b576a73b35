/** `schema`. It is JSON, with `--json` or without. */
import { definitionJsonSchema } from "../../importer/json_schema/json_schema.ts";
import { EXIT } from "../exit_codes.ts";
import type { Output } from "../output.ts";

export function schemaCommand(output: Output): number {
  output.json(definitionJsonSchema());
  return EXIT.done;
}
