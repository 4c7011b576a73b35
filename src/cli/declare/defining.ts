/** `schema`: what helps to write definitions. */
import { type CommonFlags, withCommonFlags } from "../flags.ts";
import type { Declaration } from "./declaration.ts";

export function declareDefining({ program, output, finish }: Declaration): void {
  const schema = program.command("schema")
    .summary("print the JSON Schema of definitions, for editors")
    .description(
      "Prints the JSON Schema of a definition. With it, an editor completes the keys, explains " +
        "them and marks what is wrong. Write it to a file, and name that file in the first line of " +
        "a definition: # yaml-language-server: $schema=../ingest.schema.json",
    );
  withCommonFlags(
    schema,
    "ingest schema > ingest.schema.json",
  ).action(async (_flags: CommonFlags) => {
    const { schemaCommand } = await import("../commands/schema.ts");
    finish(schemaCommand(output));
  });
}
