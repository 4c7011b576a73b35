/** A worker's own connection: begun ahead of its first use, and made anew when it is lost. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { Session } from "../../db/session.ts";
import { Ledger } from "../../ledger/ledger.ts";

export class WorkerConnection {
  readonly #config: DatabaseConfig;
  readonly #schemaName: string;
  readonly #applicationName: string;
  /** Null if that failed. */
  #early: Promise<Ledger | null> | null = null;
  #ledger: Ledger | null = null;

  constructor(config: DatabaseConfig, schemaName: string, applicationName: string) {
    this.#config = config;
    this.#schemaName = schemaName;
    this.#applicationName = applicationName;
  }

  /** Why it fails, if it does, is said by the first `use`, which tries again. */
  begin(): void {
    this.#early = this.#open().catch(() => null);
  }

  /** Throws DatabaseUnreachable. */
  async use(): Promise<Ledger> {
    if (this.#ledger !== null && !this.#ledger.session.lost) return this.#ledger;
    const early = await this.#early;
    this.#early = null;
    return this.#ledger = early ?? await this.#open();
  }

  /** At once: the next `use` makes another. */
  destroy(): void {
    this.#ledger?.session.destroy();
    this.#ledger = null;
  }

  async close(): Promise<void> {
    const unused = await this.#early;
    await unused?.session.close();
    await this.#ledger?.session.close();
  }

  async #open(): Promise<Ledger> {
    const session = await Session.open(this.#config, { applicationName: this.#applicationName });
    return new Ledger(session, this.#schemaName);
  }
}
