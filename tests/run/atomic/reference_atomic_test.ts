/**
 * A run whose batches are atomic gives the same as applying, row by row, the rows of those batches in
 * which none fails. Of each other batch, all rows have failed, and at least one by itself.
 *
 * `REFERENCE_RUNS=5000 REFERENCE_SEED=1` runs more cases, or others.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Session } from "../../../src/db/session.ts";
import { anyCase } from "../reference_case.ts";
import { referencePlace } from "../reference_place.ts";
import { importCase, type Imported, type LoggedOutcome } from "../reference_run.ts";
import { applyOneByOne, type StoredRow } from "../reference_table.ts";
import { createTarget, readStored, readTaken, readTarget } from "../reference_target.ts";
import { assertMarked, rememberTable } from "../undo_memory.ts";

const RUNS = Math.ceil(Number(Deno.env.get("REFERENCE_RUNS") ?? 100) / 3);
const SEED = Number(Deno.env.get("REFERENCE_SEED") ?? 20240229);

Deno.test("a batch that is atomic gives the same as row by row, or leaves the table alone", async () => {
  await using place = await referencePlace();
  const { session, ledgers, folder, role } = place;
  const seen = { loaded: 0, rolledBack: 0 };
  await fc.assert(
    fc.asyncProperty(anyCase, async (any) => {
      const each = { ...any, atomic: true as const };
      if (applyOneByOne(each).usesFreedValue) return;
      const before = applyOneByOne({ ...each, rows: [] }).table;
      await createTarget(session, each.shape, before);
      const untouched = await readStored(session);
      const predicted = await importCase(each, ledgers, folder, role, true);
      deepStrictEqual(await readStored(session), untouched, "a dry run leaves no trace");
      await rememberTable(session);
      const imported = await importCase(each, ledgers, folder, role, false);
      await assertMarked(session, [imported.run]);
      const kept = imported.outcomes.filter(({ status }) => status !== "failed");
      const rows = kept.map(({ row_number }) => each.rows[row_number - 1]);
      const expected = applyOneByOne({ ...each, rows });
      if (!expected.usesFreedValue) {
        deepStrictEqual(
          kept.map(({ status }) => status),
          expected.outcomes.map(({ status }) => status),
          "the rows of good batches",
        );
        deepStrictEqual(sorted(await readTarget(session)), sorted(expected.table));
        deepStrictEqual(sorted(await readTaken(session)), sorted(expected.taken));
      }
      seen.loaded += kept.length;
      seen.rolledBack += await assertWholeBatches(session, imported);
      deepStrictEqual(predicted.outcomes, imported.outcomes, "what the dry run predicts");
      deepStrictEqual(
        { ...predicted.progress, ...VARIES },
        { ...imported.progress, ...VARIES },
        "the dry run's counts",
      );
    }),
    { numRuns: RUNS, seed: SEED },
  );
  ok(seen.loaded > RUNS && seen.rolledBack > RUNS / 3, JSON.stringify(seen));
});

const VARIES = { run_id: null, rows_per_second: null, batches: null };

/** How many batches were rolled back. */
async function assertWholeBatches(session: Session, { run, outcomes }: Imported): Promise<number> {
  const batches = await session.query<{ row_count: number; failed: number }>(
    "select row_count, failed from ingest.batches where run_id = $1 and failed > 0",
    [run.id],
  );
  for (const { row_count, failed } of batches) strictEqual(failed, row_count);
  const failed = outcomes.filter(({ status }) => status === "failed");
  const byItself = failed.filter((outcome) => codeOf(outcome) !== "batch_rolled_back");
  ok(byItself.length >= batches.length, "a row has failed by itself in each");
  return batches.length;
}

function codeOf({ errors }: LoggedOutcome): string | undefined {
  return errors?.details[0].code;
}

function sorted(rows: readonly Partial<StoredRow>[]): readonly string[] {
  return rows.map((row) =>
    [row.k, row.email, row.amount, row.ref, row.parent, row.stamp, row.changed_at, row.doubled]
      .map((value) => value ?? "NULL").join(" | ")
  ).sort();
}
