/** What undos need, and when it goes. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { forgetExpired } from "../../../src/ledger/undo/undo_expiry.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { age } from "../chains.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { interrupt } from "../step_by_step.ts";
import { retry } from "../retrying.ts";
import { NOTHING, pruned } from "./pruning.ts";

const TABLE = `create table t (id int primary key, v text check (v <> 'no'), was int);
  insert into t select i, 'old', i from generate_series(1, 50) i;`;
const UPDATES =
  "table: t\nkey: id\non_duplicate: update\noptions: {batch_rows: 30, undo: updates, undo_for: 2d}\n";
const FILE = `id,v\n${Array.from({ length: 40 }, (_, i) => `${i + 21},new\n`).join("")}`;

const kept = async ({ session }: Workshop) => ({
  marks: await count(session, "ingest.undo_marks"),
  rows: await count(session, "ingest.undo_rows"),
  tables: await count(session, "ingest.undo_tables"),
});
const GONE = { marks: 0, rows: 0, tables: 0 };

Deno.test("old values are kept for as long as the definition says", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(UPDATES, FILE));
  await age(shop, 1, run);
  assert.deepEqual(await pruned(shop), NOTHING);
  assert.equal((await kept(shop)).rows, 30);
  await age(shop, 3, run);
  assert.deepEqual(await pruned(shop), { ...NOTHING, undoRows: 30 });
  assert.deepEqual(await kept(shop), GONE);
  assert.deepEqual(await pruned(shop), NOTHING);
});

Deno.test("they go in pieces, the marks first", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(UPDATES, FILE));
  await age(shop, 3, run);
  const piece = () => forgetExpired(shop.ledger, 12);
  assert.deepEqual(await piece(), { root: run.id, rows: 12, isLast: false });
  assert.deepEqual(await kept(shop), { marks: 0, rows: 18, tables: 1 });
  assert.deepEqual(await piece(), { root: run.id, rows: 12, isLast: false });
  assert.deepEqual(await piece(), { root: run.id, rows: 6, isLast: true });
  assert.deepEqual(await kept(shop), GONE);
  assert.equal(await piece(), null);
});

Deno.test("a chain's are kept until all of its runs have ended for long", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(UPDATES, `${FILE}1,no\n`));
  await shop.session.query("alter table t drop constraint t_v_check");
  const again = await retry(shop, run.id);
  await age(shop, 3, run);
  assert.deepEqual(await pruned(shop), NOTHING);
  await age(shop, 3, again);
  assert.deepEqual(await pruned(shop, { force: true }), { ...NOTHING, undoRows: 31 });
  assert.deepEqual(await kept(shop), GONE);
});

Deno.test("they are kept while somebody undoes the run, or resumes it", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(UPDATES, FILE));
  await age(shop, 3, run);
  const [undo] = await shop.session.query<Run>(
    `insert into ingest.runs (importer, definition, source, header, kind, undoes_run_id, status)
     select importer, definition, source, header, 'undo', id, 'processing' from ingest.runs
     returning *`,
  );
  assert.deepEqual(await pruned(shop), NOTHING);
  await shop.session.query(
    `update ingest.runs set status = 'cancelled', completed_at = now() where id = ${undo.id}`,
  );
  // Who undoes or resumes it, locks its row first.
  await using other = await Session.open(shop.database.config);
  await other.query(`begin; select from ingest.runs where id = ${run.id} for update`);
  assert.equal(await forgetExpired(new Ledger(shop.session, "ingest"), 10), null);
  await other.query("rollback");
  assert.deepEqual(await pruned(shop), { ...NOTHING, undoRows: 30 });
});

Deno.test("a run that goes on after they have gone, notes nothing more", async () => {
  await using shop = await workshop(TABLE);
  const run = await interrupt(shop, await shop.create(UPDATES, FILE), { loaded: 1 });
  await age(shop, 3, run);
  assert.equal((await kept(shop)).marks > 0, true);
  assert.deepEqual(await pruned(shop), { ...NOTHING, undoRows: 30 });
  const again = await reopenForResume(shop.ledger, run.id, "tester", undefined);
  const done = await shop.drive(again);
  assert.equal(done.status, "completed");
  assert.equal(await count(shop.session, "t where v = 'new'"), 40);
  // An undo would take back only the second half.
  assert.deepEqual(await kept(shop), GONE);
});

Deno.test("a run is deleted with what its undo needs", async () => {
  await using shop = await workshop(TABLE);
  await shop.drive(await shop.create(UPDATES, FILE));
  await shop.session.query("delete from ingest.runs");
  assert.deepEqual(await kept(shop), GONE);
});
