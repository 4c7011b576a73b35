import assert from "node:assert/strict";
import { beginBatch } from "../../src/ledger/batches/begin_batch.ts";
import { completeBatch, giveUpBatch, releaseBatch } from "../../src/ledger/batches/batches.ts";
import { claimBatch, listAbandonedRuns } from "../../src/ledger/batches/claim_batch.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { requestCancel, startRun } from "../../src/ledger/runs/run_states.ts";
import { settle } from "../../src/ledger/runs/settle.ts";
import { Session } from "../../src/db/session.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { type Workshop, workshop } from "../run/importing.ts";
import { untilSeen } from "../support/until.ts";

const SIZE = { rows: 2, bytes: 1000 };

/** A planned run of three batches of two rows. The last two rows are deferred to phase 2. */
async function plannedRun(shop: Workshop, yaml = "table: items\nkey: id\n"): Promise<number> {
  const run = await shop.create(
    `${yaml}options: { batch_rows: 2 }\n`,
    "id,name\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n1,g\n2,h\n",
  );
  await startRun(shop.ledger, run.id);
  const program = await prepareRun(shop.session, run, "ingest");
  assert.equal(await planRun(shop.ledger, program), "planned");
  return run.id;
}

async function another(shop: Workshop): Promise<Ledger & AsyncDisposable> {
  const session = await Session.open(shop.database.config);
  const close = { [Symbol.asyncDispose]: () => session.close() };
  return Object.assign(new Ledger(session, "ingest"), close);
}

const none = { created: 0, updated: 0, skipped: 0, taken: 0, failed: 0, unlogged: 0, deferred: 0 };
const TABLE = "create table items (id int primary key, name text)";

Deno.test("each batch is claimed once, however many workers claim at the same time", async () => {
  await using shop = await workshop(TABLE);
  const run = await plannedRun(shop);
  await using other = await another(shop);
  const claimed = await Promise.all(
    [shop.ledger, other, shop.ledger, other, shop.ledger].map((ledger, i) =>
      claimBatch(ledger, "fresh", `worker ${i}`, { run: run })
    ),
  );
  assert.deepEqual(
    claimed.map((batch) => batch?.number).sort(),
    [1, 2, 3, undefined, undefined].sort(),
  );
});

Deno.test("a batch is abandoned when its holder's connection has ended, and not before", async () => {
  await using shop = await workshop(TABLE);
  const { ledger, session } = shop;
  const run = await plannedRun(shop);
  const holder = await another(shop);
  const batch = await claimBatch(holder, "fresh", "holder", { run: run });
  assert.ok(batch);
  assert.deepEqual(await beginBatch(holder, batch, null), { held: true });
  // Long after its grace: the lock alone keeps it.
  await session.query(
    "update ingest.batches set claimed_at = now() - interval '1 hour' where id = $1",
    [
      batch.id,
    ],
  );
  assert.deepEqual(await listAbandonedRuns(ledger, { run: run }), []);
  assert.equal(await claimBatch(ledger, "rescued", "rescuer", { run: run }), null);

  await shop.database.admin.query("select pg_terminate_backend($1::int)", [
    holder.session.backendPid,
  ]);
  await session.query(
    "select pg_advisory_xact_lock(ingest.lock_key('batch', $1::bigint))",
    [batch.id],
  );
  assert.deepEqual(await listAbandonedRuns(ledger, { run: run }), [run]);
  const rescued = await claimBatch(ledger, "rescued", "rescuer", { run: run });
  assert.deepEqual([rescued?.id, rescued?.attempts, rescued?.lone_attempts], [batch.id, 2, 1]);
  await holder.session.close();
});

Deno.test("a holder whose batch was taken over writes nothing", async () => {
  await using shop = await workshop(TABLE);
  const { ledger, session } = shop;
  const run = await plannedRun(shop);
  const slow = await claimBatch(ledger, "fresh", "slow", { run: run });
  await session.query("update ingest.batches set claimed_at = now() - interval '1 hour'");
  await using other = await another(shop);
  const taken = await claimBatch(other, "rescued", "other", { run: run });
  assert.equal(taken?.id, slow?.id);
  assert.deepEqual(await beginBatch(ledger, slow!, null), { held: false, because: "taken" });
  await assert.rejects(completeBatch(ledger, slow!, none), /another worker has it/);
  // Nor can it give back or give up a batch that it no longer holds.
  await releaseBatch(ledger, slow!);
  assert.equal(await giveUpBatch(ledger, slow!), false);
  assert.deepEqual(await beginBatch(other, taken!, null), { held: true });
  await other.query("rollback");
});

