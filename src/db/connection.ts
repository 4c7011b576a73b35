/**
 * One postgres.js instance that can use one connection, once.
 *
 * postgres.js reconnects in silence when its connection breaks, after which the rest of a
 * transaction would run outside of one. Here it gets its socket from us, and only the first
 * time, so that a session can never speak over a second connection.
 */
import { Buffer } from "node:buffer";
import type net from "node:net";
import postgres from "postgres";
import type { DatabaseConfig } from "../config/database_config.ts";
import { decoderByOid } from "./results.ts";
import { type Address, answers, connectSocket, peerOf } from "./socket.ts";

export interface Connection {
  readonly sql: postgres.Sql;
  /** Sent and received so far. */
  bytes(): number;
  /**
   * Whether somebody is where this connection leads to: see `answers` in socket.ts. True as long
   * as it leads nowhere yet: connecting has a time-out of its own.
   */
  answers(timeout: number, signal: AbortSignal): Promise<boolean>;
  /** What the server's last answer said; `unknown` while it has not come to its end. */
  transaction(): TransactionState;
  /**
   * Sends messages of our own; resolves with true when they are on their way, with false when the
   * connection is gone. Only while postgres.js has nothing to send.
   */
  send(messages: readonly Uint8Array[]): Promise<boolean>;
  /** Cuts the socket at once. */
  destroy(): void;
}

/** Whether a transaction is open, be it one that failed and waits for its rollback. */
export type TransactionState = "none" | "open" | "unknown";

/** Prepares a connection; it is made by the first query. `onLost`: it is gone, for good. */
export function createConnection(
  config: DatabaseConfig,
  options: {
    readonly applicationName: string;
    /** Milliseconds. */
    readonly connectTimeout: number;
    readonly onLost: (cause?: unknown) => void;
    /** Of each notification, with its payload. Must not throw. */
    readonly onNotify?: (payload: string) => void;
  },
): Connection {
  let asked = false;
  let socket: net.Socket | null = null;
  let peer: Address | null = null;
  let tail: Buffer = Buffer.alloc(0);
  const connect = async () => {
    const timer = setTimeout(() => {
      options.onLost(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
      socket?.destroy();
    }, options.connectTimeout);
    try {
      const connected = await connectSocket(config, (current) => socket = current);
      peer = peerOf(config, connected);
      connected.on("data", (chunk: Buffer) => {
        const received = chunk.length < READY_LENGTH ? Buffer.concat([tail, chunk]) : chunk;
        tail = received.subarray(-READY_LENGTH);
      });
      // First, so that the cause is known before postgres.js speaks of it.
      connected.on("error", options.onLost);
      connected.once("close", () => {
        options.onLost();
        // postgres.js takes all listeners away now; Deno 2.6 reports what wasn't written later.
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
    // Said here so that postgres.js doesn't take them from the environment. The host is ours to
    // connect to (below); the password is a function because PGPASSWORD would replace an empty one.
    host: "unused",
    port: config.port,
    database: config.database,
    user: config.user,
    password: () => config.password ?? "",
    // socket.ts does that: postgres.js would keep the encrypted socket to itself.
    ssl: false,
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
    // These two are not in its types. Hears of what a `listen` on this connection brings.
    onnotify: (_channel: string, payload: string) => options.onNotify?.(payload),
    // Makes the socket, instead of postgres.js.
    socket: () => {
      if (asked) throw new Error("the connection was lost");
      asked = true;
      return connect();
    },
  } as postgres.Options<Record<string, never>>);

  // Parameters arrive as text already (parameters.ts): JSON text would be encoded twice.
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
      // postgres.js may be about to ask for one.
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
  // A socket that is destroyed forgets what is to be called.
  socket.once("close", resolve);
  for (const [index, message] of messages.entries()) {
    socket.write(message, index === messages.length - 1 ? () => resolve() : undefined);
  }
  await promise;
  socket.off("close", resolve);
  return !socket.destroyed;
}

/**
 * Each of the server's answers ends with its ReadyForQuery: Z, a length, and whether a transaction
 * is open. postgres.js keeps that to itself.
 */
const READY_LENGTH = 6;
const READY = "Z\0\0\0\x05";

function stateAfter(tail: Buffer): TransactionState {
  if (tail.toString("latin1", 0, READY.length) !== READY) return "unknown";
  return tail.at(-1) === LETTER_I ? "none" : "open";
}

const LETTER_I = 73;
