/**
 * The main promise: batches of any size, processed by several workers in any order, give the same
 * tables and outcomes as applying the file's rows one by one, whatever a definition combines, and
 * whenever workers lose their connections. A dry run before it predicts them and leaves the tables as
 * they were.
 *
 * `REFERENCE_RUNS=5000 REFERENCE_SEED=1` runs more cases, or others.
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import type { Case } from "./reference_case.ts";
import { anyCombined, anyRepeating } from "./reference_combined.ts";
import { type FileFormat, fileText, inFormat } from "./reference_file.ts";
import { applyOneByOne } from "./reference_model.ts";
import { referencePlace } from "./reference_place.ts";
import { importCase } from "./reference_run.ts";
import {
  assertFailed,
  assertOutcomes,
  assertPredicted,
  assertTables,
  assertWholeBatches,
  keptRows,
} from "./reference_same.ts";
import { createTarget, readBeside, readStored, readTaken, readTarget } from "./reference_target.ts";
import { assertMarked, assertRestorable, rememberTable } from "./undo_memory.ts";

const RUNS = Number(Deno.env.get("REFERENCE_RUNS") ?? 60);
const SEED = Number(Deno.env.get("REFERENCE_SEED") ?? 20240229);

Deno.test("an import in batches of any size and order gives the same as row by row", () =>
  compare("csv", RUNS));

Deno.test("and so does an import of a workbook", () => compare("xlsx", Math.ceil(RUNS / 10)));

Deno.test("and so does an import of NDJSON", () => compare("ndjson", Math.ceil(RUNS / 2)));

Deno.test("and so does an import of an array of JSON", () => compare("json", Math.ceil(RUNS / 10)));

Deno.test("and so does an import of rows that COPY has written", () =>
  compare("copy", Math.ceil(RUNS / 20)));

Deno.test("and so does an import of columns of fixed width", () =>
  compare("fixed", Math.ceil(RUNS / 20)));

Deno.test("and so does an import with hooks that move values to other columns", () =>
  compare("hooked", Math.ceil(RUNS / 20)));

for (const packing of ["gzip", "zstd", "zip"] as const) {
  Deno.test(`and so does an import of a file packed with ${packing}`, () =>
    compare(packing, Math.ceil(RUNS / 20)));
}

Deno.test("and so does an import in which many rows have the same keys", () =>
  compare("csv", Math.ceil(RUNS / 3), anyRepeating));

async function compare(
  format: FileFormat,
  runs: number,
  cases: fc.Arbitrary<Case> = anyCombined,
): Promise<void> {
  await using place = await referencePlace();
  const { session } = place;
  const seen = {
    compared: 0,
    discarded: 0,
    refused: 0,
    atomic: 0,
    related: 0,
    absent: 0,
    killed: 0,
  };
  await fc.assert(
    fc.asyncProperty(cases, async (any) => {
      const each = inFormat(any, format);
      const known = applyOneByOne(each);
      if (known.usesFreedValue) {
        seen.discarded++;
        return;
      }
      seen.compared++;
      const before = applyOneByOne({ ...each, rows: [], absent: null });
      await createTarget(session, each, before.table);
      const untouched = await readStored(session);
      const assertUntouched = async (message: string) => {
        deepStrictEqual(await readStored(session), untouched, message);
        deepStrictEqual(await readTaken(session), [], message);
        deepStrictEqual(await readBeside(session, each), before.beside, message);
      };
      const predicted = await importCase(place, each, true, format);
      await assertUntouched("a dry run leaves no trace");
      await rememberTable(session);
      const imported = await importCase(place, each, false, format);
      assertPredicted(predicted, imported, each.kills.length > 0);
      if (known.failure !== null) {
        seen.refused++;
        await assertUntouched("the tables are as they were");
        assertFailed(imported, known);
        return;
      }
      const expected = each.transaction === "atomic" ? keptRows(each, imported, known) : known;
      if (each.others.labels === null && each.others.items === null && each.absent === null) {
        await assertMarked(session, [imported.run]);
        if (each.undo === "updates" && tellsRowsApart(each)) {
          await assertRestorable(session, [imported.run]);
        }
      } else if (each.absent === null) seen.related++;
      else seen.absent++;
      if (each.kills.length > 0) seen.killed++;
      if (each.transaction === "atomic") {
        seen.atomic++;
        await assertWholeBatches(session, imported);
        // Without the rows of other batches, a value may have been freed.
        if (expected.usesFreedValue) return;
      } else assertOutcomes(each, imported, expected);
      assertTables(
        { table: await readTarget(session), taken: await readTaken(session) },
        await readBeside(session, each),
        expected,
        known,
      );
    }),
    { numRuns: runs, seed: SEED, reporter: report },
  );
  ok(seen.compared > runs / 2, `only ${seen.compared} of ${runs} files could be compared`);
  if (runs < 60) return;
  // Neither has the generator lost what makes this interesting.
  for (const [what, times] of Object.entries(seen)) ok(times > 0, `${what}: ${times}`);
}

/** A row can be found again by its key. */
function tellsRowsApart({ shape, rules }: Case): boolean {
  return shape.keyIndex === "primary" ||
    shape.keyIndex === "unique" && rules.hasKey && shape.emailIndex !== "nulls_not_distinct";
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
      `the rest:   ${JSON.stringify(schedule)}`,
      `in the table before: ${existing.map((row) => Object.values(row).join(",")).join(" / ")}`,
      fileText(rows),
      String(details.errorInstance instanceof Error ? details.errorInstance.stack : ""),
    ].join("\n"),
    { cause: details.errorInstance },
  );
}
