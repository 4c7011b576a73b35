/**
 * Watches over a transaction that may take long, over another connection. It says how far it is, because
 * nobody sees anything of it before its end. If its run is cancelled, or fails, it cancels the statement
 * that is being executed: between two batches the transaction looks by itself.
 */
import { Session } from "../../db/session.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { type Claim, noteProgress } from "../../ledger/runs/uncommitted.ts";
import { cancelStatements } from "../../ledger/runs/whole_runs.ts";
import type { PassProgress } from "./pass_progress.ts";

/** Milliseconds between two looks. Most transactions end before the first one, and need no connection. */
const INTERVAL = 400;

export interface Overseen {
  readonly claim: Claim;
  /** The number of the transaction. */
  readonly xid: string;
  readonly progress: PassProgress;
}

export class Overseer {
  readonly #ledger: Ledger;
  readonly #overseen: Overseen;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #closing = new AbortController();
  #session: Session | null = null;
  #looking: Promise<void> | null = null;
  #hasStopped = false;

  /** `ledger`: over the session whose transaction it is. */
  constructor(ledger: Ledger, overseen: Overseen) {
    this.#ledger = ledger;
    this.#overseen = overseen;
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
    // The transaction's end doesn't wait for a connection.
    this.#closing.abort();
    await this.#looking;
    await this.#session?.close();
  }

  async #look(): Promise<void> {
    const { session: { config }, schemaName } = this.#ledger;
    const { claim, xid, progress } = this.#overseen;
    try {
      if (this.#session === null || this.#session.lost) {
        const { signal } = this.#closing;
        this.#session = await Session.open(config, { applicationName: "ingest overseer", signal });
      }
      const ledger = new Ledger(this.#session, schemaName);
      const { stopped } = await noteProgress(ledger, claim, xid, progress.report());
      this.#hasStopped ||= stopped;
      if (this.#hasStopped) await cancelStatements(ledger, claim.run);
    } catch {
      // Without a connection, a cancel waits until the statement is done, and nobody sees how far it is.
    }
  }
}
