/** Decides which database to use: flags first, then the environment as libpq's programs read it. */
import type { DatabaseConfig, SslMode, StartupSettings } from "./database_config.ts";
import {
  type DatabaseParts,
  parseDatabaseUrl,
  parsePorts,
  parseSslMode,
  parseTarget,
  parseTimeout,
} from "./database_url.ts";
import { isOn } from "./switch.ts";
import { assertNoneLost } from "./libpq_parameters.ts";
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
  if (
    ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGSERVICE"].some((name) =>
      env(name) !== undefined
    )
  ) {
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
  assertNoneLost(env);
  const ports = parts.ports ?? parsePorts(env("PGPORT") ?? "", "PGPORT");
  const { named, addresses } = whereTo(parts, env);
  if (ports.length > 1 && ports.length !== named.length) {
    throw new UsageError(
      `${ports.length} ports for ${named.length} hosts: give one port, or one for each host`,
    );
  }
  const user = parts.user ?? env("PGUSER") ?? machine.user;
  const database = parts.database ?? env("PGDATABASE") ?? user;
  const { ssl, sslRootCertificate } = encryption(parts, env, machine);
  const { target } = parts.target === undefined
    ? parseTarget(env("PGTARGETSESSIONATTRS"), "PGTARGETSESSIONATTRS")
    : parts;
  const { connectTimeout } = parts.connectTimeout === undefined
    ? parseTimeout(env("PGCONNECT_TIMEOUT"), "PGCONNECT_TIMEOUT")
    : parts;
  const configs = named.map((name, index): DatabaseConfig => {
    const port = ports[ports.length === 1 ? 0 : index];
    const address = addresses[index] ?? "";
    // A folder is no name for a certificate.
    const isNamed = name !== "" && !(name.startsWith("/") && address !== "");
    const host = isNamed ? name : address || defaultHost(port, machine);
    return Object.freeze({
      host,
      ...(address !== "" && address !== host && { address }),
      port,
      database,
      user,
      password: parts.password ?? env("PGPASSWORD") ??
        passwordFromFile({ host, port, database, user }, env, machine),
      ssl: host.startsWith("/") ? false : ssl ?? defaultSsl(address || host),
      sslRootCertificate,
      ...startupOf(parts.options ?? null, env),
      ...(target !== undefined && { target }),
      ...(connectTimeout !== undefined && { connectTimeout }),
    });
  });
  const [first, ...others] = configs;
  return {
    kind: "server",
    config: others.length === 0 ? first : Object.freeze({ ...first, others }),
  };
}

/** The servers' names, and their addresses where these are given, too. */
function whereTo(
  parts: DatabaseParts,
  env: (name: string) => string | undefined,
): { readonly named: readonly string[]; readonly addresses: readonly string[] } {
  const given = parts.hosts ?? env("PGHOST")?.split(",");
  const addresses = parts.addresses ??
    (parts.hosts === undefined ? env("PGHOSTADDR")?.split(",") : undefined) ?? [];
  const named = given ?? (addresses.length > 0 ? addresses.map(() => "") : [""]);
  if (addresses.length > 0 && addresses.length !== named.length) {
    throw new UsageError(
      `${addresses.length} addresses for ${named.length} hosts: give one for each host`,
    );
  }
  return { named, addresses };
}

/** `ssl`: null if nothing says so, and the host decides. */
function encryption(
  parts: DatabaseParts,
  env: (name: string) => string | undefined,
  machine: Machine,
): { readonly ssl: SslMode | null; readonly sslRootCertificate: string | null } {
  const said = env("PGSSLMODE");
  const asked = parts.ssl ?? (said === undefined ? null : parseSslMode(said, "PGSSLMODE"));
  const ssl = asked ?? (env("PGREQUIRESSL") === "1" ? "require" : null);
  const root = parts.sslRootCertificate ?? env("PGSSLROOTCERT") ?? usualRoot(machine);
  if (root === "system") {
    if (ssl !== null && ssl !== "verify-full") {
      throw new UsageError("sslrootcert=system needs sslmode=verify-full");
    }
    return { ssl: "verify-full", sslRootCertificate: null };
  }
  // libpq verifies the certificate as soon as it knows whom to trust.
  const mode = ssl === "require" && root !== null ? "verify-ca" : ssl;
  if (root !== null && (mode === "verify-ca" || mode === "verify-full")) refuseRevoked(machine);
  return { ssl: mode, sslRootCertificate: root };
}

/** libpq would use this list. Without it, a revoked certificate would be trusted. */
function refuseRevoked({ homeFolder, exists }: Machine): void {
  if (homeFolder === null || !exists(`${homeFolder}/.postgresql/root.crl`)) return;
  throw new UsageError(
    "~/.postgresql/root.crl: ingest can't use lists of revoked certificates. Move the file away " +
      "if the server's certificate needn't be checked against it",
  );
}

function usualRoot({ homeFolder, exists }: Machine): string | null {
  if (homeFolder === null) return null;
  const path = `${homeFolder}/.postgresql/root.crt`;
  return exists(path) ? path : null;
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
