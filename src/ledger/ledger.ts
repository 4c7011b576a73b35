/**
 * Access to ingest's own tables. Each query is a named function in the file of its table. Only this
 * folder accesses the schema.
 */
import { identifier } from "../db/quoting.ts";
import type { UserSettings } from "../db/session_settings.ts";
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

  /** `first`: SQL that is sent with its beginning; `work` gets the rows. `settings`: the user's. */
  transaction<T, Row extends object = never>(
    work: (rows: readonly Row[]) => Promise<T>,
    first = "",
    settings: UserSettings | null = null,
  ): Promise<T> {
    return this.session.transaction(work, settings, first);
  }

  /**
   * For a transaction that reads a table page by page along an index. A log that was just written
   * or fixed has no statistics about it yet. Then Postgres would read and sort all the remaining
   * rows for each page: a second a page in a million rows.
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
 * `batch`: a batch that is being loaded. `plan`: the run's planner. The lock shows that its holder
 * is alive. `rehearsal`: a dry run's load that it never commits, one at a time for each run.
 * `once`: whoever decides whether a file is loaded once more. `tried`: whoever marks rows of a
 * chain's root as tried, until the marks are committed. `absent`: whoever removes rows of a table that
 * a file doesn't have, one run at a time. `file`: whoever lets a run begin that loads all rows of a file or
 * none (whole_retries.ts). `clean`: whoever removes what is old.
 */
export type LockClass =
  | "run"
  | "batch"
  | "plan"
  | "rehearsal"
  | "once"
  | "tried"
  | "absent"
  | "file"
  | "clean";

/**
 * SQL: does the row `l` of pg_locks say that somebody holds the lock with this key? `key` may be
 * `any (…)`.
 */
export function isHeld(key: string): string {
  return `l.locktype = 'advisory' and l.objsubid = 1 and l.granted
    and l.database = (select oid from pg_database where datname = current_database())
    and ((l.classid::bigint << 32) | l.objid::bigint) = ${key}`;
}

/**
 * For a transaction whose locks show that its process is alive: Postgres releases them soon after
 * the process freezes or its connection is cut, whatever the server's defaults.
 */
export const LET_GO_OF_THE_DEAD = `
  set local idle_in_transaction_session_timeout = '30s';
  set local tcp_keepalives_idle = 10;
  set local tcp_keepalives_interval = 5;
  set local tcp_keepalives_count = 3;`;
