/**
 * Watches over a transaction that may take long. If its run is cancelled, or fails, it cancels the
 * statement that is being executed: between two batches the transaction looks by itself.
 */
import { Session } from "../../db/session.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { cancelStatements, hasStopped } from "../../ledger/whole_runs.ts";

/** Milliseconds between two looks. Most transactions end before the first one, and need no connection. */
const INTERVAL = 1_000;

export class Overseer {
  readonly #ledger: Ledger;
  readonly #run: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #session: Session | null = null;
  #looking: Promise<void> | null = null;
  #hasStopped = false;

  constructor(ledger: Ledger, run: number) {
    this.#ledger = ledger;
    this.#run = run;
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => this.#looking = null);
    }, INTERVAL);
  }

  /** Statements were cancelled because the run has stopped. */
  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#session?.close();
  }

  async #look(): Promise<void> {
    const { session: { config }, schemaName } = this.#ledger;
    try {
      if (this.#session === null || this.#session.lost) {
        this.#session = await Session.open(config, { applicationName: "ingest overseer" });
      }
      const ledger = new Ledger(this.#session, schemaName);
      this.#hasStopped ||= await hasStopped(ledger, this.#run);
      if (this.#hasStopped) await cancelStatements(ledger, this.#run);
    } catch {
      // Without a connection, a cancel waits until the statement is done.
    }
  }
}
