/**
 * One postgres.js instance that can use one connection, once.
 *
 * postgres.js reconnects in silence when its connection breaks, after which the rest of a
 * transaction would run outside of one. Here it gets its socket from us, and only the first
 * time, so that a session can never speak over a second connection.
 */
import net from "node:net";
import postgres from "postgres";
import type { DatabaseConfig } from "../config/database_config.ts";
import { decoderByOid } from "./results.ts";

export interface Connection {
  readonly sql: postgres.Sql;
  /** Cuts the socket at once. */
  destroy(): void;
}

/** Prepares a connection; it is made by the first query. `onLost`: it is gone, for good. */
export function createConnection(
  config: DatabaseConfig,
  options: {
    readonly applicationName: string;
    /** Milliseconds. */
    readonly connectTimeout: number;
    readonly onLost: (cause?: unknown) => void;
  },
): Connection {
  let socket: net.Socket | null = null;

  const sql = postgres({
    // Said here so that postgres.js doesn't take them from the environment. The host is ours to
    // connect to (below); the password is a function because PGPASSWORD would replace an empty one.
    host: "unused",
    port: config.port,
    database: config.database,
    user: config.user,
    password: () => config.password ?? "",
    ssl: config.host.startsWith("/") ? false : tlsOptions(config),
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: options.connectTimeout / 1000,
    keep_alive: 10,
    backoff: false,
    debug: false,
    // PgBouncer in transaction mode: no named statements, no start-up parameters but this one.
    prepare: false,
    fetch_types: false,
    connection: { application_name: options.applicationName },
    onnotice: () => {},
    onclose: () => options.onLost(),
    // Not in its types: makes the socket, instead of postgres.js.
    socket: () => {
      if (socket !== null) throw new Error("the connection was lost");
      socket = new net.Socket();
      return connect(socket, config, options);
    },
  } as postgres.Options<Record<string, never>>);

  // Parameters arrive as text already (parameters.ts): JSON text would be encoded twice.
  for (const oid of Object.keys(sql.options.serializers)) {
    delete sql.options.serializers[Number(oid)];
  }
  for (const oid of Object.keys(sql.options.parsers)) delete sql.options.parsers[Number(oid)];
  for (const [oid, decode] of decoderByOid) sql.options.parsers[oid] = decode;

  return { sql, destroy: () => socket?.destroy() };
}

function connect(
  socket: net.Socket,
  config: DatabaseConfig,
  options: { readonly connectTimeout: number; readonly onLost: (cause?: unknown) => void },
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      options.onLost(error);
      reject(error);
    };
    const timer = setTimeout(() => {
      socket.destroy();
      fail(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
    }, options.connectTimeout);
    // First, so that the cause is known before postgres.js and `close` speak of it.
    socket.on("error", fail);
    socket.once("close", () => {
      clearTimeout(timer);
      options.onLost();
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      // postgres.js takes the name that the certificate has to be for from here.
      Object.assign(socket, { host: config.host });
      // Each small COPY costs 88 ms over TCP without it (Nagle's algorithm, delayed ACK).
      socket.setNoDelay(true);
      resolve(socket);
    });
    if (config.host.startsWith("/")) socket.connect(`${config.host}/.s.PGSQL.${config.port}`);
    else socket.connect(config.port, config.host);
  });
}

function tlsOptions(config: DatabaseConfig): postgres.Options<Record<string, never>>["ssl"] {
  if (config.ssl !== "verify-full") return config.ssl;
  return {
    rejectUnauthorized: true,
    // Whom the certificate has to be for. Without it an address would count as `localhost`.
    host: config.host,
    servername: net.isIP(config.host) ? undefined : config.host,
    ca: config.sslRootCertificate === null
      ? undefined
      : Deno.readTextFileSync(config.sslRootCertificate),
  };
}
