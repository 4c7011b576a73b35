/**
 * How to reach one database. Plain data, because it is posted to Deno workers.
 */
export interface DatabaseConfig {
  /** A host name or address, or the folder of a Unix socket (starts with `/`). */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly ssl: SslMode;
  /** PEM file with the certificates to trust instead of the system's; only for `verify-full`. */
  readonly sslRootCertificate: string | null;
}

/**
 * `prefer`: encrypted if the server can. `require`: always, without looking at the certificate.
 * `verify-full`: always, and the certificate must be a trusted one for this host.
 */
export type SslMode = false | "prefer" | "require" | "verify-full";

/** For messages: which server and database, never the password. */
export function describeDatabase(config: DatabaseConfig): string {
  const server = config.host.startsWith("/")
    ? `server at ${config.host} (port ${config.port})`
    : `server ${config.host.includes(":") ? `[${config.host}]` : config.host}:${config.port}`;
  return `${server}, database ${config.database}`;
}
