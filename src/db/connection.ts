/**
 * One postgres.js instance that connects once and never again.
 *
 * When its connection breaks, postgres.js silently reconnects, and the rest of a transaction would
 * run outside of any. So we give it the socket, and only once: a session can never continue on a
 * second connection.
 */
import { Buffer } from "node:buffer";
import type net from "node:net";
import postgres from "postgres";
import type { DatabaseConfig } from "../config/database_config.ts";
import { decoderByOid } from "./results.ts";
import { readFarewell } from "./farewell.ts";
import { saslprep } from "./saslprep.ts";
import { type Address, answers, connectSocket, peerOf } from "./socket.ts";

export interface Connection {
  readonly sql: postgres.Sql;
  /** Bytes sent and received so far. */
  bytes(): number;
  /**
   * Whether the server at the other end still answers: see `answers` in socket.ts. True while the
   * connection is still being made: that has its own time-out.
   */
  answers(timeout: number, signal: AbortSignal): Promise<boolean>;
  /** As the server's last answer said; `unknown` until that answer is complete. */
  transaction(): TransactionState;
  /**
   * Sends protocol messages of our own. Resolves with true once they are sent, or with false if the
   * connection is gone. Call it only while postgres.js has nothing to send.
   */
  send(messages: readonly Uint8Array[]): Promise<boolean>;
  /** Destroys the socket at once. */
  destroy(): void;
}

/** Whether a transaction is open. One that failed and awaits its rollback counts as open. */
export type TransactionState = "none" | "open" | "unknown";

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
  let asked = false;
  let socket: net.Socket | null = null;
  let peer: Address | null = null;
  let tail: Buffer = Buffer.alloc(0);
  let isScram = false;
  let last: Buffer = Buffer.alloc(0);
  const connect = async () => {
    const timer = setTimeout(() => {
      options.onLost(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
      socket?.destroy();
    }, options.connectTimeout);
    try {
      const connected = await connectSocket(config, (current) => socket = current);
      peer = peerOf(config, connected);
      connected.on("data", (chunk: Buffer) => {
        isScram ||= asksForScram(chunk);
        last = chunk;
        const received = chunk.length < READY_LENGTH ? Buffer.concat([tail, chunk]) : chunk;
        tail = received.subarray(-READY_LENGTH);
      });
      // Added first, so that we know the cause before postgres.js reports the loss.
      connected.on("error", options.onLost);
      connected.once("close", () => {
        options.onLost(readFarewell(last) ?? undefined);
        // postgres.js now removes all listeners, but Deno 2.6 reports unwritten data later.
        queueMicrotask(() => connected.on("error", () => {}));
      });
      return connected;
    } catch (error) {
      options.onLost(error);
      socket?.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };

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
      return isScram && !options.passwordAsItIs ? saslprep(password) : password;
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
    onclose: () => options.onLost(readFarewell(last) ?? undefined),
    // The next two options are not in its types. This one gets what a `listen` delivers.
    onnotify: (_channel: string, payload: string) => options.onNotify?.(payload),
    // Opens the socket in place of postgres.js.
    socket: () => {
      if (asked) throw new Error("the connection was lost");
      asked = true;
      return connect();
    },
  } as postgres.Options<Record<string, never>>);

  // Parameters are already text (parameters.ts). Its serializers would encode JSON twice.
  for (const oid of Object.keys(sql.options.serializers)) {
    delete sql.options.serializers[Number(oid)];
  }
  for (const oid of Object.keys(sql.options.parsers)) delete sql.options.parsers[Number(oid)];
  for (const [oid, decode] of decoderByOid) sql.options.parsers[oid] = decode;

  return {
    sql,
    bytes: () => socket === null ? 0 : socket.bytesRead + socket.bytesWritten,
    answers: (timeout, signal) =>
      peer === null ? Promise.resolve(true) : answers(peer, timeout, signal),
    transaction: () => stateAfter(tail),
    send: (messages) => write(socket, messages),
    destroy: () => {
      // postgres.js may be about to ask for a socket.
      asked = true;
      socket?.destroy();
    },
  };
}

async function write(
  socket: net.Socket | null,
  messages: readonly Uint8Array[],
): Promise<boolean> {
  if (socket === null || socket.destroyed) return false;
  const { promise, resolve } = Promise.withResolvers<void>();
  // A destroyed socket never calls the callbacks of its writes.
  socket.once("close", resolve);
  for (const [index, message] of messages.entries()) {
    socket.write(message, index === messages.length - 1 ? () => resolve() : undefined);
  }
  await promise;
  socket.off("close", resolve);
  return !socket.destroyed;
}

/**
 * Every answer of the server ends with ReadyForQuery: Z, a length, and whether a transaction is
 * open. postgres.js doesn't pass that on.
 */
const READY_LENGTH = 6;
const READY = "Z\0\0\0\x05";

function stateAfter(tail: Buffer): TransactionState {
  if (tail.toString("latin1", 0, READY.length) !== READY) return "unknown";
  return tail.at(-1) === LETTER_I ? "none" : "open";
}

const LETTER_I = 73;

/** A message that asks for authentication, R, of kind 10. The server then waits for an answer. */
function asksForScram(chunk: Buffer): boolean {
  return chunk.length >= 9 && chunk[0] === LETTER_R && chunk.readInt32BE(5) === SASL;
}

const LETTER_R = 82;
const SASL = 10;
