/**
 * The main promise: batches of any size, processed by several workers in any order, give the same
 * table and outcomes as applying the file's rows one by one. A dry run before it predicts them and
 * leaves the table as it was.
 *
 * `REFERENCE_RUNS=5000 REFERENCE_SEED=1` runs more cases, or others.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { anyCase, type Case, type FileRow } from "./reference_case.ts";
import { referencePlace } from "./reference_place.ts";
import {
  type FileFormat,
  fileText,
  importCase,
  type Imported,
  isPacked,
  type LoggedOutcome,
} from "./reference_run.ts";
import { ERROR_CELL, type Outcome, REPEATED_KEY, SHORT_LINE } from "./reference_faults.ts";
import { applyOneByOne, type Expected, type StoredRow } from "./reference_table.ts";
import { createTarget, readStored, readTaken, readTarget } from "./reference_target.ts";
import { assertMarked, assertRestorable, rememberTable } from "./undo_memory.ts";

const RUNS = Number(Deno.env.get("REFERENCE_RUNS") ?? 100);
const SEED = Number(Deno.env.get("REFERENCE_SEED") ?? 20240229);

Deno.test("an import in batches of any size and order gives the same as row by row", () =>
  compare("csv", RUNS));

Deno.test("and so does an import of a workbook", () => compare("xlsx", Math.ceil(RUNS / 4)));

Deno.test("and so does an import of NDJSON", () => compare("ndjson", Math.ceil(RUNS / 2)));

Deno.test("and so does an import of an array of JSON", () => compare("json", Math.ceil(RUNS / 4)));

Deno.test("and so does an import of rows that COPY has written", () =>
  compare("copy", Math.ceil(RUNS / 10)));

Deno.test("and so does an import of columns of fixed width", () =>
  compare("fixed", Math.ceil(RUNS / 10)));

Deno.test("and so does an import with hooks that move values to other columns", () =>
  compare("hooked", Math.ceil(RUNS / 20)));

for (const packing of ["gzip", "zstd", "zip"] as const) {
  Deno.test(`and so does an import of a file packed with ${packing}`, () =>
    compare(packing, Math.ceil(RUNS / 10)));
}

/**
 * In a workbook, a row with an error stands for one that has too few or too many fields; in JSON, one
 * that has a key twice; in columns of fixed width, one that is too short. COPY knows no quotes.
 */
function inFormat(each: Case, format: FileFormat): Case {
  if (format === "csv" || format === "hooked" || isPacked(format)) return each;
  if (format === "copy") {
    const plain = (row: FileRow) =>
      "ragged" in row ? { ragged: row.ragged.replaceAll('"', "") } : row;
    return { ...each, rows: each.rows.map(plain) };
  }
  const ragged = format === "xlsx" ? ERROR_CELL : format === "fixed" ? SHORT_LINE : REPEATED_KEY;
  // A file in which nothing can be read is refused.
  if (format !== "xlsx" && format !== "fixed" && each.rows.every((row) => "ragged" in row)) {
    return { ...each, rows: [] };
  }
  return { ...each, rows: each.rows.map((row) => "ragged" in row ? { ragged } : row) };
}

async function compare(format: FileFormat, runs: number): Promise<void> {
  await using place = await referencePlace();
  const { session, ledgers, folder, role } = place;
  const seen = { compared: 0, discarded: 0 };
  await fc.assert(
    fc.asyncProperty(anyCase, async (any) => {
      const each = inFormat(any, format);
      const expected = applyOneByOne(each);
      if (expected.usesFreedValue) {
        seen.discarded++;
        return;
      }
      seen.compared++;
      const before = applyOneByOne({ ...each, rows: [] }).table;
      await createTarget(session, each.shape, before);
      const untouched = await readStored(session);
      const predicted = await importCase(each, ledgers, folder, role, true, format);
      deepStrictEqual(await readStored(session), untouched, "a dry run leaves no trace");
      deepStrictEqual(await readTaken(session), [], "a dry run leaves no trace");
      await rememberTable(session);
      const imported = await importCase(each, ledgers, folder, role, false, format);
      await assertMarked(session, [imported.run]);
      if (each.undo === "updates" && tellsRowsApart(each)) {
        await assertRestorable(session, [imported.run]);
      }
      deepStrictEqual(
        sorted(await readTaken(session)),
        sorted(expected.taken),
        "what a trigger has put elsewhere",
      );
      assertSame(each, imported, await readTarget(session), expected);
      assertPredicted(predicted, imported);
    }),
    { numRuns: runs, seed: SEED, reporter: report },
  );
  ok(seen.compared > runs / 2, `only ${seen.compared} of ${runs} files could be compared`);
}

/** A row can be found again by its key. */
function tellsRowsApart({ shape, rules }: Case): boolean {
  return shape.keyIndex === "primary" ||
    shape.keyIndex === "unique" && rules.hasKey && shape.emailIndex !== "nulls_not_distinct";
}

function assertSame(
  each: Case,
  { run, outcomes, progress }: Imported,
  table: readonly StoredRow[],
  expected: Expected,
): void {
  deepStrictEqual(sorted(table), sorted(expected.table), "the table");
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
    },
    "the counts",
  );
  strictEqual(run.total_rows, each.rows.length);
}

/** Every row has the same outcome, and the same error messages. */
function assertPredicted(predicted: Imported, imported: Imported): void {
  deepStrictEqual(predicted.outcomes, imported.outcomes, "what the dry run predicts");
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
    [row.k, row.email, row.amount, row.ref, row.parent, row.stamp, row.changed_at, row.doubled]
      .map((value) => value ?? "NULL").join(" | ")
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
      Object.values(errors.validation).flat(),
      expected.all.map(({ message }) => message),
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

function report(details: fc.RunDetails<[Case]>): void {
  if (!details.failed) return;
  const [each] = details.counterexample ?? [];
  if (each === undefined) throw new Error(`No counterexample: ${details.errorInstance}`);
  const { shape, rules, existing, rows, ...schedule } = each;
  throw new Error(
    [
      `seed ${details.seed}, path ${details.counterexamplePath}, after ${details.numRuns} runs`,
      `the table:  ${JSON.stringify(shape)}`,
      `the rules:  ${JSON.stringify(rules)}`,
      `schedule:   ${JSON.stringify(schedule)}`,
      `in the table before: ${existing.map((row) => Object.values(row).join(",")).join(" / ")}`,
      fileText(rows),
      String(details.errorInstance instanceof Error ? details.errorInstance.stack : ""),
    ].join("\n"),
    { cause: details.errorInstance },
  );
}
