/** Reads and writes `postgres://user:password@host:port/database?sslmode=…`. */
import type { DatabaseConfig, SslMode, StartupSettings } from "./database_config.ts";
import { expected, UsageError } from "./usage_error.ts";

/** The parts of a URL that were given. The rest comes from elsewhere (resolve_database.ts). */
export interface DatabaseParts {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly ssl?: SslMode;
  readonly sslRootCertificate?: string;
  readonly options?: string;
}

/** Parameters that libpq and other clients put into URLs, and that are safe to ignore here. */
const ignored = new Set([
  "application_name",
  "channel_binding",
  "client_encoding",
  "connect_timeout",
  "fallback_application_name",
  "gssencmode",
  "keepalives",
  "keepalives_count",
  "keepalives_idle",
  "keepalives_interval",
  "pgbouncer",
  "sslsni",
  "tcp_user_timeout",
]);

// Not `new URL`: it refuses `postgres://user@/database?host=/folder`, which libpq understands.
const urlPattern =
  /^[a-z]+:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\[[^\]]*\]|[^:@/?#]*)(?::(\d*))?(?:\/([^/?#]*))?(?:\?([^#]*))?$/;

/** `where`: what messages call the text. They never show it, because it may hold a password. */
export function parseDatabaseUrl(text: string, where: string): DatabaseParts {
  if (!/^postgres(ql)?:\/\//.test(text)) {
    throw new UsageError(
      `${where}: expected a URL such as postgres://user:password@host:5432/database`,
    );
  }
  const match = urlPattern.exec(text);
  if (match === null) {
    throw new UsageError(
      `${where}: not a valid URL. In user names and passwords, write / @ : # ? % as ` +
        `%2F %40 %3A %23 %3F %25`,
    );
  }
  const [, user, password, host, port, dbname, query] = match;
  const parts: Record<string, string> = {
    user: decode(user, where),
    password: decode(password, where),
    host: decode(host, where).replace(/^\[(.*)\]$/, "$1"),
    port: port ?? "",
    dbname: decode(dbname, where),
  };
  for (const [name, value] of parseQuery(query, where)) {
    if (ignored.has(name)) continue;
    if (!supported.has(name)) {
      throw new UsageError(
        // If it doesn't look like a name, it may be the rest of a mistyped password: don't show it.
        `${where}: ${
          /^[a-z_]+$/.test(name) ? `the parameter ${name}` : "a parameter after the question mark"
        } is not supported. Use only ${[...supported].join(", ")}`,
      );
    }
    parts[name] = value;
  }
  if (parts.host.includes(",")) {
    throw new UsageError(`${where}: several hosts are not supported. Name only one`);
  }
  return {
    ...parts.host && { host: parts.host },
    ...parts.port && { port: parsePort(parts.port, where) },
    ...parts.dbname && { database: parts.dbname },
    ...parts.user && { user: parts.user },
    ...parts.password && { password: parts.password },
    ...parts.sslmode && { ssl: parseSslMode(parts.sslmode, `${where}, sslmode`) },
    ...parts.sslrootcert && parts.sslrootcert !== "system" &&
      { sslRootCertificate: parts.sslrootcert },
    ...parts.options && { options: parts.options },
  };
}

const supported = new Set([
  ...["host", "port", "dbname", "user", "password", "sslmode", "sslrootcert", "options"],
]);

/** The URL contains the password, if there is one. */
export function formatDatabaseUrl(config: DatabaseConfig): string {
  const user = encodeURIComponent(config.user);
  const password = config.password === null ? "" : `:${encodeURIComponent(config.password)}`;
  const database = encodeURIComponent(config.database);
  const parameters = new URLSearchParams();
  let server = "";
  if (config.host.startsWith("/")) {
    parameters.set("host", config.host);
    if (config.port !== 5432) parameters.set("port", String(config.port));
  } else {
    server = `${config.host.includes(":") ? `[${config.host}]` : config.host}:${config.port}`;
    parameters.set("sslmode", config.ssl === false ? "disable" : config.ssl);
    if (config.sslRootCertificate !== null) {
      parameters.set("sslrootcert", config.sslRootCertificate);
    }
  }
  const options = formatOptions(config.startup ?? {});
  if (options !== "") parameters.set("options", options);
  // libpq takes `+` literally, so a space has to be %20.
  const query = parameters.toString().replaceAll("+", "%20");
  return `postgres://${user}${password}@${server}/${database}?${query}`;
}

/** All of them in the form of `options`, which is the only one that a URL has. */
function formatOptions({ options, ...settings }: StartupSettings): string {
  const others = Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\\s]/g, "\\$&")}`);
  return [options, ...others].filter((part) => part !== undefined).join(" ");
}

export function parsePort(text: string, where: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw expected(where, "a port from 1 to 65535", text);
}

/**
 * Takes libpq's words. Here `allow` means `prefer`, and `verify-ca` also checks the host's name.
 */
export function parseSslMode(text: string, where: string): SslMode {
  switch (text) {
    case "disable":
      return false;
    case "allow":
    case "prefer":
      return "prefer";
    case "require":
      return "require";
    case "verify-ca":
    case "verify-full":
      return "verify-full";
  }
  throw expected(where, "disable, prefer, require or verify-full", text);
}

function parseQuery(query: string | undefined, where: string): [string, string][] {
  return (query ?? "").split("&").filter((part) => part !== "").map((part) => {
    const [name, ...value] = part.split("=");
    return [decode(name, where), decode(value.join("="), where)];
  });
}

function decode(text: string | undefined, where: string): string {
  try {
    return decodeURIComponent(text ?? "");
  } catch {
    throw new UsageError(`${where}: a % in it must be written as %25`);
  }
}
