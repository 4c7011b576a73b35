import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { claimBatch } from "../../../src/ledger/batches/claim_batch.ts";
import { requestCancel, startRun } from "../../../src/ledger/runs/run_states.ts";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { settle } from "../../../src/ledger/runs/settle.ts";
import { waitForRun } from "../../../src/run/request/wait.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { planUndo } from "../../../src/run/undo/plan_undo.ts";
import { undoBatch } from "../../../src/run/undo/undo_batch.ts";
import { deleteRun } from "../../../src/run/request/delete.ts";
import { type Workshop, workshop } from "../importing.ts";
import { PATIENCE } from "../../support/until.ts";
import { working } from "../working.ts";
import { csvOf } from "./rows.ts";
import { imported, makeUndo, receiptOf, rowsOf, undo } from "./undoing.ts";

/** 100,000 rows take three batches: so many blocks are one piece. */
const TABLE = "create table t (id int primary key, v text); insert into t values (-1, 'before')";
const ROWS = 100_000;

/** Plans an undo and does its first batches. */
async function begin(shop: Workshop, undo: Run, batches: number): Promise<void> {
  const { ledger } = shop;
  await startRun(ledger, undo.id);
  assert.equal(await planUndo(ledger, undo), "planned");
  for (let i = 0; i < batches; i++) {
    const batch = await claimBatch(ledger, "fresh", "test", { run: undo.id });
    assert.equal(await undoBatch(ledger, batch!), "done");
  }
}

async function cancel({ ledger }: Workshop, { id }: Run): Promise<Run> {
  await requestCancel(ledger, id, "tester");
  await settle(ledger, id, { rows: 1, bytes: 1 });
  return await requireRun(ledger, id);
}

Deno.test("a cancelled undo says how far it came, and a resume does the rest", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, ROWS));
  const made = await makeUndo(shop, run);
  await begin(shop, made, 1);
  const cancelled = await cancel(shop, made);
  assert.equal(cancelled.status, "cancelled");
  const left = (await rowsOf(shop)).length;
  assert.ok(left > 1 && left <= ROWS);
  const done = ROWS + 1 - left;
  assert.equal(await receiptOf(shop, cancelled), `cancelled: deleted ${done}, restored 0, kept 0`);
  const resumed = await reopenForResume(shop.ledger, made.id, "tester", undefined);
  const all = `completed: deleted ${ROWS}, restored 0, kept 0`;
  assert.equal(await receiptOf(shop, await shop.drive(resumed)), all);
  assert.deepEqual(await rowsOf(shop), ["(-1,before)"]);
});

Deno.test("a cancelled undo can't be resumed once its run's marks are gone", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, 10));
  const made = await cancel(shop, await makeUndo(shop, run));
  await shop.session.query("delete from ingest.undo_marks");
  await assert.rejects(reopenForResume(shop.ledger, made.id, "tester", undefined), {
    message:
      `Cannot resume run ${made.id}: what it needs to know of run ${run.id} was kept for as ` +
      "long as options.undo_for says, and is gone. What is taken back stays so.",
  });
});

Deno.test("a batch whose process has died is rescued", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, ROWS));
  const made = await makeUndo(shop, run);
  await begin(shop, made, 1);
  // Claimed by somebody who is gone before the batch's transaction began.
  assert.ok(await claimBatch(shop.ledger, "fresh", "dead", { run: made.id }));
  const end = await shop.drive(made);
  assert.equal(await receiptOf(shop, end), `completed: deleted ${ROWS}, restored 0, kept 0`);
  assert.deepEqual(await rowsOf(shop), ["(-1,before)"]);
});

Deno.test("the planner goes on where another one stopped", async () => {
  await using shop = await workshop(TABLE + "; alter table t alter v set storage external");
  const wide = csvOf(1, 3_000).replaceAll(/,(\d+)\n/gu, (_, v) => `,${v.padStart(1_800, "x")}\n`);
  const run = await imported(shop, wide);
  const made = await makeUndo(shop, run);
  await startRun(shop.ledger, made.id);
  const end = await planUndo(shop.ledger, made, { isStopping: () => true, stepTime: 0, pieces: 1 });
  assert.equal(end, "stopped");
  const half = await requireRun(shop.ledger, made.id);
  assert.ok(half.planned_bytes > 0 && half.planned_bytes < half.source.size);
  const all = await shop.drive(half);
  assert.equal(await receiptOf(shop, all), "completed: deleted 3000, restored 0, kept 0");
});

