/** What came of the rows of each file, where a run reads several. */
import type { Batch } from "../../ledger/batches/batches.ts";
import type { FileCounts } from "../../ledger/runs/file_counts.ts";
import { CREATED, SKIPPED, TAKEN, UPDATED } from "../../load/encoded_rows.ts";
import type { RunProgram } from "../program.ts";
import { countOutcomes } from "./count_outcomes.ts";
import type { Outcome } from "./tally.ts";

/** Null if the run reads one file. Failed rows are counted elsewhere: their errors say which they are. */
export function countByFile(
  { names }: Pick<RunProgram, "names">,
  batch: Pick<Batch, "first_row" | "last_row">,
  outcomes: readonly Pick<Outcome, "encoded" | "loaded">[],
): readonly FileCounts[] | null {
  if (!names.areSeveral) return null;
  const sums = new Map<number, FileCounts>();
  for (const { encoded: { good, goodRecords, places, count }, loaded } of outcomes) {
    // Without gaps, the places of the records needn't be computed.
    const isWhole = count === batch.last_row - batch.first_row + 1;
    const rowOf = isWhole
      ? (row: number) => batch.first_row + goodRecords[row]
      : (row: number) => places.rowNumbers[goodRecords[row]];
    for (let from = 0; from < good.count;) {
      const { number, before, end } = names.fileOf(rowOf(from));
      let to = from + 1;
      while (to < good.count && rowOf(to) > before && rowOf(to) <= end) to++;
      const rows = countOutcomes(loaded.outcomes.subarray(from, to));
      const { created, updated, skipped } = sums.get(number) ??
        { created: 0, updated: 0, skipped: 0 };
      sums.set(number, {
        number,
        created: created + rows[CREATED],
        updated: updated + rows[UPDATED],
        skipped: skipped + rows[SKIPPED] + rows[TAKEN],
      });
      from = to;
    }
  }
  return [...sums.values()];
}
