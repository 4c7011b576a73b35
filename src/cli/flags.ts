/** Options that many commands share: how they are declared, and their types. */
import { type Command, Option } from "commander";
import { MAX_WORKERS } from "../config/config.ts";
import { parseCount } from "./arguments.ts";

export interface CommonFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export interface DatabaseFlags extends CommonFlags {
  readonly databaseUrl?: string;
  readonly embedded?: boolean;
  /** The schema of ingest's own tables. */
  readonly schema?: string;
}

export interface ImporterFlags {
  readonly importers?: string;
}

/** Every command has these. Its help ends with the examples. */
export function withCommonFlags(command: Command, ...examples: readonly string[]): Command {
  return command
    .option("--json", "print one JSON document on stdout, everything else on stderr")
    .option("--verbose", "show where an error came from")
    .option("--no-color", "show no colours (also NO_COLOR=1)")
    .addHelpText(
      "after",
      `\nExample${examples.length > 1 ? "s" : ""}:\n` +
        examples.map((example) => `  ${example}\n`).join(""),
    );
}

export function withDatabaseFlags(command: Command): Command {
  return command
    .option("--database-url <url>", "the database (else DATABASE_URL, else PGHOST, PGDATABASE …)")
    .option("--embedded", "use the embedded Postgres (also INGEST_EMBEDDED=1)")
    .option("--schema <name>", "the schema of ingest's own tables (else INGEST_SCHEMA)");
}

export function withImportersFlag(command: Command): Command {
  return command.option(
    "--importers <dir>",
    "the folder of definitions (else INGEST_IMPORTERS, else ./importers)",
  );
}

export function withAllowHostFlag(command: Command): Command {
  return command.addOption(
    new Option(
      "--allow-host <host>",
      "a host in a private network from which files may be fetched; may be repeated (else " +
        "INGEST_ALLOW_HOSTS)",
    ).argParser(parseHosts),
  );
}

/** Collects what an option says each time. */
function parseHosts(host: string, before: readonly string[] = []): readonly string[] {
  return [...before, host];
}

export function withWorkersFlag(command: Command, verb = "load"): Command {
  return command.option(
    "--workers <n>",
    `how many batches to ${verb} at once, each over its own connection`,
    parseCount(1, MAX_WORKERS),
  );
}
