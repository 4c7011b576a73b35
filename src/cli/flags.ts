/** Options that many commands share: how they are declared, and what they are in code. */
import type { Command } from "commander";
import { parseCount } from "./arguments.ts";

export interface CommonFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export interface DatabaseFlags extends CommonFlags {
  readonly databaseUrl?: string;
  readonly embedded?: boolean;
  /** Of ingest's own tables. */
  readonly schema: string;
}

export interface ImporterFlags {
  readonly importers?: string;
}

/** Connections beyond this are more than a server gives one client. */
export const MAX_WORKERS = 64;

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
    .option("--schema <name>", "the schema of ingest's own tables", "ingest");
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

/** On two cores four were measured best: Postgres and the workers wait for each other. */
export function defaultWorkers(): number {
  return Math.max(2, Math.min(8, 2 * navigator.hardwareConcurrency));
}

export function importersFolder(flags: ImporterFlags): string {
  return flags.importers ?? (Deno.env.get("INGEST_IMPORTERS") || "importers");
}
