/** Compares what an import has come to with the model. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Session } from "../../src/db/session.ts";
import type { Beside } from "./reference_beside.ts";
import type { Case } from "./reference_case.ts";
import type { Outcome } from "./reference_faults.ts";
import { applyOneByOne, type Expected, failedRows } from "./reference_model.ts";
import type { Imported, LoggedOutcome } from "./reference_run.ts";
import type { StoredRow } from "./reference_table.ts";

/** `known`: with the rows of batches that were rolled back. */
export function assertTables(
  actual: Pick<Expected, "table"> & { readonly taken: readonly Partial<StoredRow>[] },
  beside: Beside,
  expected: Expected,
  known: Expected,
): void {
  deepStrictEqual(sorted(actual.table), sorted(expected.table), "the table");
  deepStrictEqual(sorted(actual.taken), sorted(expected.taken), "what a trigger has put elsewhere");
  deepStrictEqual(beside.links, expected.beside.links, "the links");
  deepStrictEqual(beside.items, expected.beside.items, "the children");
  for (const name of ["tags", "labels"] as const) {
    if (expected === known) deepStrictEqual(beside[name], expected.beside[name], name);
    else {
      // A row that waits for another has added them in its first batch.
      const more = beside[name].filter((each) => !expected.beside[name].includes(each));
      ok(expected.beside[name].every((each) => beside[name].includes(each)), name);
      ok(more.every((each) => known.beside[name].includes(each)), name);
    }
  }
}

/** Nothing was loaded, and it is known why. */
export function assertFailed({ run, outcomes, progress }: Imported, expected: Expected): void {
  strictEqual(run.status, "failed");
  strictEqual(run.error?.code, expected.failure, run.error?.message);
  const { created, updated, skipped, failed } = progress;
  const rows = failedRows(expected);
  deepStrictEqual(
    outcomes.map(({ row_number, status }) => [row_number, status]),
    rows.map((row) => [row, "failed"]),
  );
  deepStrictEqual([created, updated, skipped, failed], [0, 0, 0, rows.length]);
}

/** What becomes of the rows whose batches were not rolled back. */
export function keptRows(each: Case, { outcomes }: Imported, known: Expected): Expected {
  const kept = outcomes.filter(({ status }) => status !== "failed");
  const rows = kept.map(({ row_number }) => each.rows[row_number - 1]);
  const expected = rows.length === each.rows.length ? known : applyOneByOne({ ...each, rows });
  if (!expected.usesFreedValue) {
    deepStrictEqual(
      kept.map(({ status }) => status),
      expected.outcomes.map(({ status }) => status),
      "the rows of good batches",
    );
  }
  return expected;
}

/** Of each batch that is atomic, all rows have failed, or none; and then at least one by itself. */
export async function assertWholeBatches(
  session: Session,
  { run, outcomes }: Imported,
): Promise<void> {
  const batches = await session.query<{ row_count: number; failed: number }>(
    "select row_count, failed from ingest.batches where run_id = $1 and failed > 0",
    [run.id],
  );
  for (const { row_count, failed } of batches) strictEqual(failed, row_count);
  const byItself = outcomes.filter(({ status, errors }) =>
    status === "failed" && errors?.details[0].code !== "batch_rolled_back"
  );
  ok(byItself.length >= batches.length, "a row has failed by itself in each");
}

