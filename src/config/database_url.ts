/** Reads and writes `postgres://user:password@host:port/database?sslmode=…`. */
import {
  type DatabaseConfig,
  formatServer,
  type SslMode,
  type StartupSettings,
} from "./database_config.ts";
import { assertHarmless, HONOURED } from "./libpq_parameters.ts";
import { expected, UsageError } from "./usage_error.ts";

/** The parts of a URL that were given. The rest comes from elsewhere (resolve_database.ts). */
export interface DatabaseParts {
  /** One or several, to be tried in this order. An empty one stands for the default. */
  readonly hosts?: readonly string[];
  /** Where they are, one for each host; an empty one: where its name says. */
  readonly addresses?: readonly string[];
  /** One for all hosts, or one for each. */
  readonly ports?: readonly number[];
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly ssl?: SslMode;
  readonly sslRootCertificate?: string;
  readonly options?: string;
  readonly target?: DatabaseConfig["target"];
  /** Milliseconds. */
  readonly connectTimeout?: number;
}

// Not `new URL`: it refuses `postgres://user@/database?host=/folder`, which libpq understands.
const urlPattern =
  /^[a-z]+:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^@/?#]*)(?:\/([^/?#]*))?(?:\?([^#]*))?$/;
/** One of the servers, which are separated by commas. */
const serverPattern = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/;

/** `where`: what messages call the text. They never show it, because it may hold a password. */
export function parseDatabaseUrl(text: string, where: string): DatabaseParts {
  if (!/^postgres(ql)?:\/\//.test(text)) {
    throw new UsageError(
      `${where}: expected a URL such as postgres://user:password@host:5432/database`,
    );
  }
  const match = urlPattern.exec(text);
  const servers = (match?.[3] ?? "").split(",").map((server) => serverPattern.exec(server));
  if (match === null || servers.includes(null)) {
    throw new UsageError(
      `${where}: not a valid URL. In user names and passwords, write / @ : # ? % as ` +
        `%2F %40 %3A %23 %3F %25`,
    );
  }
  const [, user, password, , dbname, query] = match;
  const parts: Record<string, string> = {
    user: decode(user, where),
    password: decode(password, where),
    host: servers.map((server) => decode(server?.[1], where).replace(/^\[(.*)\]$/, "$1")).join(","),
    port: servers.map((server) => server?.[2] ?? "").join(","),
    dbname: decode(dbname, where),
  };
  for (const [name, value] of parseQuery(query, where)) {
    if (HONOURED.includes(name)) parts[name] = value;
    // As drivers for Java write it, which libpq understands.
    else if (name === "ssl" && value === "true") parts.sslmode = "require";
    else assertHarmless(name, value, where);
  }
  return {
    ...isGiven(parts.host) && { hosts: parts.host.split(",") },
    ...isGiven(parts.hostaddr ?? "") && { addresses: parts.hostaddr.split(",") },
    ...isGiven(parts.port) && { ports: parsePorts(parts.port, where) },
    ...parts.dbname && { database: parts.dbname },
    ...parts.user && { user: parts.user },
    ...parts.password && { password: parts.password },
    ...parts.sslmode && { ssl: parseSslMode(parts.sslmode, `${where}, sslmode`) },
    ...parts.sslrootcert && { sslRootCertificate: parts.sslrootcert },
    ...parts.options && { options: parts.options },
    ...parseTarget(parts.target_session_attrs, `${where}, target_session_attrs`),
    ...parseTimeout(parts.connect_timeout, `${where}, connect_timeout`),
  };
}

/** Anything but empty places between commas. */
function isGiven(list: string): boolean {
  return /[^,]/.test(list);
}

/** The URL contains the password, if there is one. */
export function formatDatabaseUrl(config: DatabaseConfig): string {
  const user = encodeURIComponent(config.user);
  const password = config.password === null ? "" : `:${encodeURIComponent(config.password)}`;
  const database = encodeURIComponent(config.database);
  const parameters = new URLSearchParams();
  let server = "";
  const all = [config, ...config.others ?? []];
  if (all.some(({ host }) => host.startsWith("/"))) {
    parameters.set("host", all.map(({ host }) => host).join(","));
    const ports = all.map(({ port }) => port);
    if (ports.some((port) => port !== DEFAULT_PORT)) parameters.set("port", ports.join(","));
  } else server = all.map(formatServer).join(",");
  if (all.some(({ address }) => address !== undefined)) {
    parameters.set("hostaddr", all.map(({ address = "" }) => address).join(","));
  }
  if (!config.host.startsWith("/")) {
    parameters.set("sslmode", config.ssl === false ? "disable" : config.ssl);
    if (config.sslRootCertificate !== null) {
      parameters.set("sslrootcert", config.sslRootCertificate);
    }
  }
  const options = formatOptions(config.startup ?? {});
  if (options !== "") parameters.set("options", options);
  if (config.target !== undefined) parameters.set("target_session_attrs", config.target);
  if (config.connectTimeout !== undefined) {
    parameters.set("connect_timeout", String(config.connectTimeout / 1000));
  }
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

/** Where nothing else is said. */
export const DEFAULT_PORT = 5432;

export function parsePorts(list: string, where: string): readonly number[] {
  return list.split(",").map((text) => text === "" ? DEFAULT_PORT : parsePort(text, where));
}

function parsePort(text: string, where: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw expected(where, "a port from 1 to 65535", text);
}

/** ingest writes, so it has no use for a standby. */
export function parseTarget(
  text: string | undefined,
  where: string,
): { readonly target?: DatabaseConfig["target"] } {
  if (text === undefined || text === "" || text === "any") return {};
  if (text === "read-write" || text === "primary") return { target: text };
  throw expected(where, "any, read-write or primary, because ingest writes", text);
}

/** In seconds; 0, and whatever is below it, means no limit to libpq: here, the usual one. */
export function parseTimeout(
  text: string | undefined,
  where: string,
): { readonly connectTimeout?: number } {
  if (text === undefined || text === "") return {};
  if (!/^\s*-?\d{1,6}\s*$/.test(text)) throw expected(where, "a number of seconds", text);
  const seconds = Number(text);
  return seconds <= 0 ? {} : { connectTimeout: 1000 * seconds };
}

/** Takes libpq's words. Here `allow` means `prefer`. */
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
      return text;
  }
  throw expected(where, "disable, prefer, require, verify-ca or verify-full", text);
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
