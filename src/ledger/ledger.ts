/**
 * Access to ingest's own tables. Each query is a named function in the file of its table; only
 * this folder speaks to the schema.
 */
import { identifier } from "../db/quoting.ts";
import type { Session } from "../db/session.ts";

export class Ledger {
  /** The schema's name, quoted: `${ledger.schema}.runs`. */
  readonly schema: string;

  constructor(readonly session: Session, readonly schemaName: string) {
    this.schema = identifier(schemaName);
  }

  query<Row extends object>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.session.query<Row>(text, parameters);
  }

  execute(text: string, parameters: readonly unknown[] = []): Promise<number> {
    return this.session.execute(text, parameters);
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.session.transaction(work);
  }

  /**
   * For the open transaction, where a table is read page by page along an index. A log that was
   * just written or just fixed has no statistics that say so, and then Postgres reads and sorts
   * all that is left of it for each page: a second each in a million rows.
   */
  async walkTheIndex(): Promise<void> {
    await this.query(
      "set local enable_seqscan = off; set local enable_bitmapscan = off; set local jit = off",
    );
  }

  /** The SQL for a lock's key; see `lock_key` in the first migration. */
  lockKey(kind: LockClass, id: string): string {
    return `${this.schema}.lock_key('${kind}', ${id})`;
  }
}

/**
 * `run`: shared by every transaction that writes for the run, exclusive to settle it.
 * `batch`: a batch in work. `plan`: the run's planner. The lock is the sign of life.
 * `rehearsal`: where a dry run loads what it never commits, one at a time for a run.
 */
export type LockClass = "run" | "batch" | "plan" | "rehearsal";

/**
 * For a transaction whose locks say that its process is alive: lets go of them soon after the
 * process froze or the cable was cut, whatever the server's defaults.
 */
export const LET_GO_OF_THE_DEAD = `
  set local idle_in_transaction_session_timeout = '30s';
  set local tcp_keepalives_idle = 10;
  set local tcp_keepalives_interval = 5;
  set local tcp_keepalives_count = 3;`;
