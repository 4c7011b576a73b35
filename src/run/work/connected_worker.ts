/** What the two kinds of worker have in common: how they are started, woken and stopped. */
import type { Ledger } from "../../ledger/ledger.ts";
import { retryOf } from "../../ledger/runs/retries.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { fetchStored } from "../../source/file/stored_at.ts";
import { Bell } from "../bell.ts";
import { prepareRun } from "../prepare.ts";
import { type RunProgram } from "../program.ts";
import type { Trouble } from "./shortage.ts";
import type { WorkerConnection } from "./worker_connection.ts";
import type { Assignment } from "./worker_messages.ts";

export type ConnectionNews =
  | { readonly type: "database"; readonly trouble: Trouble | null }
  | { readonly type: "shared" };

export abstract class ConnectedWorker {
  readonly #schemaName: string;
  protected readonly connection: WorkerConnection;
  protected readonly bell = new Bell();
  protected assignment: Assignment = { onlyRun: null, table: null };
  protected stopping = false;
  /** Gets what the worker tells the pool about its connection. */
  onConnection: (news: ConnectionNews) => void = () => {};
  #sharing = false;
  #usable = false;

  constructor(connection: WorkerConnection, schemaName: string) {
    this.#schemaName = schemaName;
    this.connection = connection;
    connection.join();
  }

  /** Works until told to stop. Throws errors that the worker can't recover from. */
  async run(assignment: Assignment): Promise<void> {
    this.assignment = assignment;
    try {
      while (!this.stopping) {
        const pause = await this.connection.turn(async () => {
          this.bell.silence();
          return this.stopping ? 0 : await this.turn();
        });
        if (pause > 0) await this.bell.wait(pause);
      }
    } finally {
      await this.close();
    }
  }

  /** Other workers get no connection. */
  share(): void {
    this.#sharing = true;
  }

  /** The worker could use the database (`trouble` null), or not. */
  protected report(trouble: Trouble | null): void {
    if (trouble === null && this.#usable) return;
    this.#usable = trouble === null;
    this.onConnection({ type: "database", trouble });
  }

  /** There is nothing to do. Somebody else may need the connection more. */
  protected async restConnection(): Promise<void> {
    if (!this.#sharing) return;
    this.#sharing = false;
    this.#usable = false;
    await this.connection.release();
    this.onConnection({ type: "shared" });
  }

  wake(): void {
    this.bell.ring();
  }

  /** Finishes the current turn and starts no other; then `run` returns. */
  stop(): void {
    this.stopping = true;
    this.bell.ring();
  }

  /**
   * Looks for work and does it. Resolves with how long to wait before the next turn unless the bell
   * rings, in milliseconds; 0: there may be more to do.
   */
  protected abstract turn(): Promise<number>;

  protected async close(): Promise<void> {
    await this.connection.close();
  }

  /** `patience`: milliseconds to wait if the table is locked; 0: no limit. Throws TableLocked. */
  protected async prepare(ledger: Ledger, run: Run, patience?: number): Promise<RunProgram> {
    const { onlyRun, table } = this.assignment;
    // Use the table only once: later, when it may have changed, it is read again.
    this.assignment = { onlyRun, table: null };
    // A retry reads the log.
    if (retryOf(run) === null) await fetchStored(run.source.path);
    return await prepareRun(ledger.session, run, this.#schemaName, table, patience);
  }
}
