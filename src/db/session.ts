/**
 * One connection to Postgres, used by one unit of work at a time.
 *
 * It sends `begin`, `savepoint` and `commit` as plain statements. When the connection breaks, or
 * its server is gone (watchdog.ts), all pending calls reject with `SessionLost`, and so do all
 * later ones. A session never reconnects behind the caller's back.
 */
import type { DatabaseConfig } from "../config/database_config.ts";
import { type Connection, createConnection, type TransactionState } from "./connection.ts";
import { copyIn } from "./copy_in.ts";
import { copyOut, Received } from "./copy_out.ts";
import { SessionLost } from "./connection_errors.ts";
import type { Repertoire } from "./repertoire.ts";
import type { SessionSettings, UserSettings } from "./session_settings.ts";
import { greet, send, sendAlone } from "./statement.ts";
import { openFirst } from "./open_first.ts";
import { explainUnreachable, isConnectionLoss } from "./unreachable.ts";
import type { SessionOptions } from "./session_options.ts";
import { WATCH_TIMES, Watchdog } from "./watchdog.ts";

export type { DatabaseConfig } from "../config/database_config.ts";
export { DatabaseUnreachable, PostgresError, SessionLost } from "./connection_errors.ts";

/**
 * How long the server gets to close the connection before we destroy the socket, in milliseconds.
 */
const CLOSE_TIMEOUT = 2_000;

export class Session {
  readonly config: DatabaseConfig;
  readonly #connection: Connection;
  readonly #watchdog: Watchdog;
  readonly #onLost: (() => void) | undefined;
  readonly #received = new Received();
  #settings: SessionSettings | null = null;
  #lost = false;
  #cause: unknown;
  #closing = false;
  #inTransaction = false;
  /** Number of statements that were called and are not done. */
  #pending = 0;
  /** Resolves when postgres.js holds nothing any more, not even a timer. */
  #ended: Promise<void> = Promise.resolve();
  /** Rejects the statement in progress. */
  #abort: ((error: Error) => void) | null = null;
  /** Resolves when the statements called so far are done. They run one at a time, in order. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(
    config: DatabaseConfig,
    server: DatabaseConfig,
    options: SessionOptions,
    passwordAsItIs: boolean,
  ) {
    this.config = config;
    this.#onLost = options.onLost;
    this.#connection = createConnection(server, {
      applicationName: options.applicationName ?? "ingest",
      connectTimeout: options.connectTimeout ?? config.connectTimeout ?? 10_000,
      passwordAsItIs,
      onLost: (cause) => this.#lose(cause),
      onNotify: options.onNotify,
    });
    const { bytes, answers } = this.#connection;
    const cut = (cause: Error) => this.#cut(cause);
    this.#watchdog = new Watchdog({ bytes, answers, cut }, options.watchTimes ?? WATCH_TIMES);
  }

  /** Tries the servers of the configuration in turn. Throws `DatabaseUnreachable`. */
  static async open(config: DatabaseConfig, options: SessionOptions = {}): Promise<Session> {
    return await openFirst(
      config,
      (server, passwordAsItIs) => Session.#open(config, server, options, passwordAsItIs),
    );
  }

