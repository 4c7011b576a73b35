/**
 * Keeps an eye on the runs from outside the workers: finds batches whose holders died, and ends
 * connections that are stuck in a COPY. Has a connection of its own, which it makes anew when lost.
 */
import type { DatabaseConfig } from "../config/database_config.ts";
import { DatabaseUnreachable, Session, SessionLost } from "../db/session.ts";
import { backoff } from "../db/sqlstate.ts";
import { Ledger } from "../ledger/ledger.ts";

/** How long a database may stay away before a command gives up, in milliseconds. */
const PATIENCE = 30_000;

export class Monitor {
  readonly #config: DatabaseConfig;
  readonly #schemaName: string;
  #ledger: Ledger | null = null;
  #lostSince: number | null = null;
  #failures = 0;

  constructor(config: DatabaseConfig, schemaName: string) {
    this.#config = config;
    this.#schemaName = schemaName;
  }

  /**
   * Runs a look at the database; null if the database is away at the moment. Throws
   * DatabaseUnreachable once it has been away for too long.
   */
  async look<T>(work: (ledger: Ledger) => Promise<T>): Promise<T | null> {
    try {
      const result = await work(await this.#connect());
      this.#lostSince = null;
      this.#failures = 0;
      return result;
    } catch (error) {
      if (!(error instanceof SessionLost || error instanceof DatabaseUnreachable)) throw error;
      this.#ledger?.session.destroy();
      this.#ledger = null;
      this.#lostSince ??= Date.now();
      this.#failures++;
      if (Date.now() - this.#lostSince > PATIENCE) {
        throw error instanceof DatabaseUnreachable
          ? error
          : new DatabaseUnreachable("The connection to the database was lost.", {
            temporary: true,
            cause: error,
          });
      }
      return null;
    }
  }

  /** How long to wait before the next look, in milliseconds, given the usual interval. */
  pause(interval: number): number {
    return this.#failures === 0 ? interval : backoff(this.#failures);
  }

  async close(): Promise<void> {
    await this.#ledger?.session.close();
  }

  async #connect(): Promise<Ledger> {
    if (this.#ledger !== null && !this.#ledger.session.lost) return this.#ledger;
    const session = await Session.open(this.#config, { applicationName: "ingest monitor" });
    return this.#ledger = new Ledger(session, this.#schemaName);
  }
}
