/** `batches`: begins a batch's transaction, if the batch may and can be loaded now. */
import { PostgresError } from "../db/connection_errors.ts";
import type { UserSettings } from "../db/session_settings.ts";
import { isLockTimeout, TABLE_PATIENCE, TableLocked } from "../db/table_locked.ts";
import type { Batch } from "./batches.ts";
import { type Ledger, LET_GO_OF_THE_DEAD } from "./ledger.ts";
import type { RunStatus } from "./statuses.ts";
import { fingerprint } from "./table_fingerprint.ts";

/** The table that a batch's rows were made for. */
export interface Target {
  /** Its name in SQL, with the schema. */
  readonly name: string;
  /** What it was like: see `table_fingerprint.ts`. */
  readonly fingerprint: string | null;
  /** SQL that keeps it as it is until the end of the transaction. */
  readonly hold: string;
}

export type Hold =
  | { readonly held: true }
  | { readonly held: false; readonly because: "taken" | "run_stopped" | "table_changed" };

/**
 * Begins the batch's transaction and takes three locks: the batch's own, which shows that the holder
 * is alive; the run's, shared, so that nobody can settle the run meanwhile; and the table's. Then it
 * checks that the claim still stands and that the table is the one that the rows were made for, in a
 * separate statement, which sees what was committed during the wait. If not, or on an error, the
 * transaction is rolled back. Throws TableLocked. `target` null: another session holds the table.
 * `settings`: the run's.
 */
export async function beginBatch(
  ledger: Ledger,
  batch: Batch,
  target: Target | null,
  settings: UserSettings | null = null,
  patience = TABLE_PATIENCE,
): Promise<Hold> {
  let hold: Hold;
  try {
    hold = await lockAndCheck(ledger, batch, target, settings, patience);
  } catch (error) {
    if (!ledger.session.lost) await ledger.query("rollback");
    if (target === null || !isGone(error, target)) throw error;
    return { held: false, because: "table_changed" };
  }
  if (!hold.held) await ledger.query("rollback");
  return hold;
}

/** SQL: keeps the table as it is. Its error means what `isGone` says. */
export function holdTarget({ hold }: Target, patience = TABLE_PATIENCE): string {
  return `set local lock_timeout = ${patience}; ${hold}; set local lock_timeout to default;`;
}

/**
 * Does the error of `holdTarget` say that there is no such table or column any more? Throws
 * TableLocked if it says that somebody else has the table.
 */
export function isGone(error: unknown, target: Target): boolean {
  if (isLockTimeout(error)) throw new TableLocked(target.name, { cause: error });
  return error instanceof PostgresError && GONE.has(error.code);
}

/** Undefined table, schema, column. */
const GONE: ReadonlySet<string> = new Set(["42P01", "3F000", "42703"]);

async function lockAndCheck(
  ledger: Ledger,
  batch: Batch,
  target: Target | null,
  settings: UserSettings | null,
  patience: number,
): Promise<Hold> {
  const now = target === null ? "null" : fingerprint(ledger, target.name);
  // Each statement has its own snapshot, even if all are sent in one message.
  const [row] = await ledger.session.begin<
    { mine: boolean; status: RunStatus; failing: boolean; fingerprint: string | null }
  >(
    settings,
    `set local synchronous_commit = off;
     set local client_min_messages = warning;
     ${LET_GO_OF_THE_DEAD}
     select pg_advisory_xact_lock(${ledger.lockKey("batch", String(batch.id))});
     select pg_advisory_xact_lock_shared(${ledger.lockKey("run", String(batch.run_id))});
     ${target === null ? "" : holdTarget(target, patience)}
     select b.status = 'processing' and b.attempts = ${batch.attempts} as mine,
       r.status, r.error is not null as failing, ${now} as fingerprint
     from ${ledger.schema}.batches b join ${ledger.schema}.runs r on r.id = b.run_id
     where b.id = ${batch.id}`,
  );
  if (!row?.mine) return { held: false, because: "taken" };
  if (row.status !== "processing" || row.failing) return { held: false, because: "run_stopped" };
  if (target !== null && row.fingerprint !== target.fingerprint) {
    return { held: false, because: "table_changed" };
  }
  return { held: true };
}
