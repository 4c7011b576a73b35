import assert from "node:assert/strict";
import { findRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { type Workshop, workshop } from "../importing.ts";
import { csvOf } from "./rows.ts";
import { imported, makeUndo, undo } from "./undoing.ts";

const TABLE = "create table t (id int primary key, v text)";
const UPSERT =
  "source: {type: upload}\nslug: t\ntable: t\nkey: [id]\non_duplicate: update\noptions: {undo: updates}\n";

/** The later runs that an undo of `run` would name. */
async function namedRuns(shop: Workshop, run: Run): Promise<string[]> {
  const dry = await shop.drive(await makeUndo(shop, run, true));
  const { warnings } = (await findRun(shop.ledger, dry.id))!;
  return warnings.filter((text) => text.includes(" since. Rows of run "))
    .map((text) => text.slice(0, text.indexOf(" since.")));
}

Deno.test("of later runs, those that have updated rows are named, until they are taken back", async () => {
  await using shop = await workshop(TABLE);
  const first = await imported(shop, csvOf(1, 20), UPSERT);
  await imported(shop, csvOf(100, 110), UPSERT);
  await imported(shop, "id,v\nx,1\n", UPSERT);
  assert.deepEqual(await namedRuns(shop, first), [], "they have only created rows, or none");
  const second = await imported(shop, "id,v\n3,new\n4,new\n200,new\n", UPSERT);
  const named = `Run ${second.id} (2 of these rows) has written to t`;
  assert.deepEqual(await namedRuns(shop, first), [named]);
  assert.equal(await undo(shop, second), "completed: deleted 1, restored 2, kept 0");
  assert.deepEqual(await namedRuns(shop, first), []);
  assert.equal(await undo(shop, first), "completed: deleted 20, restored 0, kept 0");
});
