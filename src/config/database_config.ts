/** How to reach one database. It is plain data, because it is posted to Deno workers. */
export interface DatabaseConfig {
  /** A host name, an address, or the folder of a Unix socket (starts with `/`). */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly ssl: SslMode;
  /** A PEM file with the certificates to trust instead of the system's. Only for `verify-full`. */
  readonly sslRootCertificate: string | null;
  /** What libpq would ask the server for at the start: PGOPTIONS (`options`), PGTZ, PGDATESTYLE. */
  readonly startup?: StartupSettings;
}

export interface StartupSettings {
  /** As on the server's command line: `-c work_mem=64MB`. */
  readonly options?: string;
  readonly TimeZone?: string;
  readonly DateStyle?: string;
}

/**
 * `prefer`: encrypt if the server can. `require`: always encrypt, whatever the certificate.
 * `verify-full`: always encrypt, and the certificate must be trusted and for this host.
 */
export type SslMode = false | "prefer" | "require" | "verify-full";

/** For messages: names the server and the database, never the password. */
export function describeDatabase(config: DatabaseConfig): string {
  const server = config.host.startsWith("/")
    ? `server at ${config.host} (port ${config.port})`
    : `server ${config.host.includes(":") ? `[${config.host}]` : config.host}:${config.port}`;
  return `${server}, database ${config.database}`;
}
