/** `init`, `test`, `schema`: what helps to write definitions. */
import { Option } from "commander";
import { parseFiles } from "../arguments.ts";
import type { InitFlags } from "../commands/init.ts";
import type { TestFlags } from "../commands/test.ts";
import {
  type CommonFlags,
  type ImporterFlags,
  withCommonFlags,
  withDatabaseFlags,
  withImportersFlag,
} from "../flags.ts";
import { withSourceFlags } from "./source_flags.ts";
import type { Declaration } from "./declaration.ts";

export function declareDefining({ program, output, finish }: Declaration): void {
  const init = program.command("init")
    .summary("write a definition that fits a file and its table")
    .description(
      "Reads all of a file, and the table if a database is named, and writes a definition into the " +
        "importers folder: which column fills which, how dates and numbers are written, which texts " +
        "stand for NULL, what could be the key. Comments say what was found, and on which lines.",
    )
    .argument("[importer]", "what the importer will be called (default: the table's name)")
    .addOption(
      new Option("-f, --from <path>", "the file to read; - reads standard input; may be repeated")
        .argParser(parseFiles),
    )
    .option("--table <name>", "the table that it is for (default: what the file is called)")
    .option("--force", "overwrite the definition if it is there");
  withSourceFlags(init);
  withImportersFlag(init);
  withDatabaseFlags(init);
  withCommonFlags(
    init,
    "ingest init --from customers.csv",
    "ingest init crm --from export.xlsx --table public.customers",
  ).action(async (importer: string | undefined, flags: InitFlags) => {
    const { initCommand } = await import("../commands/init.ts");
    finish(await initCommand(importer ?? null, flags, output));
  });

  const test = program.command("test")
    .summary("try the cases that lie beside definitions")
    .description(
      "Tries the rows of customers.test.yaml with the definition customers, against the real table, " +
        "in a transaction that is rolled back, and compares outcomes, errors and values with what " +
        "the file expects. Exits with 1 if a case fails.",
    )
    .argument("[importer]", "the slug of a definition (default: all that have cases)");
  withImportersFlag(test);
  withDatabaseFlags(test);
  withCommonFlags(test, "ingest test", "ingest test customers")
    .action(async (importer: string | undefined, flags: TestFlags) => {
      const { testCommand } = await import("../commands/test.ts");
      finish(await testCommand(importer ?? null, flags, output));
    });

  const schema = program.command("schema")
    .summary("print the JSON Schema of definitions, for editors")
    .description(
      "Prints the JSON Schema of a definition. With it, an editor completes the keys, explains " +
        "them and marks what is wrong. Write it to a file, and name that file in the first line of " +
        "a definition: # yaml-language-server: $schema=../ingest.schema.json. With --types, prints " +
        "types for hooks instead, in TypeScript.",
    )
    .option("--types", "types for hooks, and for the rows of each importer");
  withImportersFlag(schema);
  withCommonFlags(
    schema,
    "ingest schema > ingest.schema.json",
    "ingest schema --types > importers/ingest.d.ts",
  ).action(async (flags: CommonFlags & ImporterFlags & { readonly types?: boolean }) => {
    const { schemaCommand, typesCommand } = await import("../commands/schema.ts");
    finish(flags.types ? await typesCommand(flags, output) : schemaCommand(output));
  });
}
