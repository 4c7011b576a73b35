/** Which failed rows of a run are counted and grouped, but not kept: see unlogged.ts. */
import { readResolved } from "./chosen_rows.ts";
import type { Ledger } from "../ledger.ts";
import { readProgress } from "../runs/progress.ts";
import { rootOf } from "../runs/retries.ts";
import { RowSet } from "./row_set.ts";
import { unpackRuns } from "./row_runs.ts";
import type { Run } from "../runs/runs.ts";
import { countUnlogged } from "./unlogged.ts";

/**
 * Each batch has noted all its failed rows. Where the log had room for some of them, it says which:
 * in few batches, because what is full stays full.
 */
export async function readUnlogged(ledger: Ledger, run: Run): Promise<RowSet> {
  const { schema } = ledger;
  const rows = new RowSet();
  const { failed } = await readProgress(ledger, run.id);
  // Usually, there is nothing to read.
  if (await countUnlogged(ledger, run, failed) === 0) return rows;
  const noted = await ledger.query<{ rows: Uint8Array }>(
    `select e.rows from ${schema}.batch_errors e
     join ${schema}.batches b on b.run_id = e.run_id and b.number = e.batch
     where e.run_id = $1 and e.kind = 'row' and e.rows is not null and b.unlogged > 0`,
    [run.id],
  );
  for (const part of noted) {
    const runs = unpackRuns(part.rows);
    for (let i = 0; i < runs.length; i += 2) rows.addRun(runs[i], runs[i + 1]);
  }
  const logged = await ledger.query<{ row_number: number }>(
    `select r.row_number from ${schema}.batches b
     join ${schema}.logged_rows r on r.run_id = b.run_id and r.status = 'failed'
       and r.row_number between b.first_row and b.last_row
     where b.run_id = $1 and b.unlogged > 0 and b.unlogged < b.failed`,
    [run.id],
  );
  rows.removeAll(RowSet.of(logged.map(({ row_number }) => row_number)));
  // Those that were fixed have been in the log, even if they were pruned since.
  rows.removeAll(await readResolved(ledger, rootOf(run)));
  return rows;
}
