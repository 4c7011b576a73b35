/**
 * Sessions for callers that arrive at any time, such as HTTP requests. Each caller gets a session
 * to itself. At most `max` callers have one at the same time; the others wait their turn. A session
 * that is given back is kept for the next caller, unless its server turned out to accept no writes.
 */
import type { DatabaseConfig } from "../config/database_config.ts";
import { PoolBusy, PostgresError } from "./connection_errors.ts";
import { Session } from "./session.ts";
import { READ_ONLY } from "./sqlstate.ts";

export { PoolBusy } from "./connection_errors.ts";

export interface SessionPoolOptions {
  /** The largest number of sessions open at the same time. */
  readonly max: number;
  readonly applicationName?: string;
  /** In milliseconds, as for `Session.open`. */
  readonly connectTimeout?: number;
  /** How long a caller waits for a free session. The default is 10,000 milliseconds. */
  readonly maxWait?: number;
  /** How long an unused session is kept. The default is 30,000 milliseconds. */
  readonly idleTimeout?: number;
  /**
   * A session that was idle for longer than this is checked before it is lent again, which costs a
   * round trip. The default is 1,000 milliseconds.
   */
  readonly checkAfter?: number;
}

const MAX_WAIT = 10_000;
const IDLE_TIMEOUT = 30_000;
const CHECK_AFTER = 1_000;
/** How many milliseconds the check may take. A new connection is cheaper than a longer wait. */
const CHECK_TIMEOUT = 2_000;

interface Kept {
  readonly session: Session;
  /** A `performance.now()` reading. */
  readonly since: number;
  readonly expiry: ReturnType<typeof setTimeout>;
}

interface Caller {
  admit(): void;
  refuse(error: Error): void;
}

export class SessionPool {
  readonly #config: DatabaseConfig;
  readonly #options: SessionPoolOptions;
  /** The session used last is reused first, so that surplus ones reach their idle time-out. */
  readonly #kept: Kept[] = [];
  readonly #callers: Caller[] = [];
  readonly #closing = new Set<Promise<void>>();
  /** The number of callers admitted, at most `max`. There are never more sessions than that. */
  #admitted = 0;
  #closed = false;
  readonly #drained = Promise.withResolvers<void>();

  constructor(config: DatabaseConfig, options: SessionPoolOptions) {
    this.#config = config;
    this.#options = options;
  }

  /**
   * Lends a session to `work`, which must not keep it. Throws what `work` throws, PoolBusy if no
   * session became free in time, and DatabaseUnreachable if none could be opened. Throws an Error
   * if the pool is closed, or if `work` left a transaction open, which is then rolled back. If the
   * connection is lost during `work`, `work` gets SessionLost: only its caller knows what it had
   * done by then.
   */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    await this.#admission();
    try {
      const session = await this.#take();
      let result: T;
      try {
        result = await work(session);
      } catch (error) {
        if (isReadOnly(error)) this.#forgetAll(session);
        else this.#takeBack(session);
        throw error;
      }
      if (this.#takeBack(session) === "left open") {
        throw new Error(
          "Cannot take the session back: its transaction was left open and is rolled back",
        );
      }
      return result;
    } finally {
      this.#leave();
    }
  }

  /**
   * Refuses waiting and new callers. Resolves when those that have a session are done. Never
   * throws.
   */
  async close(): Promise<void> {
    this.#closed = true;
    for (const caller of this.#callers.splice(0)) caller.refuse(closedError());
    for (const kept of this.#kept.splice(0)) this.#retire(kept);
    if (this.#admitted === 0) this.#drained.resolve();
    await this.#drained.promise;
    await Promise.all(this.#closing);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #admission(): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    const { max, maxWait = MAX_WAIT } = this.#options;
    if (this.#admitted < max) {
      this.#admitted++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#callers.splice(this.#callers.indexOf(caller), 1);
        reject(
          new PoolBusy(
            `All ${max} connections to the database are in use; none was free within ${maxWait} ms.`,
          ),
        );
      }, maxWait);
      const caller: Caller = {
        admit: () => {
          clearTimeout(timer);
          resolve();
        },
        refuse: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#callers.push(caller);
    });
  }

  /** Hands the place to the next caller in line, so that no newcomer gets ahead of it. */
  #leave(): void {
    const next = this.#callers.shift();
    if (next !== undefined) return next.admit();
    this.#admitted--;
    if (this.#closed && this.#admitted === 0) this.#drained.resolve();
  }

  async #take(): Promise<Session> {
    const kept = this.#kept.pop();
    if (kept !== undefined) {
      clearTimeout(kept.expiry);
      if (await this.#isAlive(kept)) return kept.session;
      // What ended this session, such as a restart or a firewall, has usually ended the others too.
      this.#forgetAll(kept.session);
    }
    const { applicationName, connectTimeout } = this.#options;
    return await Session.open(this.#config, { applicationName, connectTimeout });
  }

  async #isAlive({ session, since }: Kept): Promise<boolean> {
    if (session.lost) return false;
    if (performance.now() - since < (this.#options.checkAfter ?? CHECK_AFTER)) return true;
    const timer = setTimeout(() => session.destroy(), CHECK_TIMEOUT);
    try {
      await session.query("select 1");
      return true;
    } catch {
      // If the trouble isn't limited to this session, opening another will report it.
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** New sessions may reach another server. */
  #forgetAll(session: Session): void {
    session.destroy();
    for (const { session, expiry } of this.#kept.splice(0)) {
      clearTimeout(expiry);
      session.destroy();
    }
  }

  #takeBack(session: Session): "in order" | "left open" {
    const state = session.transactionState;
    if (session.lost || state !== "none") {
      // When its session ends, Postgres rolls back what was left open or unfinished.
      const leftOpen = !session.lost && state === "open";
      session.destroy();
      return leftOpen ? "left open" : "in order";
    }
    const expiry = setTimeout(() => {
      this.#kept.splice(this.#kept.indexOf(kept), 1);
      this.#retire(kept);
    }, this.#options.idleTimeout ?? IDLE_TIMEOUT);
    Deno.unrefTimer(expiry);
    const kept: Kept = { session, since: performance.now(), expiry };
    if (this.#closed) this.#retire(kept);
    else this.#kept.push(kept);
    return "in order";
  }

  #retire({ session, expiry }: Kept): void {
    clearTimeout(expiry);
    const closing = session.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

function isReadOnly(error: unknown): boolean {
  return error instanceof PostgresError && error.code === READ_ONLY;
}

function closedError(): Error {
  return new Error("Cannot use the database: its connections are being closed");
}
