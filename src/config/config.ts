/**
 * Flags and environment as one frozen object. They are checked by hand, not with zod: every command
 * needs this, and loading zod takes as long as all the rest of `ingest status`.
 */
import type { Environment, Machine } from "./resolve_database.ts";
import { homeFolder } from "./home.ts";
import { isOn } from "./switch.ts";
import { expected } from "./usage_error.ts";

export interface Config {
  /** The folder that holds the definitions. */
  readonly importers: string;
  /** An absolute path. Spooled files and the embedded Postgres are stored here. */
  readonly home: string;
  /**
   * A folder in a bucket (`s3://bucket/prefix`, without a slash at the end) where the files of runs
   * are kept for all machines; null: they are kept in `home`.
   */
  readonly storage: string | null;
  /** The schema of ingest's own tables. */
  readonly schema: string;
  /** How many batches are loaded at the same time, each over its own connection. */
  readonly workers: number;
  /** Hosts in private networks from which files may be fetched, maybe with ports. */
  readonly allowedHosts: readonly string[];
  /** May administrators save definitions over HTTP? */
  readonly savesDefinitions: boolean;
  /** Recorded with a run as the user who requested it; null if nobody is known. */
  readonly user: string | null;
}

/** The flags as given on the command line. */
export interface ConfigFlags {
  readonly importers?: string;
  readonly schema?: string;
  readonly workers?: string | number;
  readonly saveDefinitions?: boolean;
  readonly allowHost?: readonly string[];
}

/**
 * One worker for each core: while Postgres works on a worker's batch, the worker waits. With
 * Postgres on the same two cores, two workers took 3.1 s for a million rows, three 3.3 s, four 3.4
 * s.
 */
function defaultWorkers(cores: number): number {
  return Math.min(Math.max(cores, 2), 4);
}

/** Servers rarely allow one client more connections than this. */
export const MAX_WORKERS = 64;

/** Flags take precedence over the environment. Throws `UsageError` for the first wrong value. */
export function readConfig(
  flags: ConfigFlags,
  environment: Environment,
  machine: Pick<Machine, "user" | "cores">,
): Config {
  const env = (name: string) => environment[name]?.trim() || undefined;
  const user = env("INGEST_USER") ?? machine.user;
  return Object.freeze({
    importers: flags.importers ?? env("INGEST_IMPORTERS") ?? "./importers",
    home: homeFolder(env("INGEST_HOME")),
    storage: parseStorage(env("INGEST_STORAGE")),
    schema: flags.schema !== undefined
      ? parseSchema(flags.schema, "--schema")
      : parseSchema(env("INGEST_SCHEMA") ?? "ingest", "INGEST_SCHEMA"),
    workers: parseWorkers(flags.workers ?? defaultWorkers(machine.cores)),
    savesDefinitions: flags.saveDefinitions ??
      isOn(env("INGEST_SAVE_DEFINITIONS"), "INGEST_SAVE_DEFINITIONS"),
    allowedHosts: parseHosts(flags.allowHost, env("INGEST_ALLOW_HOSTS")),
    user: user === "unknown" ? null : user,
  });
}

/** `files.local`, `10.0.0.5:8080`, `[::1]:80`, and `.example.com` for all hosts below it. */
function parseHosts(flags: readonly string[] | undefined, said: string | undefined): string[] {
  const where = flags === undefined ? "INGEST_ALLOW_HOSTS" : "--allow-host";
  const hosts = (flags ?? [said ?? ""]).flatMap((text) => text.split(/[\s,]+/u))
    .filter((host) => host !== "");
  const wrong = hosts.find((host) =>
    !/^(?:\[[0-9a-f:.]+\]|[^\s/@\[\]?#*]+)(?::\d{1,5})?$/iu.test(host)
  );
  if (wrong !== undefined) {
    throw expected(where, "hosts such as files.local or 10.0.0.5:8080", wrong);
  }
  return hosts;
}

/**
 * Accepts a name that needs no quotes, so that people can type it into psql. `public` and the
 * system's schemas are refused, because no importer may write to ingest's own schema.
 */
function parseSchema(name: string, where: string): string {
  const usable = /^[a-z_][a-z0-9_]{0,62}$/.test(name) && !name.startsWith("pg_") &&
    name !== "information_schema" && name !== "public";
  if (usable) return name;
  throw expected(
    where,
    "a schema for ingest's own tables (a-z, 0-9 and _, at most 63 characters, not public or pg_…)",
    name,
  );
}

function parseStorage(given: string | undefined): string | null {
  if (given === undefined) return null;
  const folder = given.replace(/\/+$/u, "");
  if (/^s3:\/\/[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](\/[^/?*[\]{}\s]+)*$/iu.test(folder)) return folder;
  throw expected("INGEST_STORAGE", "a folder in a bucket, such as s3://my-bucket/ingest", given);
}

function parseWorkers(given: string | number): number {
  const workers = Number(given);
  const whole = /^\d+$/.test(String(given).trim());
  if (whole && workers >= 1 && workers <= MAX_WORKERS) return workers;
  throw expected("--workers", `a whole number from 1 to ${MAX_WORKERS}`, String(given));
}