  /** `server`: one of those that the configuration names. */
  static async #open(
    config: DatabaseConfig,
    server: DatabaseConfig,
    options: SessionOptions,
    passwordAsItIs: boolean,
  ): Promise<Session> {
    const { signal } = options;
    const session = new Session(config, server, options, passwordAsItIs);
    const giveUp = () => session.destroy();
    if (signal?.aborted) giveUp();
    signal?.addEventListener("abort", giveUp);
    try {
      session.#settings = await session.#exclusively(() =>
        greet(session.#connection, config.target)
      );
      return session;
    } catch (error) {
      session.destroy();
      await session.#ended;
      const cause = error instanceof SessionLost ? error.cause ?? error : error;
      throw explainUnreachable({ ...server, others: [] }, cause);
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Behind PgBouncer in transaction mode, each transaction may have another: query it in there. */
  get backendPid(): number {
    return this.#known.pid;
  }

  /** As `server_version_num`: 150018 is 15.18. */
  get serverVersion(): number {
    return this.#known.version;
  }

  /** What the database can hold in text; null if any character. */
  get repertoire(): Repertoire | null {
    return this.#known.repertoire;
  }

  /** As they were before the session set its own. */
  get userSettings(): UserSettings {
    return this.#known.user;
  }

  get #known(): SessionSettings {
    if (this.#settings === null) throw new Error("The session is not open yet");
    return this.#settings;
  }

  /** If true, the connection is gone or was closed, and every call rejects with `SessionLost`. */
  get lost(): boolean {
    return this.#lost;
  }

  /**
   * As the server itself reported it, however the transaction was begun. `unknown` while a
   * statement is in progress.
   */
  get transactionState(): TransactionState {
    return this.#pending > 0 ? "unknown" : this.#connection.transaction();
  }

  /**
   * Resolves with the rows of one statement. Without parameters, `text` may hold several
   * statements, and the rows are the last one's. bigint becomes a number (it throws if it doesn't
   * fit), json and jsonb are parsed, bytea becomes a Uint8Array, timestamptz a Date, and arrays
   * become arrays. numeric, date and all other types stay text. For parameters see parameters.ts.
   * Throws `PostgresError` and `SessionLost`.
   */
  async query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Row[]> {
    return [...await this.#statement<Row>(text, parameters)];
  }

  /** Like `query`; resolves with the number of rows that the (last) statement affected. */
  async execute(text: string, parameters?: readonly unknown[]): Promise<number> {
    return (await this.#statement(text, parameters)).count ?? 0;
  }

  /**
   * Executes `COPY t (a, b) FROM STDIN`, sends the chunks, and resolves with the number of rows
   * that the server counted. The text may hold more statements before and after the COPY, if they
   * neither count nor return anything, such as SAVEPOINT. The chunks must not change until it is
   * done. Throws `PostgresError` (with `code` and `where`), `SessionLost`, and what `chunks`
   * throws. After a `PostgresError`, ROLLBACK TO SAVEPOINT makes the transaction usable again.
   */
  async copyIn(statement: string, chunks: Iterable<Uint8Array>): Promise<number> {
    const result = await this.#exclusively(() => copyIn(this.#connection, statement, chunks));
    if ("thrown" in result) throw result.thrown;
    return result.count;
  }

  /**
   * Executes `COPY (…) TO STDOUT` and resolves with all of its output, which stays valid until the
   * next call. Throws `PostgresError` and `SessionLost`.
   */
  async copyOut(statement: string): Promise<Uint8Array> {
    await this.#exclusively(() => copyOut(this.#connection.sql, statement, this.#received));
    return this.#received.bytes;
  }

  /**
   * Begins a transaction, and executes more statements in the same message. Resolves with the rows
   * of the last one. `settings`: the user's that shall hold in it.
   */
  async begin<Row extends object>(settings: UserSettings | null, more = ""): Promise<Row[]> {
    const text = this.#known.begin(settings) + more;
    return [
      ...await this.#exclusively(() =>
        send<Row>(this.#connection, text, [], this.#known.repertoire)
      ),
    ];
  }

  /** Commits what `work` did, or rolls it back if it throws. Transactions don't nest. */
  async transaction<T>(
    work: () => Promise<T>,
    settings: UserSettings | null = null,
  ): Promise<T> {
    if (this.#inTransaction) throw new Error("Cannot begin: a transaction is open already");
    this.#inTransaction = true;
    try {
      await this.begin(settings);
      let result: T;
      try {
        result = await work();
      } catch (error) {
        await this.#rollBack("rollback");
        throw error;
      }
      await this.execute("commit");
      return result;
    } finally {
      this.#inTransaction = false;
    }
  }

  /**
   * Does `work` while these settings hold. In an open transaction, those that it began with hold:
   * its caller has chosen them.
   */
  async under<T>(settings: UserSettings | null, work: () => Promise<T>): Promise<T> {
    const holds = settings === null || this.#known.hold(settings);
    if (holds || this.transactionState !== "none") return await work();
    return await this.transaction(work, settings);
  }

  /**
   * Runs `work` in a savepoint of the open transaction. If it throws, its changes are undone, but
   * the transaction stays usable. `name` is an identifier that needs no quotes.
   */
  async savepoint<T>(name: string, work: () => Promise<T>): Promise<T> {
    await this.execute(`savepoint ${name}`);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      await this.#rollBack(`rollback to savepoint ${name}; release savepoint ${name}`);
      throw error;
    }
    await this.execute(`release savepoint ${name}`);
    return result;
  }

  /** Cuts the connection at once. All pending calls reject with `SessionLost`. */
  destroy(): void {
    this.#cut();
  }

  #cut(cause?: unknown): void {
    this.#lose(cause);
    this.#connection.destroy();
    // Releases what postgres.js holds. With its socket cut, it has nothing to wait for.
    this.#ended = this.#connection.sql.end({ timeout: 0 }).catch(() => {});
  }

  /** Closes the connection after the statements called so far. Never throws. */
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
    this.destroy();
    await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #statement<Row extends object>(text: string, parameters: readonly unknown[] = []) {
    return this.#exclusively(() =>
      this.#settings?.isPooled && this.#connection.transaction() === "none"
        ? sendAlone<Row>(this.#connection, this.#settings, text, parameters)
        : send<Row>(this.#connection, text, parameters, this.#settings?.repertoire)
    );
  }

  /**
   * Runs one exchange with the server after all earlier ones. Rejects when the connection is lost.
   */
  #exclusively<T>(exchange: () => Promise<T>): Promise<T> {
    if (this.#closing) return Promise.reject(this.#lostError());
    this.#pending++;
    const turn = this.#tail.then(() => {
      if (this.#lost) throw this.#lostError();
      return new Promise<T>((resolve, reject) => {
        this.#abort = reject;
        this.#watchdog.start();
        exchange().then(resolve, (error: unknown) => {
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

  /** If the rollback fails, the state is unknown. Closing the session makes Postgres roll back. */
  async #rollBack(statement: string): Promise<void> {
    if (this.#lost) return;
    try {
      await this.execute(statement);
    } catch {
      this.destroy();
    }
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
