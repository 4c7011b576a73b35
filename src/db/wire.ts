/**
 * The socket of a connection: it is opened once and never again, and knows what the server sent
 * last, which postgres.js doesn't pass on.
 */
import { Buffer } from "node:buffer";
import type net from "node:net";
import type { DatabaseConfig } from "../config/database_config.ts";
import { CopyMessages } from "./copy_messages.ts";
import { readFarewell } from "./farewell.ts";
import { type Address, answers, connectSocket, peerOf } from "./socket.ts";

/** Whether a transaction is open. One that failed and awaits its rollback counts as open. */
export type TransactionState = "none" | "open" | "unknown";

export class Wire {
  readonly #config: DatabaseConfig;
  readonly #connectTimeout: number;
  readonly #onLost: (cause?: unknown) => void;
  #asked = false;
  #socket: net.Socket | null = null;
  #peer: Address | null = null;
  /** What came last: its last bytes, and all of it. */
  #tail: Buffer = Buffer.alloc(0);
  #last: Buffer = Buffer.alloc(0);
  #isScram = false;

  /** `connectTimeout`: milliseconds. `onLost`: the socket is gone for good. */
  constructor(
    config: DatabaseConfig,
    connectTimeout: number,
    onLost: (cause?: unknown) => void,
  ) {
    this.#config = config;
    this.#connectTimeout = connectTimeout;
    this.#onLost = onLost;
  }

  /** Throws if it was opened or destroyed before. */
  open(): Promise<net.Socket> {
    if (this.#asked) throw new Error("the connection was lost");
    this.#asked = true;
    return this.#connect();
  }

  /** The server has asked for a password by SCRAM. */
  get isScram(): boolean {
    return this.#isScram;
  }

  /** Why the server has ended the connection, if it said so. */
  get farewell(): ReturnType<typeof readFarewell> {
    return readFarewell(this.#last);
  }

  /** Bytes sent and received so far. */
  bytes(): number {
    return this.#socket === null ? 0 : this.#socket.bytesRead + this.#socket.bytesWritten;
  }

  /**
   * Whether the server at the other end still answers: see `answers` in socket.ts. True while the
   * socket is still being opened: that has its own time-out.
   */
  answers(timeout: number, signal: AbortSignal): Promise<boolean> {
    return this.#peer === null ? Promise.resolve(true) : answers(this.#peer, timeout, signal);
  }

  /** As the server's last answer said; `unknown` until that answer is complete. */
  transaction(): TransactionState {
    if (this.#tail.toString("latin1", 0, READY.length) !== READY) return "unknown";
    return this.#tail.at(-1) === LETTER_I ? "none" : "open";
  }

  /**
   * Sends protocol messages of our own. Resolves with true once they are sent, or with false if the
   * socket is gone. Call it only while postgres.js has nothing to send.
   */
  async send(messages: readonly Uint8Array[]): Promise<boolean> {
    const socket = this.#socket;
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
   * From now on, `take` gets the content of CopyData messages in place of postgres.js, until the
   * returned function is called. Does nothing unless the last message from the server was complete.
   * Call it only between two exchanges.
   */
  divertCopyData(take: (piece: Uint8Array) => void): () => void {
    const socket = this.#socket;
    if (socket === null || this.transaction() === "unknown") return () => {};
    const others = socket.listeners("data").filter(
      (listener): listener is (chunk: Buffer) => void => listener !== this.#receive,
    );
    const messages = new CopyMessages(take, (piece) => {
      for (const listener of others) listener(piece);
    });
    const divert = (chunk: Buffer) => messages.take(chunk);
    for (const listener of others) socket.off("data", listener);
    socket.on("data", divert);
    return () => {
      socket.off("data", divert);
      for (const listener of others) socket.on("data", listener);
    };
  }

  /** At once. */
  destroy(): void {
    // postgres.js may be about to ask for a socket.
    this.#asked = true;
    this.#socket?.destroy();
  }

  async #connect(): Promise<net.Socket> {
    const timer = setTimeout(() => {
      this.#onLost(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
      this.#socket?.destroy();
    }, this.#connectTimeout);
    try {
      const connected = await connectSocket(this.#config, (current) => this.#socket = current);
      this.#peer = peerOf(this.#config, connected);
      connected.on("data", this.#receive);
      // Added first, so that we know the cause before postgres.js reports the loss.
      connected.on("error", this.#onLost);
      connected.once("close", () => {
        this.#onLost(this.farewell ?? undefined);
        // postgres.js now removes all listeners, but Deno 2.6 reports unwritten data later.
        queueMicrotask(() => connected.on("error", () => {}));
      });
      return connected;
    } catch (error) {
      this.#onLost(error);
      this.#socket?.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#isScram ||= asksForScram(chunk);
    this.#last = chunk;
    const received = chunk.length < READY_LENGTH ? Buffer.concat([this.#tail, chunk]) : chunk;
    this.#tail = received.subarray(-READY_LENGTH);
  };
}

/**
 * Every answer of the server ends with ReadyForQuery: Z, a length, and whether a transaction is
 * open.
 */
const READY_LENGTH = 6;
const READY = "Z\0\0\0\x05";
const LETTER_I = 73;

/** A message that asks for authentication, R, of kind 10. The server then waits for an answer. */
function asksForScram(chunk: Buffer): boolean {
  return chunk.length >= 9 && chunk[0] === LETTER_R && chunk.readInt32BE(5) === SASL;
}

const LETTER_R = 82;
const SASL = 10;
