/** A worker's own connection: opened ahead of its first use, and opened again when lost. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { Session } from "../../db/session.ts";
import { Ledger } from "../../ledger/ledger.ts";

export class WorkerConnection {
  readonly #config: DatabaseConfig;
  readonly #schemaName: string;
  readonly #applicationName: string;
  /** The connection opened ahead; resolves to null if that failed. */
  #early: Promise<Ledger | null> | null = null;
  #ledger: Ledger | null = null;

  constructor(config: DatabaseConfig, schemaName: string, applicationName: string) {
    this.#config = config;
    this.#schemaName = schemaName;
    this.#applicationName = applicationName;
  }

  /** If this fails, the first `use` tries again and throws the reason. */
  begin(): void {
    this.#early = this.#open().catch(() => null);
  }

  /** Throws DatabaseUnreachable. */
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

  /** Closes the connection; the next `use` opens another. */
  async release(): Promise<void> {
    const ledger = this.#ledger;
    this.#ledger = null;
    await ledger?.session.close();
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
