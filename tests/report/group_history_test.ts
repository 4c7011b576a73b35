import assert from "node:assert/strict";
import { historyOf, historyText } from "../../src/report/group_history.ts";
import { errorSummary } from "../../src/report/error_summary.ts";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { workshop } from "../run/importing.ts";
import { retry } from "../run/retrying.ts";

Deno.test("a group is new, comes again, or was there all the time", () => {
  const runs = (...had: readonly boolean[]) =>
    had.map((has, i) => ({ id: 20 - i, groups: new Set(has ? ["g"] : []) }));
  const text = (...had: readonly boolean[]) => {
    const history = historyOf("g", runs(...had));
    return history && historyText(history);
  };
  assert.equal(text(), null);
  assert.equal(text(false, false), "new since run 20");
  assert.equal(text(true, false, true), "also in run 20");
  assert.equal(text(true, true, true, false), "also in the last 3 runs");
  assert.equal(text(false, false, true), "again, last in run 18");
});

Deno.test("only completed imports of the same importer count, and no retries, dry runs and later ones", async () => {
  await using shop = await workshop("create table a (n int)");
  const definition = "table: a\non_duplicate: fail\ncolumns: { n: { from: n, max: 5 } }\n";
  const load = async (file: string, dryRun = false) =>
    await shop.drive(await shop.create(definition, file, { dryRun }));
  await load("n\nx\n"); // 1
  await shop.session.execute("update ingest.runs set importer = 'other'");
  const first = await load("n\nx\n"); // 2
  await retry(shop, first.id); // 3
  await load("n\n9\n", true); // 4
  const last = await load("n\nx\n9\n"); // 5
  await load("n\n9\n"); // 6
  const history = async (id: number) => {
    const { validation_summary } = await errorSummary(
      shop.ledger,
      await requireRun(shop.ledger, id),
    );
    return Object.fromEntries(validation_summary.map(({ code, history }) => [code, history]));
  };
  assert.deepEqual(await history(last.id), {
    type: { new_since_run: null, last_seen_in_run: 2, runs_in_a_row: 1 },
    max: { new_since_run: 2, last_seen_in_run: null, runs_in_a_row: 0 },
  });
  assert.deepEqual(await history(6), {
    max: { new_since_run: null, last_seen_in_run: 5, runs_in_a_row: 1 },
  });
  assert.deepEqual(await history(first.id), { type: undefined });
  assert.deepEqual(await history(3), { type: undefined });
});
