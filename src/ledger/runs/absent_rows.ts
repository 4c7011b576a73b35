/** `runs.absent` and `deleted_rows`: what became of rows that a run's file doesn't have. */
import type { AbsentNotes } from "../../load/absent/remove_absent.ts";
import type { UndoNotes } from "../../load/undo_notes.ts";
import type { Ledger } from "../ledger.ts";
import { earlierNumberOf } from "../undo/undo_marks.ts";

export interface AbsentCounts {
  /** How many rows could have been absent. */
  readonly in_scope: number;
  readonly absent: number;
  /** One of them, by what the definition says. */
  readonly deleted?: number;
  readonly marked?: number;
}

/** In the transaction that ends the run. Null: nothing was done about them. */
export async function recordAbsent(
  ledger: Ledger,
  runId: number,
  counts: AbsentCounts | null,
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.runs set absent = $2::text::jsonb where id = $1`,
    [runId, counts && JSON.stringify(counts)],
  );
}

/** The keys of some of the rows, for whoever wants to know which they are. */
export async function recordSamples(
  ledger: Ledger,
  runId: number,
  samples: readonly (readonly string[])[],
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.runs set absent_rows = $2::text::jsonb where id = $1`,
    [runId, JSON.stringify(samples)],
  );
}

/** Keeps for an undo what is deleted or marked. */
export function absentNotes(
  { schema }: Ledger,
  runId: number,
  relation: number,
  updates: UndoNotes | null,
): AbsentNotes {
  return {
    keepDeleted: (gone) =>
      `kept as (
        insert into ${schema}.deleted_rows (run_id, relation, row, before_xid)
        select ${runId}, ${relation}, row, ${earlierNumberOf("old_xmin")} from ${gone}
      )`,
    updates,
  };
}
