/**
 * The connection of one worker, or of several that take turns: lent, or opened ahead of its first
 * use, and opened again when lost.
 */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { Session, SessionLost } from "../../db/session.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { Turns } from "./turns.ts";

/** A connection that others use as well. */
export interface LentConnection {
  readonly ledger: Ledger;
  readonly turns: Turns;
}

export class WorkerConnection {
  readonly #config: DatabaseConfig;
  readonly #schemaName: string;
  readonly #applicationName: string;
  /** The connection opened ahead; resolves to null if that failed. */
  #early: Promise<Ledger | null> | null = null;
  #ledger: Ledger | null = null;
  /** How many workers have it. */
  #workers = 0;
  /** A worker has its turn. */
  #isInUse = false;
  readonly #lent: LentConnection | null;
  readonly #turns: Turns;
  readonly #cut = new AbortController();

  constructor(
    config: DatabaseConfig,
    schemaName: string,
    applicationName: string,
    lent: LentConnection | null = null,
  ) {
    this.#config = config;
    this.#schemaName = schemaName;
    this.#applicationName = applicationName;
    this.#lent = lent;
    this.#ledger = lent?.ledger ?? null;
    this.#turns = lent?.turns ?? new Turns();
  }

  /** One more worker has it, until it calls `close`. */
  join(): void {
    this.#workers++;
  }

  /** If this fails, the first `use` tries again and throws the reason. */
  begin(): void {
    if (this.#ledger === null) this.#early = this.#open().catch(() => null);
  }

  /** Does `work` while nobody else uses the connection. */
  async turn<T>(work: () => Promise<T>): Promise<T> {
    using _turn = await this.#turns.enter();
    this.#isInUse = true;
    try {
      return await work();
    } finally {
      this.#isInUse = false;
    }
  }

  /** Throws DatabaseUnreachable, and SessionLost after `cut`. */
  async use(): Promise<Ledger> {
    if (this.#ledger !== null && !this.#ledger.session.lost) return this.#ledger;
    const early = await this.#early;
    this.#early = null;
    // Some servers end connections that are idle for long.
    const isUsable = early !== null && !early.session.lost;
    return this.#ledger = isUsable ? early : await this.#open();
  }

  /** Drops the connection at once; the next `use` opens another. */
  destroy(): void {
    this.#ledger?.session.destroy();
    this.#ledger = null;
  }

  /** Drops the connection at once, and opens no other. One that is lent and at rest stays open. */
  cut(): void {
    this.#cut.abort();
    if (!this.#isLent || this.#isInUse) this.destroy();
    this.#early?.then((early) => early?.session.destroy());
  }

  /** Closes the connection; the next `use` opens another. */
  async release(): Promise<void> {
    if (this.#isLent) return;
    const ledger = this.#ledger;
    this.#ledger = null;
    await ledger?.session.close();
  }

  /** A worker is done with it. It is closed with the last of them, unless it is lent. */
  async close(): Promise<void> {
    if (--this.#workers > 0) return;
    const unused = await this.#early;
    await unused?.session.close();
    if (!this.#isLent) await this.#ledger?.session.close();
  }

  get #isLent(): boolean {
    return this.#lent !== null && this.#ledger === this.#lent.ledger;
  }

  async #open(): Promise<Ledger> {
    const { signal } = this.#cut;
    if (signal.aborted) throw new SessionLost("the session was closed");
    const session = await Session.open(this.#config, {
      applicationName: this.#applicationName,
      signal,
    });
    return new Ledger(session, this.#schemaName);
  }
}