export function assertOutcomes(
  each: Case,
  { run, outcomes, progress }: Imported,
  expected: Expected,
): void {
  strictEqual(outcomes.length, each.rows.length, "every row has one outcome");
  for (const [index, outcome] of expected.outcomes.entries()) {
    strictEqual(outcomes[index].row_number, index + 1, "every row has one outcome");
    assertOutcome(each, outcomes[index], outcome);
  }
  const count = (status: string) => expected.outcomes.filter((o) => o.status === status).length;
  const failed = count("failed");
  deepStrictEqual(
    { ...progress, rows_per_second: null, batches: null, run_id: null },
    {
      run_id: null,
      status: failed > 0 ? "completed_with_errors" : "completed",
      total: each.rows.length,
      processed: each.rows.length,
      successful: each.rows.length - failed,
      failed,
      created: count("created"),
      updated: count("updated"),
      skipped: count("skipped"),
      deleted: 0,
      deferred: 0,
      open_batches: 0,
      batches: null,
      rows_per_second: null,
      uncommitted: null,
    },
    "the counts",
  );
  strictEqual(run.total_rows, each.rows.length);
  const { absent } = expected;
  const did = each.absent?.marks ? "marked" : "deleted";
  deepStrictEqual(
    run.absent ?? null,
    absent && { in_scope: absent.inScope, absent: absent.absent, [did]: absent.absent },
    "the rows that the file doesn't have",
  );
}

/** Every row has the same outcome, and the same error messages. `cutOff`: connections were lost. */
export function assertPredicted(predicted: Imported, imported: Imported, cutOff: boolean): void {
  deepStrictEqual(predicted.outcomes, imported.outcomes, "what the dry run predicts");
  const { seconds: _, added, ...summary } = imported.run.summary ?? {};
  const { seconds: __, added: mayAdd, ...expected } = predicted.run.summary ?? {};
  deepStrictEqual(expected, summary, "the dry run's summary");
  // A rehearsal that begins anew doesn't load failed and waiting rows again. So a dry run counts twice
  // what was first added for one of these.
  if (!cutOff) deepStrictEqual(mayAdd, added, "what the dry run would add to look-up tables");
  deepStrictEqual(predicted.run.absent, imported.run.absent, "the dry run's absent rows");
  const { status, total, created, updated, skipped, failed } = imported.progress;
  deepStrictEqual(
    { ...predicted.progress, ...VARIES },
    { ...imported.progress, ...VARIES, status, total, created, updated, skipped, failed },
    "the dry run's counts",
  );
}

const VARIES = { run_id: null, rows_per_second: null, batches: null };

function sorted(rows: readonly Partial<StoredRow>[]): readonly string[] {
  return rows.map((row) =>
    [
      row.k,
      row.email,
      row.amount,
      row.ref,
      row.parent,
      row.stamp,
      row.changed_at,
      row.doubled,
      row.city,
      row.tag,
      row.gone,
    ].map((value) => value ?? "NULL").join(" | ")
  ).sort();
}

function assertOutcome(each: Case, actual: LoggedOutcome, expected: Outcome): void {
  const row = `row ${actual.row_number}`;
  strictEqual(
    actual.status,
    expected.status,
    `${row}: ${JSON.stringify(actual.errors)}, expected ${JSON.stringify(expected)}`,
  );
  if (expected.status !== "failed") return;
  const { errors } = actual;
  ok(errors, `${row} has no errors`);
  if ("all" in expected) {
    strictEqual(errors.message, "The given data was invalid.", row);
    deepStrictEqual(
      errors.details.map(({ code }) => code),
      expected.all.map(({ code }) => code),
      row,
    );
    deepStrictEqual(
      Object.values(errors.validation).flat().sort(),
      expected.all.map(({ message }) => message).sort(),
      row,
    );
    return;
  }
  const [{ code, first_row }] = errors.details;
  const plainCode = code === "duplicate_in_file" ? "duplicate" : code;
  ok(
    expected.any.some((fault) => fault.code === plainCode && fault.message === errors.message),
    `${row}: ${code} ${errors.message}, expected one of ${JSON.stringify(expected.any)}`,
  );
  if (first_row !== undefined) {
    ok(first_row < actual.row_number, `${row} repeats row ${first_row}`);
    const [first, second] = [each.rows[first_row - 1], each.rows[actual.row_number - 1]];
    ok(!("ragged" in first) && !("ragged" in second));
    ok(
      first.email.trim().toLowerCase() === second.email.trim().toLowerCase() ||
        first.k.trim() === second.k.trim() || Number(first.k) === Number(second.k),
      `${row} has nothing in common with row ${first_row}`,
    );
  }
}
