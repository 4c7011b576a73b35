/**
 * The exchanges with the server over one connection: one at a time, in the order of the calls. When
 * the connection breaks, or its server is gone (watchdog.ts), the one in progress rejects with
 * `SessionLost`, and so do all later ones.
 */
import type { DatabaseConfig } from "../config/database_config.ts";
import { type Connection, createConnection } from "./connection.ts";
import type { TransactionState } from "./wire.ts";
import { SessionLost } from "./connection_errors.ts";
import type { SessionOptions } from "./session_options.ts";
import { type Backend, LifeSigns } from "./sign_of_life.ts";
import { isConnectionLoss } from "./unreachable.ts";
import { WATCH_TIMES, Watchdog } from "./watchdog.ts";

/**
 * How long the server gets to close the connection before we destroy the socket, in milliseconds.
 */
const CLOSE_TIMEOUT = 2_000;

export class Exchanges {
  readonly #connection: Connection;
  readonly #lifeSigns: LifeSigns;
  readonly #watchdog: Watchdog;
  readonly #onLost: (() => void) | undefined;
  #lost = false;
  #cause: unknown;
  #closing = false;
  /** Number of exchanges that were called for and are not done. */
  #pending = 0;
  /** Rejects the exchange in progress. */
  #abort: ((error: Error) => void) | null = null;
  /** Resolves when the exchanges called for so far are done. */
  #tail: Promise<unknown> = Promise.resolve();
  /** Resolves when postgres.js holds nothing any more, not even a timer. */
  #ended: Promise<void> = Promise.resolve();

  /** `passwordAsItIs`: it is not to be prepared for SCRAM. The first exchange connects. */
  constructor(server: DatabaseConfig, options: SessionOptions, passwordAsItIs: boolean) {
    this.#onLost = options.onLost;
    this.#connection = createConnection(server, {
      applicationName: options.applicationName ?? "ingest",
      connectTimeout: options.connectTimeout ?? 10_000,
      passwordAsItIs,
      onLost: (cause) => this.#lose(cause),
      onNotify: options.onNotify,
    });
    const signs = this.#lifeSigns = new LifeSigns(server, this.#connection, options.onHeldUp);
    this.#watchdog = new Watchdog({
      bytes: () => this.#connection.wire.bytes(),
      ask: (timeout, signal) => signs.ask(timeout, signal),
      cut: (cause) => this.cut(cause),
    }, options.watchTimes ?? WATCH_TIMES);
  }

  /** From now on, a silent server can be asked whether this backend of its is at work. */
  set backend(backend: Backend) {
    this.#lifeSigns.backend = backend;
  }

  /** The connection is gone or was closed. */
  get lost(): boolean {
    return this.#lost;
  }

  /** `unknown` while an exchange is in progress. */
  get transactionState(): TransactionState {
    return this.#pending > 0 ? "unknown" : this.#connection.wire.transaction();
  }

  /** Runs one exchange after all earlier ones. Rejects when the connection is lost. */
  run<T>(exchange: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#closing) return Promise.reject(this.#lostError());
    this.#pending++;
    const turn = this.#tail.then(() => {
      if (this.#lost) throw this.#lostError();
      return new Promise<T>((resolve, reject) => {
        this.#abort = reject;
        this.#watchdog.start();
        exchange(this.#connection).then(resolve, (error: unknown) => {
          if (!isConnectionLoss(error)) return reject(error);
          this.#lose(error);
          reject(this.#lostError());
        });
      });
    });
    const done = () => {
      this.#pending--;
      this.#abort = null;
      this.#watchdog.stop();
    };
    this.#tail = turn.then(done, done);
    return turn;
  }

  /** Cuts the connection at once. Resolves when nothing of it is left. */
  cut(cause?: unknown): Promise<void> {
    this.#lose(cause);
    this.#connection.wire.destroy();
    // Releases what postgres.js holds. With its socket cut, it has nothing to wait for.
    this.#ended = this.#connection.sql.end({ timeout: 0 }).catch(() => {});
    return this.#ended;
  }

  /** Closes the connection after the exchanges called for so far. Never throws. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#tail;
    if (!this.#lost) {
      const timeout = CLOSE_TIMEOUT / 1000;
      await new Promise<void>((resolve) => {
        this.#abort = () => resolve();
        this.#connection.sql.end({ timeout }).then(resolve, () => resolve());
      });
    }
    await this.cut();
  }

  #lose(cause?: unknown): void {
    if (this.#lost) return;
    this.#cause = cause;
    this.#lost = true;
    this.#watchdog.end();
    this.#abort?.(this.#lostError());
    this.#onLost?.();
  }

  #lostError(): SessionLost {
    return new SessionLost(
      this.#closing ? "the session was closed" : "the connection to the database was lost",
      { cause: this.#cause },
    );
  }
}
