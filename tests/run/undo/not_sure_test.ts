/**
 * After four billion transactions their numbers begin anew, in the next epoch. Then older rows of a table
 * may have the number of a run's. A test can't wait for that, so it moves what was noted by an epoch.
 */
import assert from "node:assert/strict";
import type { Session } from "../../../src/db/session.ts";
import { type Workshop, workshop } from "../importing.ts";
import { csvOf } from "./rows.ts";
import { groups, imported, rowsOf, undo } from "./undoing.ts";

const TABLE = "create table t (id int primary key, v text)";
const UPSERT = "source: {type: upload}\nslug: t\ntable: t\nkey: id\non_duplicate: update\n";
const EPOCH = 4_294_967_296;
const KEPT =
  "An older row of the table has the same transaction number: this may not be the run's.";

/** The second of four batches has written its rows in the epoch after; `older`: beside older rows. */
async function writtenAnEpochLater({ session }: Workshop, older: string): Promise<void> {
  const [{ xid }] = await session.query<{ xid: string }>(
    `with written as (update t set v = v where id between 6 and 10 returning id),
       older as (insert into t select -id, 'older' from unnest('${older}'::int[]) id returning id)
     select (pg_current_xact_id()::text::bigint + ${EPOCH})::text as xid
     from (select count(*) from written) w, (select count(*) from older) o`,
  );
  await session.query(`update ingest.undo_marks set xid = '${xid}' where batch = 2`);
}

Deno.test("rows are kept if an older one has the same transaction number, and others are not", async () => {
  await using shop = await workshop(TABLE);
  const definition = "source: {type: upload}\nslug: t\ntable: t\noptions: {batch_rows: 5}\n";
  const run = await imported(shop, csvOf(1, 20), definition);
  await writtenAnEpochLater(shop, "{1}");
  const six = ["(-1,older)", "(10,10)", "(6,6)", "(7,7)", "(8,8)", "(9,9)"];
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 15, restored 0, kept 6");
  assert.deepEqual(await rowsOf(shop), six);
  assert.deepEqual(await groups(shop), [`6 x ${KEPT} (not_sure)`]);
});

Deno.test("if no older row has the number, the rows of a later epoch go like others", async () => {
  await using shop = await workshop(TABLE);
  const definition = "source: {type: upload}\nslug: t\ntable: t\noptions: {batch_rows: 5}\n";
  const run = await imported(shop, csvOf(1, 20), definition);
  await writtenAnEpochLater(shop, "{}");
  assert.equal(await undo(shop, run), "completed: deleted 20, restored 0, kept 0");
  assert.deepEqual(await rowsOf(shop), []);
});

/** A number that no row has keeps the run from being one of the future. */
async function moveByAnEpoch(session: Session): Promise<void> {
  await session.query(
    `update ingest.undo_marks set xid = (xid::text::bigint + ${EPOCH})::text::xid8;
     update ingest.undo_rows set xid = (xid::text::bigint + ${EPOCH})::text::xid8;
     insert into ingest.undo_marks (run_id, batch, relation, xid, wrote, rows)
       select distinct on (run_id) run_id, batch, relation, '3'::xid8, 'created', 0
       from ingest.undo_marks`,
  );
}

Deno.test("rows that one statement has created and updated are not taken for older ones", async () => {
  for (const existing of [3, 97]) {
    await using shop = await workshop(
      `${TABLE}; insert into t select i, 'before' from generate_series(1, ${existing}) i`,
    );
    const run = await imported(shop, csvOf(1, 100), `${UPSERT}options: {undo: inserts}\n`);
    await moveByAnEpoch(shop.session);
    const receipt = `deleted ${100 - existing}, restored 0, kept ${existing}`;
    assert.equal(await undo(shop, run), `completed_with_errors: ${receipt}`);
    assert.match((await groups(shop)).join(), /\(not_kept\)$/u);
  }
});

Deno.test("rows that the undo of a later run has given back are not taken for older ones", async () => {
  await using shop = await workshop(TABLE);
  const updates = `${UPSERT}options: {undo: updates}\n`;
  const first = await imported(shop, csvOf(1, 20), updates);
  const second = await imported(shop, "id,v\n3,new\n4,new\n", updates);
  assert.equal(await undo(shop, second), "completed: deleted 0, restored 2, kept 0");
  await moveByAnEpoch(shop.session);
  assert.equal(await undo(shop, first), "completed: deleted 20, restored 0, kept 0");
});
