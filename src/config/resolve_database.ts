/** Decides which database to use: flags first, then the environment as libpq's programs read it. */
import type { DatabaseConfig, StartupSettings } from "./database_config.ts";
import { type DatabaseParts, parseDatabaseUrl, parsePort, parseSslMode } from "./database_url.ts";
import { findPassword } from "./passfile.ts";
import { UsageError } from "./usage_error.ts";

export { type DatabaseConfig, describeDatabase } from "./database_config.ts";
export { formatDatabaseUrl } from "./database_url.ts";

export interface DatabaseFlags {
  readonly databaseUrl?: string;
  readonly embedded?: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that has to be looked up on this machine. The rest of this file is pure. */
export interface Machine {
  /** The operating system's user. */
  readonly user: string;
  readonly cores: number;
  readonly homeFolder: string | null;
  exists(path: string): boolean;
  /** The text of a password file, or null. Throws `UsageError` if others can read it. */
  readPasswordFile(path: string): string | null;
}

export type DatabaseChoice =
  | { readonly kind: "server"; readonly config: DatabaseConfig }
  /** `announced`: the user asked for it. If not, nothing named a database: tell the user. */
  | {
    readonly kind: "embedded";
    readonly announced: boolean;
    readonly startup?: StartupSettings;
  };

/** Throws `UsageError`. */
export function resolveDatabase(
  flags: DatabaseFlags,
  environment: Environment,
  isTerminal: boolean,
  machine: Machine,
): DatabaseChoice {
  const env = (name: string) => environment[name] || undefined;
  if (flags.embedded && flags.databaseUrl !== undefined) {
    throw new UsageError("--embedded and --database-url exclude each other: give only one");
  }
  const embedded = (announced: boolean): DatabaseChoice => ({
    kind: "embedded",
    announced,
    ...startupOf(null, env),
  });
  if (flags.embedded) return embedded(true);
  if (flags.databaseUrl !== undefined) {
    return server(parseDatabaseUrl(flags.databaseUrl, "--database-url"), env, machine);
  }
  if (isOn(env("INGEST_EMBEDDED"), "INGEST_EMBEDDED")) {
    return embedded(true);
  }
  const url = env("DATABASE_URL");
  if (url !== undefined) return server(parseDatabaseUrl(url, "DATABASE_URL"), env, machine);
  if (env("PGSERVICE") !== undefined) {
    throw new UsageError("PGSERVICE is not supported: set DATABASE_URL or PGHOST and PGDATABASE");
  }
  if (["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE"].some((name) => env(name) !== undefined)) {
    return server({}, env, machine);
  }
  if (isTerminal) return embedded(false);
  throw new UsageError(
    "No database is named. Set DATABASE_URL (postgres://user@host/database), give " +
      "--database-url, or use --embedded for a Postgres that ingest runs itself",
  );
}

/** Uses the URL's parts first, then PG* variables, the password file and libpq's defaults. */
function server(
  parts: DatabaseParts,
  env: (name: string) => string | undefined,
  machine: Machine,
): DatabaseChoice {
  const pgPort = env("PGPORT");
  const pgSslMode = env("PGSSLMODE");
  const port = parts.port ?? (pgPort === undefined ? 5432 : parsePort(pgPort, "PGPORT"));
  const host = parts.host ?? env("PGHOSTADDR") ?? env("PGHOST") ?? defaultHost(port, machine);
  const user = parts.user ?? env("PGUSER") ?? machine.user;
  const database = parts.database ?? env("PGDATABASE") ?? user;
  const ssl = parts.ssl ??
    (pgSslMode === undefined ? defaultSsl(host) : parseSslMode(pgSslMode, "PGSSLMODE"));
  const password = parts.password ?? env("PGPASSWORD") ??
    passwordFromFile({ host, port, database, user }, env, machine);
  return {
    kind: "server",
    config: Object.freeze({
      host,
      port,
      database,
      user,
      password,
      ssl: host.startsWith("/") ? false : ssl,
      sslRootCertificate: parts.sslRootCertificate ?? env("PGSSLROOTCERT") ?? null,
      ...startupOf(parts.options ?? null, env),
    }),
  };
}

/** `options`: the URL's, which replace those of the environment. */
function startupOf(
  options: string | null,
  env: (name: string) => string | undefined,
): { readonly startup?: StartupSettings } {
  const [all, zone, style] = [options ?? env("PGOPTIONS"), env("PGTZ"), env("PGDATESTYLE")];
  const startup = {
    ...(all !== undefined && { options: all }),
    ...(zone !== undefined && { TimeZone: zone }),
    ...(style !== undefined && { DateStyle: style }),
  };
  return Object.keys(startup).length === 0 ? {} : { startup };
}

const socketFolders: readonly string[] = ["/var/run/postgresql", "/tmp"];

function defaultHost(port: number, machine: Machine): string {
  return socketFolders.find((folder) => machine.exists(`${folder}/.s.PGSQL.${port}`)) ??
    "localhost";
}

/**
 * libpq would encrypt on loopback too. There it protects nothing and costs a third of COPY's time.
 */
function defaultSsl(host: string): false | "prefer" {
  return /^(localhost|127\..*|::1)$/.test(host) ? false : "prefer";
}

function passwordFromFile(
  target: { host: string; port: number; database: string; user: string },
  env: (name: string) => string | undefined,
  machine: Machine,
): string | null {
  const path = env("PGPASSFILE") ??
    (machine.homeFolder === null ? undefined : `${machine.homeFolder}/.pgpass`);
  const text = path === undefined ? null : machine.readPasswordFile(path);
  if (text === null) return null;
  const host = socketFolders.includes(target.host) ? "localhost" : target.host;
  return findPassword(text, { ...target, host });
}

function isOn(value: string | undefined, name: string): boolean {
  switch (value?.toLowerCase()) {
    case undefined:
    case "0":
    case "false":
    case "no":
      return false;
    case "1":
    case "true":
    case "yes":
      return true;
  }
  throw new UsageError(`${name}: expected 1 or 0, got "${value}"`);
}
