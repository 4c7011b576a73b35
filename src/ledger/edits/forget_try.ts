import type { Ledger } from "../ledger.ts";

/**
 * For another try of a run that has loaded nothing: all batches are as they were planned, and what failed
 * is forgotten.
 */
export async function forgetTry(ledger: Ledger, runId: number): Promise<void> {
  const { schema } = ledger;
  for (
    const statement of [
      `update ${schema}.runs set absent = null, absent_rows = null
       where id = $1 and (absent is not null or absent_rows is not null)`,
      `delete from ${schema}.batches where run_id = $1 and phase > 1`,
      `delete from ${schema}.batch_errors where run_id = $1`,
      `delete from ${schema}.logged_rows where run_id = $1`,
      `delete from ${schema}.deferred where run_id = $1 and not planned`,
      `update ${schema}.deferred set phase = 2 where run_id = $1 and phase > 2`,
      `update ${schema}.batches b
       set status = case when planned.waiting > 0 and b.row_count + b.deferred = planned.waiting
           then 'completed'
           else 'pending' end,
         attempts = 0, lone_attempts = 0, failed = 0, unlogged = 0, error = null,
         row_count = b.row_count + b.deferred - planned.waiting, deferred = planned.waiting,
         completed_at = null, diff = null
       from ${schema}.batches o cross join lateral (
         select count(*) as waiting from ${schema}.deferred d
         where d.run_id = o.run_id and d.phase > 1
           and d.row_number between o.first_row and o.last_row) planned
       where b.run_id = $1 and o.id = b.id and b.status = 'rolled_back'`,
    ]
  ) await ledger.execute(statement, [runId]);
}
