/** A run that is loaded as a whole, and whose transaction begins while its file is still being planned. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { releaseBatch } from "../../../src/ledger/batches/batches.ts";
import { claimBatch, listAbandonedRuns } from "../../../src/ledger/batches/claim_batch.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { readProgress } from "../../../src/ledger/runs/progress.ts";
import { requestFailure, startRun } from "../../../src/ledger/runs/run_states.ts";
import { requireRun } from "../../../src/ledger/runs/runs.ts";
import { planRun } from "../../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../../src/run/prepare.ts";
import { processWhole } from "../../../src/run/process/process_whole.ts";
import { Rehearsal } from "../../../src/run/process/rehearsal.ts";
import { UnfinishedPlan } from "../../../src/run/process/unfinished_plan.ts";
import { until } from "../../support/until.ts";
import { count, type Workshop, workshop } from "../importing.ts";

const TABLE = "create table t (id int primary key, v text)";
const WHOLE =
  "table: t\nkey: id\non_duplicate: update\noptions: {transaction: run, batch_rows: 20}\n";
// The last rows repeat the first ones.
const FILE = `id,v\n${Array.from({ length: 220 }, (_, i) => `${i % 200},v${i}`).join("\n")}\n`;

/** The first batches of run 1 are planned. */
async function begun(shop: Workshop) {
  const run = await shop.create(WHOLE, FILE);
  await startRun(shop.ledger, run.id);
  const program = await prepareRun(shop.session, await requireRun(shop.ledger, run.id), "ingest");
  await planRun(shop.ledger, program, { stepBytes: 200, isStopping: () => true });
  return { run, program };
}

/** Holds the planner's lock of run 1 as long as it lives. */
async function planner({ database: { config } }: Workshop): Promise<Session> {
  const session = await Session.open(config);
  await session.query("select pg_advisory_lock(ingest.lock_key('plan', 1))");
  return session;
}

const claim = ({ ledger }: Workshop, withPlanner = true) =>
  claimBatch(ledger, "fresh", "test", { run: 1 }, [], withPlanner);

Deno.test("its first batch can be claimed before the last one is planned, while somebody plans", async () => {
  await using shop = await workshop(TABLE);
  await begun(shop);
  assert.equal(await claim(shop), null, "nobody plans");
  await using _planner = await planner(shop);
  assert.equal(await claim(shop, false), null, "this worker takes turns with the planner");
  const batch = await claim(shop);
  assert.equal(batch?.number, 1);
  assert.equal(await claim(shop), null);
});

Deno.test("who takes it over from a dead process waits for the plan", async () => {
  await using shop = await workshop(TABLE);
  const { program } = await begun(shop);
  const holder = await planner(shop);
  await claim(shop);
  await shop.session.query("update ingest.batches set claimed_at = now() - interval '1 minute'");
  const rescue = () => claimBatch(shop.ledger, "rescued", "rescuer", { run: 1 }, [], true);
  assert.deepEqual(await listAbandonedRuns(shop.ledger, { run: 1 }), []);
  assert.equal(await rescue(), null);
  await holder.close();
  await planRun(shop.ledger, program, {});
  assert.deepEqual(await listAbandonedRuns(shop.ledger, { run: 1 }), [1]);
  assert.equal((await rescue())?.number, 1);
});

Deno.test("its transaction loads what is planned, waits for the rest, and loads that, too", async () => {
  await using shop = await workshop(TABLE);
  const { program } = await begun(shop);
  await using loading = await Session.open(shop.database.config);
  const holder = await planner(shop);
  const batch = await claim(shop);
  const loaded = processWhole(new Ledger(loading, "ingest"), program, batch!, new Rehearsal());
  await until(shop.session, "exists (select from ingest.run_uncommitted where processed >= 20)");
  assert.equal(await count(shop.session, "t"), 0);
  assert.equal((await readProgress(shop.ledger, 1)).total, null);
  await holder.close();
  assert.equal(await planRun(shop.ledger, program, {}), "planned");
  const end = await loaded;
  assert.ok(end.done && end.ended);
  const { status, created, updated } = await readProgress(shop.ledger, 1);
  assert.deepEqual({ status, created, updated }, {
    status: "completed",
    created: 200,
    updated: 20,
  });
  assert.equal(await count(shop.session, "t where v = 'v' || (id + 200)"), 20);
});

Deno.test("if the rest can't be planned, nothing is loaded", async () => {
  await using shop = await workshop(TABLE);
  const { program } = await begun(shop);
  await using loading = await Session.open(shop.database.config);
  await using _planner = await planner(shop);
  const batch = await claim(shop);
  const loaded = processWhole(new Ledger(loading, "ingest"), program, batch!, new Rehearsal());
  await until(shop.session, "exists (select from ingest.run_uncommitted where processed >= 20)");
  await requestFailure(shop.ledger, 1, { code: "source", message: "The file became shorter." });
  assert.deepEqual(await loaded, { done: false, because: "run_stopped" });
  await releaseBatch(shop.ledger, batch!);
  assert.equal(await count(shop.session, "t"), 0);
  assert.equal((await readProgress(shop.ledger, 1)).uncommitted, null);
});

Deno.test("nobody waits for long, with a transaction open, for a plan that nobody makes", async () => {
  const plan = new UnfinishedPlan(2);
  assert.equal(await plan.wait(false), true);
  assert.equal(await plan.wait(false), true, "the pause between two steps");
  assert.equal(await plan.wait(true), true);
  assert.equal(await plan.wait(false), true);
  assert.equal(await plan.wait(false), true);
  // However long that one takes to load.
  plan.goesOn();
  assert.equal(await plan.wait(false), true);
  assert.equal(await plan.wait(false), true);
  assert.equal(await plan.wait(false), false);
});
