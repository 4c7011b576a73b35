/** How to reach one database. It is plain data, because it is posted to Deno workers. */
export interface DatabaseConfig {
  /** A host name, an address, or the folder of a Unix socket (starts with `/`). */
  readonly host: string;
  /** Where to connect, if not to `host`, which is then the name in its certificate. */
  readonly address?: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly ssl: SslMode;
  /** A PEM file with the certificates to trust instead of the system's, for `verify-…`. */
  readonly sslRootCertificate: string | null;
  /** What libpq would ask the server for at the start: PGOPTIONS (`options`), PGTZ, PGDATESTYLE. */
  readonly startup?: StartupSettings;
  /** Milliseconds that a connection may take; without it, the session decides. */
  readonly connectTimeout?: number;
  /** What the server has to be. A standby, and a server that accepts no writes, are passed over. */
  readonly target?: "read-write" | "primary";
  /** Further servers, to be tried in this order if the one before can't be used. */
  readonly others?: readonly DatabaseConfig[];
}

export interface StartupSettings {
  /** As on the server's command line: `-c work_mem=64MB`. */
  readonly options?: string;
  readonly TimeZone?: string;
  readonly DateStyle?: string;
}

/**
 * `prefer`: encrypt if the server can. `require`: always encrypt, whatever the certificate.
 * `verify-ca`: always encrypt, and the certificate must be trusted. `verify-full`: and it must be
 * for this host.
 */
export type SslMode = false | "prefer" | "require" | "verify-ca" | "verify-full";

/** For messages: names the server and the database, never the password. */
export function describeDatabase(config: DatabaseConfig): string {
  const others = (config.others ?? []).map((other) => ` or ${describeServer(other)}`);
  return `server ${describeServer(config)}${others.join("")}, database ${config.database}`;
}

function describeServer({ host, port }: DatabaseConfig): string {
  return host.startsWith("/") ? `at ${host} (port ${port})` : formatServer({ host, port });
}

/** `localhost:5432` or `[::1]:5432`. */
export function formatServer({ host, port }: Pick<DatabaseConfig, "host" | "port">): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