Deno.test("a table that is rewritten or dropped in the middle stops the undo, which says what to do", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, ROWS));
  const made = await makeUndo(shop, run);
  await begin(shop, made, 1);
  await shop.session.query("vacuum full t");
  assert.equal(
    await receiptOf(shop, await shop.drive(made)),
    "failed: The table t was rewritten or truncated during the undo (VACUUM FULL, CLUSTER, ALTER " +
      "TABLE, TRUNCATE), so its rows are in other places now. What is taken back stays so. For the " +
      `rest, start another: ingest undo ${run.id}`,
  );
  const left = (await rowsOf(shop)).length - 1;
  const rest = await makeUndo(shop, run);
  await begin(shop, rest, 1);
  await assert.rejects(reopenForResume(shop.ledger, made.id, null, undefined), {
    message: `Cannot resume run ${made.id}: run ${rest.id} has gone on with taking back run ` +
      `${run.id}. See: ingest status ${rest.id}`,
  });
  await shop.session.query("drop table t");
  assert.match(
    await receiptOf(shop, await shop.drive(rest)),
    /^failed: The table t, or a part of it, was dropped or altered during the undo\./u,
  );
  assert.ok(left > 0 && left < ROWS);
});

Deno.test("a run that is being undone can't be deleted", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, 10));
  const made = await makeUndo(shop, run);
  await assert.rejects(deleteRun(shop.ledger, run.id), {
    message: `Cannot delete run ${run.id}: run ${made.id} is taking it back. Cancel that first: ` +
      `ingest cancel ${made.id} --wait`,
  });
  await shop.drive(made);
  await deleteRun(shop.ledger, run.id);
});

Deno.test("a batch that another worker has claimed meanwhile leaves nothing behind", async () => {
  await using shop = await workshop(
    `${TABLE}; create function claim() returns trigger language plpgsql as $$ begin
       update ingest.batches set attempts = attempts + 1 where status = 'processing';
       return old; end $$;
     create trigger claim before delete on t for each row when (old.id = 5)
       execute function claim()`,
  );
  const run = await imported(shop, csvOf(1, 10));
  const made = await makeUndo(shop, run);
  await begin(shop, made, 0);
  const batch = await claimBatch(shop.ledger, "fresh", "test", { run: made.id });
  assert.equal(await undoBatch(shop.ledger, batch!), "taken");
  assert.equal((await rowsOf(shop)).length, 11);
});

Deno.test("workers of all runs take an undo up", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, 10));
  await working(shop, async () => {
    const made = await makeUndo(shop, run);
    const end = await waitForRun((look) => look(shop.ledger), made.id, { timeoutMs: PATIENCE });
    assert.notEqual(end, "timeout");
  });
  assert.deepEqual(await rowsOf(shop), ["(-1,before)"]);
});

Deno.test("an import into the same table goes on beside an undo, and keeps its rows", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, ROWS));
  const made = await makeUndo(shop, run);
  const other = await shop.create(
    "source: {type: upload}\nslug: t\ntable: t\n",
    csvOf(ROWS + 1, ROWS + 20_000),
  );
  const [undone, loaded] = await Promise.all([shop.drive(made), shop.drive(other)]);
  assert.equal(await receiptOf(shop, undone), `completed: deleted ${ROWS}, restored 0, kept 0`);
  assert.equal(loaded.status, "completed");
  assert.equal((await rowsOf(shop)).length, 20_001);
  assert.equal(await undo(shop, other), "completed: deleted 20000, restored 0, kept 0");
});

Deno.test("a row that somebody is changing is waited for, and kept if they commit", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, 100));
  await using other = await Session.open(shop.database.config);
  await other.query("begin; update t set v = 'mine' where id = 5; delete from t where id = 6");
  const undone = undo(shop, run, { workers: 1 });
  const { admin } = shop.database;
  for (;;) {
    const [{ waits }] = await admin.query<{ waits: boolean }>(
      "select exists (select from pg_locks where not granted) as waits",
    );
    if (waits) break;
    await admin.query("select pg_sleep(0.01)");
  }
  await other.query("commit");
  assert.equal(await undone, "completed_with_errors: deleted 98, restored 0, kept 2");
  assert.deepEqual(await rowsOf(shop), ["(-1,before)", "(5,mine)"]);
});
