/**
 * A run that is loaded as a whole gives the same as applying the file's rows one by one, if none of them
 * fails. If one does, the table is as it was, and the same rows have failed for the same reasons.
 *
 * `REFERENCE_RUNS=5000 REFERENCE_SEED=1` runs more cases, or others.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { anyCase, type Case } from "../reference_case.ts";
import { referencePlace } from "../reference_place.ts";
import { importCase, type Imported } from "../reference_run.ts";
import { applyOneByOne, type Expected, type StoredRow } from "../reference_table.ts";
import { createTarget, readStored, readTaken, readTarget } from "../reference_target.ts";

const RUNS = Math.ceil(Number(Deno.env.get("REFERENCE_RUNS") ?? 100) / 2);
const SEED = Number(Deno.env.get("REFERENCE_SEED") ?? 20240229);

Deno.test("a run as a whole gives the same as row by row, or leaves the table alone", async () => {
  await using place = await referencePlace();
  const { session, ledgers, folder, role } = place;
  const seen = { loaded: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(anyCase, async (any) => {
      for (const each of [{ ...any, whole: true as const }, withoutFailures(any)]) {
        const expected = applyOneByOne(each);
        if (expected.usesFreedValue) continue;
        const before = applyOneByOne({ ...each, rows: [] }).table;
        await createTarget(session, each.shape, before);
        const untouched = await readStored(session);
        const predicted = await importCase(each, ledgers, folder, role, true);
        deepStrictEqual(await readStored(session), untouched, "a dry run leaves no trace");
        const imported = await importCase(each, ledgers, folder, role, false);
        const failed = failedRows(expected);
        if (failed.length > 0) {
          seen.refused++;
          deepStrictEqual(await readStored(session), untouched, "the table is as it was");
          deepStrictEqual(await readTaken(session), [], "triggers have left nothing either");
        } else {
          seen.loaded++;
          deepStrictEqual(sorted(await readTarget(session)), sorted(expected.table));
          deepStrictEqual(sorted(await readTaken(session)), sorted(expected.taken));
        }
        assertOutcomes(expected, imported, failed);
        deepStrictEqual(predicted.outcomes, imported.outcomes, "what the dry run predicts");
        deepStrictEqual(
          { ...predicted.progress, ...VARIES },
          { ...imported.progress, ...VARIES },
          "the dry run's counts",
        );
      }
    }),
    { numRuns: RUNS, seed: SEED },
  );
  ok(seen.loaded > RUNS / 3 && seen.refused > RUNS / 3, JSON.stringify(seen));
});

const VARIES = { run_id: null, rows_per_second: null, batches: null };

/** The same case without the rows that would fail. */
function withoutFailures(each: Case): Case {
  for (let rows = each.rows;;) {
    const now = { ...each, rows, whole: true as const };
    const failed = failedRows(applyOneByOne(now));
    if (failed.length === 0) return now;
    rows = rows.filter((_, index) => !failed.includes(index + 1));
  }
}

function failedRows({ outcomes }: Expected): readonly number[] {
  return outcomes.flatMap(({ status }, index) => status === "failed" ? [index + 1] : []);
}

function assertOutcomes(
  { outcomes }: Expected,
  imported: Imported,
  failed: readonly number[],
): void {
  const { created, updated, skipped, ...rest } = imported.progress;
  const logged = imported.outcomes.map(({ row_number, status }) => [row_number, status]);
  if (failed.length > 0) {
    deepStrictEqual(logged, failed.map((row) => [row, "failed"]));
    deepStrictEqual({ created, updated, skipped }, { created: 0, updated: 0, skipped: 0 });
    strictEqual(rest.failed, failed.length);
    strictEqual(imported.run.error?.code, "rows_failed");
    return;
  }
  const count = (status: string) => outcomes.filter((each) => each.status === status).length;
  deepStrictEqual(logged, outcomes.map(({ status }, index) => [index + 1, status]));
  deepStrictEqual({ created, updated, skipped }, {
    created: count("created"),
    updated: count("updated"),
    skipped: count("skipped"),
  });
  strictEqual(rest.status, "completed");
}

function sorted(rows: readonly Partial<StoredRow>[]): readonly string[] {
  return rows.map((row) =>
    [row.k, row.email, row.amount, row.ref, row.parent, row.stamp, row.changed_at, row.doubled]
      .map((value) => value ?? "NULL").join(" | ")
  ).sort();
}
