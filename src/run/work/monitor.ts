/**
 * Watches the runs from outside the workers: finds batches whose holders died, and ends connections
 * that are stuck in a COPY. It has its own connection, and opens a new one when that is lost.
 */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { reasonOf } from "../../db/connection_errors.ts";
import { DatabaseUnreachable, Session, SessionLost } from "../../db/session.ts";
import { backoff, classify } from "../../db/sqlstate.ts";
import { Ledger } from "../../ledger/ledger.ts";
import type { Turns } from "./turns.ts";

/**
 * How long a look may take, in milliseconds. A firewall that has forgotten the connection drops what
 * is sent, and the operating system would wait for more than ten minutes.
 */
const LOOK_TIMEOUT = 15_000;

const NO_ANSWER = "Nothing has come over the connection to the database";

/** How long to wait for a connection that is in use before another is opened, in milliseconds. */
const TURN_PATIENCE = 250;

/** How long a database may stay away before a command gives up, in milliseconds. */
const PATIENCE = 30_000;

export class Monitor {
  readonly #config: DatabaseConfig;
  readonly #schemaName: string;
  readonly #lent: Ledger | null;
  readonly #turns: Turns | null;
  #ledger: Ledger | null;
  readonly #tell: (line: string) => void;
  #lostSince: number | null = null;
  #failures = 0;
  /** The last look took too long. */
  #slow = false;
  #looking = false;
  readonly #timeout: number;
  readonly #closing = new AbortController();

  /**
   * `lent`: the caller's connection, used at first. It is closed only if a look hangs on it.
   * `timeout`: milliseconds that a look may take. `tell`: gets a line when the connection is lost,
   * and when it is back. `turns`: of all who use the lent connection.
   */
  constructor(
    config: DatabaseConfig,
    schemaName: string,
    lent?: Ledger,
    timeout = LOOK_TIMEOUT,
    tell: (line: string) => void = () => {},
    turns: Turns | null = null,
  ) {
    this.#turns = turns;
    this.#timeout = timeout;
    this.#tell = tell;
    this.#config = config;
    this.#schemaName = schemaName;
    this.#ledger = lent ?? null;
    this.#lent = lent ?? null;
  }

  /**
   * Takes a look at the database; returns null while the database is away, or if the look took too
   * long. Throws DatabaseUnreachable once it has been away for too long.
   */
  async look<T>(work: (ledger: Ledger) => Promise<T>): Promise<T | null> {
    this.#looking = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let timedOut = false;
    try {
      using _turn = await this.#enter();
      const ledger = await this.#connect();
      timer = setTimeout(() => {
        timedOut = true;
        ledger.session.destroy();
      }, this.#timeout);
      const result = await work(ledger);
      if (this.#lostSince !== null) {
        const seconds = Math.round((performance.now() - this.#lostSince) / 1000);
        this.#tell(`The connection to the database is back, after ${seconds} s.`);
      }
      this.#lostSince = null;
      this.#failures = 0;
      this.#slow = false;
      return result;
    } catch (error) {
      if (this.#isClosed) return null;
      const isAway = error instanceof SessionLost || error instanceof DatabaseUnreachable;
      if (!isAway && classify(error).kind !== "transient") throw error;
      this.#ledger?.session.destroy();
      this.#ledger = null;
      // The database could be reached: the next look begins anew.
      if (timedOut) {
        this.#lostSince = null;
        const seconds = this.#timeout / 1000;
        if (!this.#slow) this.#tell(`${NO_ANSWER} for ${seconds} s. Trying a new one.`);
        this.#slow = true;
        return null;
      }
      if (this.#lostSince === null) {
        this.#tell(`The connection to the database was lost: ${reasonOf(error)}`);
      }
      this.#lostSince ??= performance.now();
      this.#failures++;
      if (performance.now() - this.#lostSince > PATIENCE) {
        throw !(error instanceof SessionLost)
          ? error
          : new DatabaseUnreachable("The connection to the database was lost.", {
            temporary: true,
            cause: error,
          });
      }
      return null;
    } finally {
      clearTimeout(timer);
      this.#looking = false;
    }
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** A look has not been answered yet. */
  get isLooking(): boolean {
    return this.#looking;
  }

  /** How long to wait before the next look, in milliseconds, given the usual interval. */
  pause(interval: number): number {
    return this.#failures === 0 ? interval : backoff(this.#failures);
  }

  /** Ends a look in progress, and doesn't wait for it: the server may never answer. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#looking) this.#ledger?.session.destroy();
    else if (this.#ledger !== this.#lent) await this.#ledger?.session.close();
  }

  /** If others use the lent connection for long, leaves it to them. */
  async #enter(): Promise<Disposable | null> {
    if (this.#turns === null || this.#ledger === null || this.#ledger !== this.#lent) return null;
    const turn = await this.#turns.enterWithin(TURN_PATIENCE);
    if (turn === null) this.#ledger = null;
    return turn;
  }

  async #connect(): Promise<Ledger> {
    if (this.#ledger !== null && !this.#ledger.session.lost) return this.#ledger;
    const { signal } = this.#closing;
    const session = await Session.open(this.#config, { applicationName: "ingest monitor", signal });
    if (this.#isClosed) session.destroy();
    return this.#ledger = new Ledger(session, this.#schemaName);
  }
}
