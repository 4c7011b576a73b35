/**
 * One postgres.js instance that connects once and never again.
 *
 * When its connection breaks, postgres.js silently reconnects, and the rest of a transaction would
 * run outside of any. So we give it the socket, and only once: a session can never continue on a
 * second connection.
 */
import postgres from "postgres";
import type { DatabaseConfig } from "../config/database_config.ts";
import { decoderByOid } from "./results.ts";
import { saslprep } from "./saslprep.ts";
import { Wire } from "./wire.ts";

export interface Connection {
  readonly sql: postgres.Sql;
  readonly wire: Wire;
}

/** Prepares a connection; the first query opens it. `onLost`: it is gone for good. */
export function createConnection(
  config: DatabaseConfig,
  options: {
    readonly applicationName: string;
    /** Milliseconds. */
    readonly connectTimeout: number;
    readonly onLost: (cause?: unknown) => void;
    /** True: the password is not to be prepared for SCRAM. */
    readonly passwordAsItIs?: boolean;
    /** Called with the payload of each notification. Must not throw. */
    readonly onNotify?: (payload: string) => void;
  },
): Connection {
  const wire = new Wire(config, options.connectTimeout, options.onLost);
  const sql = postgres({
    // Set explicitly, or postgres.js would take them from the environment. The host is unused
    // because we connect ourselves (below). The password is a function because PGPASSWORD would
    // replace an empty one.
    host: "unused",
    port: config.port,
    database: config.database,
    user: config.user,
    password: () => {
      const password = config.password ?? "";
      return wire.isScram && !options.passwordAsItIs ? saslprep(password) : password;
    },
    // socket.ts does TLS: postgres.js would not give us the encrypted socket.
    ssl: false,
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: options.connectTimeout / 1000,
    keep_alive: 10,
    backoff: false,
    debug: false,
    // For PgBouncer in transaction mode: no named statements, and no start-up parameters but those
    // that the user has asked for.
    prepare: false,
    fetch_types: false,
    connection: { application_name: options.applicationName, ...config.startup },
    onnotice: () => {},
    onclose: () => options.onLost(wire.farewell ?? undefined),
    // The next two options are not in its types. This one gets what a `listen` delivers.
    onnotify: (_channel: string, payload: string) => options.onNotify?.(payload),
    // Opens the socket in place of postgres.js.
    socket: () => wire.open(),
  } as postgres.Options<Record<string, never>>);

  // Parameters are already text (parameters.ts). Its serializers would encode JSON twice.
  for (const oid of Object.keys(sql.options.serializers)) {
    delete sql.options.serializers[Number(oid)];
  }
  for (const oid of Object.keys(sql.options.parsers)) delete sql.options.parsers[Number(oid)];
  for (const [oid, decode] of decoderByOid) sql.options.parsers[oid] = decode;

  return { sql, wire };
}