Deno.test("a batch of a run that is cancelled is not begun", async () => {
  await using shop = await workshop(TABLE);
  const run = await plannedRun(shop);
  const batch = await claimBatch(shop.ledger, "fresh", "worker", { run: run });
  await using other = await another(shop);
  await requestCancel(other, run, "tester");
  assert.deepEqual(await beginBatch(shop.ledger, batch!, null), {
    held: false,
    because: "run_stopped",
  });
  assert.equal(await claimBatch(shop.ledger, "fresh", "worker", { run: run }), null);
});

Deno.test("a run is not settled while a batch is held, and becomes cancelled right after", async () => {
  await using shop = await workshop(TABLE);
  const run = await plannedRun(shop);
  const batch = await claimBatch(shop.ledger, "fresh", "worker", { run: run });
  assert.deepEqual(await beginBatch(shop.ledger, batch!, null), { held: true });
  await using other = await another(shop);
  await requestCancel(other, run, "tester");
  assert.deepEqual(await settle(other, run, SIZE), { do: "nothing" });
  await completeBatch(shop.ledger, batch!, { ...none, created: 2 });
  await shop.ledger.query("commit");
  assert.deepEqual(await settle(other, run, SIZE), {
    do: "end",
    from: "cancelling",
    to: "cancelled",
  });
});

Deno.test("deferred rows are claimed when nothing before them is open, one batch at a time", async () => {
  await using shop = await workshop(TABLE);
  const { ledger } = shop;
  const run = await plannedRun(shop);
  const finish = async () => {
    const batch = await claimBatch(ledger, "fresh", "worker", { run: run });
    assert.ok(batch);
    assert.deepEqual(await beginBatch(ledger, batch, null), { held: true });
    await completeBatch(ledger, batch, { ...none, created: batch.row_count });
    await ledger.query("commit");
    return batch;
  };
  const rows: number[] = [];
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await settle(ledger, run, { rows: 1, bytes: 1000 }), { do: "nothing" });
    rows.push((await finish()).row_count);
  }
  assert.deepEqual(rows, [2, 2, 2]);
  const [{ ordered }] = await ledger.query<{ ordered: boolean }>(
    `select bool_and(started_at between claimed_at and completed_at) as ordered
     from ingest.batches where status = 'completed'`,
  );
  assert.equal(ordered, true, "all times are the server's");
  assert.deepEqual(await settle(ledger, run, { rows: 1, bytes: 1000 }), { do: "next_phase" });
  const first = await claimBatch(ledger, "fresh", "worker", { run: run });
  assert.deepEqual([first?.phase, first?.first_row, first?.last_row], [2, 7, 7]);
  assert.equal(await claimBatch(ledger, "fresh", "worker", { run: run }), null, "the second waits");
  await releaseBatch(ledger, first!);
  assert.deepEqual([(await finish()).first_row, (await finish()).first_row], [7, 8]);
  assert.deepEqual(await settle(ledger, run, SIZE), {
    do: "end",
    from: "processing",
    to: "completed",
  });
});

Deno.test("a batch that was abandoned before the clock was set back is found at once", async () => {
  await using shop = await workshop(TABLE);
  const run = await plannedRun(shop);
  const { ledger, session } = shop;
  assert.ok(await claimBatch(ledger, "fresh", "worker", { run }));
  // On a busy machine, a look may come when the grace is over.
  await untilSeen(session, "its worker may take the lock", async () => {
    await session.query(
      "update ingest.batches set claimed_at = clock_timestamp() where attempts > 0",
    );
    return (await listAbandonedRuns(ledger, { run })).length === 0;
  });
  await session.query(
    "update ingest.batches set claimed_at = now() + interval '1 hour' where attempts > 0",
  );
  assert.deepEqual(await listAbandonedRuns(ledger, { run }), [run]);
});
