/**
 * One connection to Postgres, used by one unit of work at a time: statements, COPY and transactions.
 *
 * It sends `begin`, `savepoint` and `commit` as plain statements. When the connection is lost
 * (exchanges.ts), all pending calls reject with `SessionLost`, and so do all later ones. A session
 * never reconnects behind the caller's back.
 */
import type { DatabaseConfig } from "../config/database_config.ts";
import type { TransactionState } from "./wire.ts";
import { copyIn } from "./copy_in.ts";
import { copyOut, Received } from "./copy_out.ts";
import { SessionLost } from "./connection_errors.ts";
import { Exchanges } from "./exchanges.ts";
import type { Repertoire } from "./repertoire.ts";
import type { SessionSettings, UserSettings } from "./session_settings.ts";
import { greet, send, sendAlone } from "./statement.ts";
import { openFirst } from "./open_first.ts";
import { explainUnreachable } from "./unreachable.ts";
import type { SessionOptions } from "./session_options.ts";

export type { DatabaseConfig } from "../config/database_config.ts";
export { DatabaseUnreachable, PostgresError, SessionLost } from "./connection_errors.ts";

export class Session {
  readonly config: DatabaseConfig;
  readonly #exchanges: Exchanges;
  readonly #received = new Received();
  #settings: SessionSettings | null = null;
  #inTransaction = false;

  private constructor(config: DatabaseConfig, exchanges: Exchanges) {
    this.config = config;
    this.#exchanges = exchanges;
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
    const connectTimeout = options.connectTimeout ?? config.connectTimeout;
    const exchanges = new Exchanges(server, { ...options, connectTimeout }, passwordAsItIs);
    const { signal } = options;
    const giveUp = () => exchanges.cut();
    if (signal?.aborted) giveUp();
    signal?.addEventListener("abort", giveUp);
    try {
      const session = new Session(config, exchanges);
      const settings = await exchanges.run((connection) => greet(connection, config.target));
      session.#settings = settings;
      // Behind a pooler, it is another one in each transaction.
      if (!settings.isPooled) exchanges.backend = settings;
      return session;
    } catch (error) {
      await exchanges.cut();
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
    return this.#exchanges.lost;
  }

  /**
   * As the server itself reported it, however the transaction was begun. `unknown` while a
   * statement is in progress.
   */
  get transactionState(): TransactionState {
    return this.#exchanges.transactionState;
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
   * that the server counted. The text may hold more statements: before the COPY, if they neither count
   * nor return anything, such as SAVEPOINT; after it, if they return nothing. The chunks must not change until it is
   * done. Throws `PostgresError` (with `code` and `where`), `SessionLost`, and what `chunks`
   * throws. After a `PostgresError`, ROLLBACK TO SAVEPOINT makes the transaction usable again.
   */
  async copyIn(statement: string, chunks: Iterable<Uint8Array>): Promise<number> {
    const result = await this.#exchanges.run((connection) => copyIn(connection, statement, chunks));
    if ("thrown" in result) throw result.thrown;
    return result.count;
  }

  /**
   * Executes `COPY (…) TO STDOUT` and resolves with all of its output, which stays valid until the
   * next call. Throws `PostgresError` and `SessionLost`.
   */
  async copyOut(statement: string): Promise<Uint8Array> {
    await this.#exchanges.run((connection) => copyOut(connection, statement, this.#received));
    return this.#received.bytes;
  }

  /**
   * Begins a transaction, and executes more statements in the same message. Resolves with the rows
   * of the last one. `settings`: the user's that shall hold in it.
   */
  async begin<Row extends object>(settings: UserSettings | null, more = ""): Promise<Row[]> {
    const text = this.#known.begin(settings) + more;
    const rows = await this.#exchanges.run((connection) =>
      send<Row>(connection, text, [], this.#known.repertoire)
    );
    return [...rows];
  }

  /**
   * Commits what `work` did, or rolls it back if it throws. Transactions don't nest. `first`: as
   * `more` for `begin`; `work` gets its rows.
   */
  async transaction<T, Row extends object = never>(
    work: (rows: readonly Row[]) => Promise<T>,
    settings: UserSettings | null = null,
    first = "",
  ): Promise<T> {
    if (this.#inTransaction) throw new Error("Cannot begin: a transaction is open already");
    this.#inTransaction = true;
    try {
      let result: T;
      try {
        result = await work(await this.begin<Row>(settings, first));
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
    this.#exchanges.cut();
  }

  /** Closes the connection after the statements called so far. Never throws. */
  close(): Promise<void> {
    return this.#exchanges.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #statement<Row extends object>(text: string, parameters: readonly unknown[] = []) {
    return this.#exchanges.run((connection) =>
      this.#settings?.isPooled && connection.wire.transaction() === "none"
        ? sendAlone<Row>(connection, this.#settings, text, parameters)
        : send<Row>(connection, text, parameters, this.#settings?.repertoire)
    );
  }

  /** If the rollback fails, the state is unknown. Closing the session makes Postgres roll back. */
  async #rollBack(statement: string): Promise<void> {
    if (this.lost) return;
    try {
      await this.execute(statement);
    } catch {
      this.destroy();
    }
  }
}
