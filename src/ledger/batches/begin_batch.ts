/** `batches`: begins a batch's transaction, if the batch may and can be loaded now. */
import { PostgresError } from "../../db/connection_errors.ts";
import type { UserSettings } from "../../db/session_settings.ts";
import type { Batch } from "./batches.ts";
import { type Ledger, LET_GO_OF_THE_DEAD } from "../ledger.ts";
import { fingerprint } from "../table_fingerprint.ts";

/** The table that a batch's rows were made for, or all of them. */
export interface Target {
  /** Their names in SQL, with the schema. */
  readonly names: readonly string[];
  /** What they were like: see `table_fingerprint.ts`. */
  readonly fingerprint: string | null;
  /** SQL that keeps them as they are until the end of the transaction. */
  readonly hold: string;
}

export type Hold =
  | { readonly held: true }
  | { readonly held: false; readonly because: "taken" | "run_stopped" | "table_changed" };

/**
 * Begins the batch's transaction and takes three locks: the batch's own, which shows that the holder
 * is alive; the run's, shared, so that nobody can settle the run meanwhile; and the table's. After
 * the first two it checks that the claim still stands, and after the third that the table is the one
 * that the rows were made for, in separate statements, which see what was committed during the wait.
 * If not, or on an error, the transaction is rolled back. `target` null: another session holds the table.
 * `settings`: the run's.
 */
export async function beginBatch(
  ledger: Ledger,
  batch: Batch,
  target: Target | null,
  settings: UserSettings | null = null,
): Promise<Hold> {
  let hold: Hold;
  try {
    hold = await lockAndCheck(ledger, batch, target, settings);
  } catch (error) {
    if (!ledger.session.lost) await ledger.query("rollback");
    if (target === null || !isGone(error)) throw error;
    return { held: false, because: "table_changed" };
  }
  if (!hold.held) await ledger.query("rollback");
  return hold;
}

/**
 * Works in a transaction that holds the batch's lock, so that nobody takes it for abandoned. If somebody
 * has already, `work` is done in vain: the batch can't be begun any more.
 */
export function holdBatch<T>(
  ledger: Ledger,
  batch: Batch,
  settings: UserSettings | null,
  work: () => Promise<T>,
): Promise<T> {
  return ledger.session.transaction(
    work,
    settings,
    `${LET_GO_OF_THE_DEAD}
     ${lockBatch(ledger, batch)}`,
  );
}

/**
 * SQL: locks the batch if its claim stands. Whoever comes so late that another has claimed it doesn't
 * wait for that one: it would be held up like it, and nobody could tell why.
 */
function lockBatch(ledger: Ledger, { id, attempts }: Batch): string {
  return `select case when exists (
      select from ${ledger.schema}.batches
      where id = ${id} and status = 'processing' and attempts = ${attempts})
    then pg_advisory_xact_lock(${ledger.lockKey("batch", String(id))}) end`;
}

/** Does the error of `Target.hold` say that there is no such table or column any more? */
export function isGone(error: unknown): boolean {
  return error instanceof PostgresError && GONE.has(error.code);
}

/** Undefined table, schema, column. */
const GONE: ReadonlySet<string> = new Set(["42P01", "3F000", "42703"]);

async function lockAndCheck(
  ledger: Ledger,
  batch: Batch,
  target: Target | null,
  settings: UserSettings | null,
): Promise<Hold> {
  // Each statement has its own snapshot, even if all are sent in one message, and only the last one's
  // result comes back. A batch that waits for the table has begun: a cancel waits for it.
  const [{ claim, ...now }] = await ledger.session.begin<
    { claim: "held" | "taken" | "run_stopped"; fingerprint: string | null }
  >(
    settings,
    `set local synchronous_commit = off;
     set local client_min_messages = warning;
     ${LET_GO_OF_THE_DEAD}
     ${lockBatch(ledger, batch)};
     select pg_advisory_xact_lock_shared(${ledger.lockKey("run", String(batch.run_id))});
     select set_config('ingest.claim', coalesce((
       select case
         when b.status <> 'processing' or b.attempts <> ${batch.attempts} then 'taken'
         when r.status <> 'processing' or r.error is not null then 'run_stopped'
         else 'held' end
       from ${ledger.schema}.batches b join ${ledger.schema}.runs r on r.id = b.run_id
       where b.id = ${batch.id}), 'taken'), true);
     ${target === null ? "" : `${target.hold};`}
     select current_setting('ingest.claim') as claim,
       ${target === null ? "null" : fingerprint(ledger, target.names)} as fingerprint`,
  );
  if (claim !== "held") return { held: false, because: claim };
  if (target !== null && now.fingerprint !== target.fingerprint) {
    return { held: false, because: "table_changed" };
  }
  return { held: true };
}
