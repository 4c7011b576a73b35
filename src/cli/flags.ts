/** Options that many commands share: how they are declared, and what they are in code. */
import type { Command } from "commander";
import { MAX_WORKERS } from "../config/config.ts";
import { parseCount } from "./arguments.ts";

export interface CommonFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export interface DatabaseFlags extends CommonFlags {
  readonly databaseUrl?: string;
  readonly embedded?: boolean;
  /** Of ingest's own tables. */
  readonly schema?: string;
}

export interface ImporterFlags {
  readonly importers?: string;
}

/** Every command has these; `example` is what its help ends with. */
export function withCommonFlags(command: Command, ...examples: readonly string[]): Command {
  return command
    .option("--json", "print one JSON document on stdout, all else on stderr")
    .option("--verbose", "show where an error came from")
    .addHelpText(
      "after",
      `\nExample${examples.length > 1 ? "s" : ""}:\n` +
        examples.map((example) => `  ${example}\n`).join(""),
    );
}

export function withDatabaseFlags(command: Command): Command {
  return command
    .option("--database-url <url>", "the database (else DATABASE_URL, else PGHOST, PGDATABASE …)")
    .option("--embedded", "use the Postgres that ingest brings (also INGEST_EMBEDDED=1)")
    .option("--schema <name>", "the schema of ingest's own tables (else INGEST_SCHEMA)");
}

export function withImportersFlag(command: Command): Command {
  return command.option(
    "--importers <dir>",
    "the folder of definitions (else INGEST_IMPORTERS, else ./importers)",
  );
}

export function withWorkersFlag(command: Command): Command {
  return command.option(
    "--workers <n>",
    "how many batches are loaded at once, each over a connection of its own",
    parseCount(1, MAX_WORKERS),
  );
}
