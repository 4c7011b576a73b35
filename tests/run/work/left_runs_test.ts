/** A machine that doesn't have a run's hooks leaves the run to others, and is of use for other runs. */
import assert from "node:assert/strict";
import { claimBatch } from "../../../src/ledger/batches/claim_batch.ts";
import { readHealth, reasonsToWait } from "../../../src/ledger/runs/progress.ts";
import { startRun } from "../../../src/ledger/runs/run_states.ts";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { planRun } from "../../../src/run/plan/plan_run.ts";
import { cancelRun } from "../../../src/run/request/cancel.ts";
import { prepareRun } from "../../../src/run/prepare.ts";
import { until, untilSeen } from "../../support/until.ts";
import { type Hooking, hooking } from "../hooking.ts";
import { count } from "../importing.ts";
import { working } from "../working.ts";

const TABLES = "create table t (n int, word text); create table other (id int)";
const FILE = "n,word\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n";
const HOOKS = "export default () => ({ beforeRow(row) { row.word += '!'; } });";
const HOST = Deno.hostname();
const GONE = `t.hooks.js is gone or can't be read on ${HOST}.`;
const CHANGED = `t.hooks.js on ${HOST} is not what it was when the run began.`;
const AND_THEN = "Put it back as it was, and the run goes on there.";

const write = (hooks: Hooking, options = "") =>
  hooks.write(`table: t\noptions: { batch_rows: 2${options} }\n`, HOOKS);
const remove = (hooks: Hooking) => Deno.remove(`${hooks.folder}/t.hooks.js`);

const has = ({ id }: Run, status: string) =>
  `exists (select from ingest.runs where id = ${id} and status = '${status}')`;

/** The run's events of a type, with their details. */
async function eventsOf(hooks: Hooking, { id }: Run, type: string): Promise<readonly unknown[]> {
  const found = await hooks.query(
    `select details from ingest.run_events where run_id = ${id} and type = '${type}' order by id`,
  ) as { details: unknown }[];
  return found.map(({ details }) => details);
}

/** Another worker may be about to find out the same. */
async function untilReason({ shop }: Hooking, run: Run, reason: string): Promise<void> {
  await untilSeen(
    shop.session,
    reason,
    async () => reasonsToWait(await readHealth(shop.ledger, run.id)) === reason,
  );
}

const isLeft = ({ id }: Run) =>
  `exists (select from ingest.run_events where run_id = ${id} and type = 'left')`;

Deno.test("without a run's hooks file, a process goes on with other runs, and with this one when the file is back", async () => {
  for (const options of ["", ", transaction: run"]) {
    await using hooks = await hooking(TABLES);
    const { shop, shop: { ledger, session } } = hooks;
    await write(hooks, options);
    const run = await hooks.create(FILE);
    await remove(hooks);
    const other = await shop.create("table: other\noptions: { batch_rows: 1 }\n", "id\n1\n2\n3\n");
    await working(shop, async () => {
      await until(session, has(other, "completed"));
      await until(session, isLeft(run));
      assert.equal((await requireRun(ledger, run.id)).status, "processing");
      await untilReason(
        hooks,
        run,
        `the machine ${HOST} leaves the run to others: ${GONE} ${AND_THEN}`,
      );
      assert.equal(await count(session, "t"), 0);
      await write(hooks, options);
      await until(session, has(run, "completed"));
    }, 2);
    assert.equal(await count(session, "t where word like '%!'"), 6);
    // Each worker has found it missing, and it was said once.
    assert.deepEqual(await eventsOf(hooks, run, "left"), [
      { host: HOST, because: `${GONE} ${AND_THEN}` },
    ]);
    const { warnings } = await requireRun(ledger, run.id);
    assert.deepEqual(
      warnings.filter((warning) => warning.includes("t.hooks.js")),
      [`The machine ${HOST} leaves the run to others: ${GONE} ${AND_THEN}`],
    );
    assert.equal(reasonsToWait(await readHealth(ledger, run.id)), null);
  }
});

Deno.test("a run whose hooks are others now is left, too, and can be cancelled; a dry run is as well", async () => {
  for (const isDry of [false, true]) {
    await using hooks = await hooking(TABLES);
    const { shop, shop: { ledger, session } } = hooks;
    await write(hooks);
    const run = await hooks.create(FILE, isDry);
    await Deno.writeTextFile(`${hooks.folder}/t.hooks.js`, `${HOOKS} // Another one.`);
    await working(shop, async () => {
      await until(session, isLeft(run));
      await untilReason(
        hooks,
        run,
        `the machine ${HOST} leaves the run to others: ${CHANGED} ${AND_THEN}`,
      );
      await cancelRun(ledger, run.id, null);
      await until(session, has(run, "cancelled"));
    });
    assert.equal(await count(session, "t"), 0);
  }
});

/** Plans it, and claims its first batch like a worker that then dies. */
async function abandon({ shop: { ledger, session } }: Hooking, run: Run): Promise<void> {
  await startRun(ledger, run.id);
  await planRun(ledger, await prepareRun(session, run, "ingest"));
  assert.ok(await claimBatch(ledger, "fresh", "somebody", { run: run.id }));
}

Deno.test("the batch of a process that died is left as well, and isn't counted as tried", async () => {
  await using hooks = await hooking(TABLES);
  const { shop, shop: { ledger, session } } = hooks;
  await hooks.write("table: t\n", HOOKS);
  const run = await hooks.create(FILE);
  await abandon(hooks, run);
  await remove(hooks);
  await working(shop, () => until(session, isLeft(run)));
  assert.equal((await requireRun(ledger, run.id)).status, "processing");
  assert.deepEqual(await eventsOf(hooks, run, "batch rescued"), []);
  assert.deepEqual(
    await hooks.query("select lone_attempts from ingest.batches"),
    [{ lone_attempts: 0 }],
  );
  await hooks.write("table: t\n", HOOKS);
  await working(shop, () => until(session, has(run, "completed")));
  assert.equal(await count(session, "t where word like '%!'"), 6);
});

Deno.test("whoever works on this run alone fails it, and says what to do, whichever batch is left", async () => {
  await using hooks = await hooking(TABLES);
  await hooks.write("table: t\n", HOOKS);
  const run = await hooks.create(FILE);
  await abandon(hooks, run);
  await remove(hooks);
  const failed = await hooks.drive(run);
  assert.equal(failed.status, "failed");
  assert.deepEqual(failed.error, {
    code: "hooks",
    message: `${GONE} Put it back as it was and resume the run, or start a new run.`,
  });
  assert.deepEqual(await eventsOf(hooks, run, "left"), []);
});
