/**
 * Flags and environment as one frozen object. Checked by hand, not with zod: every command
 * needs this, and loading zod takes as long as the rest of `ingest status`.
 */
import { resolve } from "node:path";
import type { Environment, Machine } from "./resolve_database.ts";
import { expected } from "./usage_error.ts";

export interface Config {
  /** The folder of the definitions. */
  readonly importers: string;
  /** Absolute. Spooled files and the embedded Postgres lie here. */
  readonly home: string;
  /** Of ingest's own tables. */
  readonly schema: string;
  /** How many batches are loaded at once, each over a connection of its own. */
  readonly workers: number;
  /** Who asks for a run, for its record; null if nothing tells. */
  readonly user: string | null;
}

/** As the command line has them. */
export interface ConfigFlags {
  readonly importers?: string;
  readonly schema?: string;
  readonly workers?: string | number;
}

/**
 * One for each core: while Postgres works on a worker's batch, the worker waits. Beside a Postgres
 * on the same two cores, two took 3.1 s for a million rows, three 3.3 s, four 3.4 s.
 */
function defaultWorkers(cores: number): number {
  return Math.min(Math.max(cores, 2), 4);
}

/** More connections than this are more than a server gives one client. */
export const MAX_WORKERS = 64;

/** Throws `UsageError` for the first wrong value. Flags beat the environment. */
export function readConfig(
  flags: ConfigFlags,
  environment: Environment,
  machine: Pick<Machine, "user" | "cores">,
): Config {
  const env = (name: string) => environment[name]?.trim() || undefined;
  const user = env("INGEST_USER") ?? machine.user;
  return Object.freeze({
    importers: flags.importers ?? env("INGEST_IMPORTERS") ?? "./importers",
    home: resolve(env("INGEST_HOME") ?? ".ingest"),
    schema: flags.schema !== undefined
      ? parseSchema(flags.schema, "--schema")
      : parseSchema(env("INGEST_SCHEMA") ?? "ingest", "INGEST_SCHEMA"),
    workers: parseWorkers(flags.workers ?? defaultWorkers(machine.cores)),
    user: user === "unknown" ? null : user,
  });
}

/**
 * A name that needs no quotes, so that people can type it into psql. Not `public` or the
 * system's: no importer may write into the schema that is ours.
 */
function parseSchema(name: string, where: string): string {
  const usable = /^[a-z_][a-z0-9_]{0,62}$/.test(name) && !name.startsWith("pg_") &&
    name !== "information_schema" && name !== "public";
  if (usable) return name;
  throw expected(
    where,
    "a schema of ingest's own (a-z, 0-9 and _, at most 63 characters, not public or pg_…)",
    name,
  );
}

function parseWorkers(given: string | number): number {
  const workers = Number(given);
  const whole = /^\d+$/.test(String(given).trim());
  if (whole && workers >= 1 && workers <= MAX_WORKERS) return workers;
  throw expected("--workers", `a whole number from 1 to ${MAX_WORKERS}`, String(given));
}
