/**
 * Sessions for callers that come at any time, such as HTTP requests: each has one to itself, so
 * many at once, and the others wait in order. A session that was used is kept for the next caller.
 */
import type { DatabaseConfig } from "../config/database_config.ts";
import { PoolBusy } from "./connection_errors.ts";
import { Session } from "./session.ts";

export { PoolBusy } from "./connection_errors.ts";

export interface SessionPoolOptions {
  /** How many sessions there are at once. */
  readonly max: number;
  readonly applicationName?: string;
  /** Milliseconds; as for `Session.open`. */
  readonly connectTimeout?: number;
  /** How long a caller waits for a session to be free; 10,000 milliseconds without it. */
  readonly maxWait?: number;
  /** How long a session is kept that nobody uses; 30,000 milliseconds without it. */
  readonly idleTimeout?: number;
  /**
   * A session that was idle for longer is asked whether its server is still there before anybody
   * gets it, which costs a round trip; 1,000 milliseconds without it.
   */
  readonly checkAfter?: number;
}

const MAX_WAIT = 10_000;
const IDLE_TIMEOUT = 30_000;
const CHECK_AFTER = 1_000;
/** Milliseconds that the question may take. A new connection is cheaper than to wait for longer. */
const CHECK_TIMEOUT = 2_000;

interface Kept {
  readonly session: Session;
  /** A reading of performance.now(). */
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
  /** The one that was used last is the first to be used again: what is too many grows old. */
  readonly #kept: Kept[] = [];
  readonly #callers: Caller[] = [];
  readonly #closing = new Set<Promise<void>>();
  /** Callers that were admitted, at most `max`: there are never more sessions than that. */
  #admitted = 0;
  #closed = false;
  readonly #drained = Promise.withResolvers<void>();

  constructor(config: DatabaseConfig, options: SessionPoolOptions) {
    this.#config = config;
    this.#options = options;
  }

  /**
   * Lends a session to `work`, which must not keep it. Throws what `work` throws, PoolBusy if none
   * became free in time, DatabaseUnreachable if none could be opened, and an Error if `work` left a
   * transaction open, which is undone then, or if the pool is closed. A connection that is lost in
   * the middle of `work` is `work`'s SessionLost: what it had done by then only its caller knows.
   */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    await this.#admission();
    try {
      const session = await this.#take();
      let result: T;
      try {
        result = await work(session);
      } catch (error) {
        this.#takeBack(session);
        throw error;
      }
      if (this.#takeBack(session) === "left open") {
        throw new Error("Cannot take a session back: its transaction was left open, and is undone");
      }
      return result;
    } finally {
      this.#leave();
    }
  }

  /** Turns away callers that wait and new ones; resolves when those inside are done. Never throws. */
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

  /** The next one takes the place over, so that nobody who comes now is before those who wait. */
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
      kept.session.destroy();
      // What ended this one, a restart or a firewall, has most often ended the others, too.
      for (const { session, expiry } of this.#kept.splice(0)) {
        clearTimeout(expiry);
        session.destroy();
      }
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
      // If it is more than this one session's trouble, opening another says what it is.
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  #takeBack(session: Session): "in order" | "left open" {
    const state = session.transactionState;
    if (session.lost || state !== "none") {
      // Without its session, Postgres undoes what was left open, or unfinished.
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

function closedError(): Error {
  return new Error("Cannot use the database: its connections are being closed");
}
