import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { readHealth, readHealthOf, type RunHealth } from "../../src/ledger/progress.ts";
import { type Workshop, workshop } from "../run/importing.ts";

const ITEMS = "create table items (id int primary key, name text)";
const DEFINITION = "table: items\noptions: { batch_rows: 1 }\n";

Deno.test("batches that wait for a lock say what they wait for, and who holds it", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.create(DEFINITION, "id,name\n1,a\n2,b\n");
  await using locker = await open(shop, "nightly report");
  await locker.query("begin; lock table items in access exclusive mode");
  const driven = shop.drive(run, 2);
  const held = await until(
    shop.ledger,
    run.id,
    (health) => /es 1, 2/.test(health.waiting_on ?? ""),
  );
  assert.equal(
    held.waiting_on,
    "batches 1, 2 wait for table items, locked by nightly report " +
      `(pid ${locker.session.backendPid}, idle in transaction)`,
  );
  assert.deepEqual([held.workers, held.stuck, held.stalled], [2, false, false]);
  await locker.query("commit");
  assert.equal((await driven).status, "completed");
  const done = await readHealth(shop.ledger, run.id);
  assert.deepEqual([done.workers, done.waiting_on, done.stuck], [0, null, false]);
  assert.deepEqual(await readHealthOf(shop.ledger, { id: run.id, status: done.status }), done);
});

Deno.test("a batch that waits for an uncommitted row says who wrote it", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.create(DEFINITION, "id,name\n7,a\n");
  await using writer = await open(shop, "psql");
  await writer.query("begin; insert into items values (7, 'mine')");
  const driven = shop.drive(run, 1);
  const held = await until(shop.ledger, run.id, (health) => health.waiting_on !== null);
  assert.equal(
    held.waiting_on,
    `batch 1 waits for a row, locked by psql (pid ${writer.session.backendPid}, idle in transaction)`,
  );
  await writer.query("rollback");
  assert.equal((await driven).status, "completed");
});

Deno.test("a process that has long been silent in the middle of its batch is stuck; once it is dead, the run is stalled", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger, session } = shop;
  const run = await shop.create(DEFINITION, "id,name\n1,a\n");
  await session.query(
    `update ingest.runs set status = 'processing', started_at = now();
     insert into ingest.batches (run_id, number, first_row, last_row, first_line, byte_start,
       byte_end, row_count, status, attempts, claimed_at)
     values (1, 1, 1, 1, 2, 8, 12, 1, 'processing', 1, now())`,
  );
  const silent = await open(shop, "ingest far 77 worker 1");
  await silent.query(
    `begin; select pg_advisory_xact_lock(${ledger.lockKey("batch", "id")}) from ingest.batches`,
  );
  const before = await readHealth(ledger, run.id);
  assert.deepEqual([before.workers, before.stuck, before.waiting_on], [1, false, null]);
  const stuck = await until(ledger, run.id, (health) => health.stuck);
  assert.equal(
    stuck.waiting_on,
    `batch 1 waits for a word from ingest far 77 worker 1 (pid ${silent.session.backendPid})`,
  );
  assert.equal(stuck.stalled, false);
  silent.session.destroy();
  const stalled = await until(ledger, run.id, (health) => health.stalled);
  assert.deepEqual([stalled.workers, stalled.stuck, stalled.waiting_on], [0, false, null]);
});

Deno.test("a run that is only being planned is not stalled, however long that takes", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger, session } = shop;
  const run = await shop.create(DEFINITION, "id,name\n1,a\n");
  await session.query(
    `update ingest.runs set status = 'processing', created_at = now() - interval '1 hour',
       started_at = now() - interval '1 hour'`,
  );
  assert.equal((await readHealth(ledger, run.id)).stalled, true);
  await using planner = await open(shop, "ingest far 77 planner");
  await planner.query(
    `begin; select pg_advisory_xact_lock(${ledger.lockKey("plan", "id")}) from ingest.runs`,
  );
  assert.equal((await readHealth(ledger, run.id)).stalled, false);
  await planner.query("rollback");
  assert.equal((await readHealth(ledger, run.id)).stalled, true);
});

Deno.test("a batch of a dry run that waits in its rehearsal says what it waits for", async () => {
  // Only Postgres can compare these keys: all batches are done in their order.
  await using shop = await workshop(`${ITEMS}; create unique index on items (lower(name))`);
  const run = await shop.create(DEFINITION, "id,name\n1,a\n2,b\n", { dryRun: true });
  await using locker = await open(shop, "nightly report");
  await locker.query("begin; lock table items in share mode");
  const driven = shop.drive(run, 1);
  const held = await until(shop.ledger, run.id, (health) => health.waiting_on !== null);
  assert.match(held.waiting_on ?? "", /^batch \d waits for table items, locked by nightly report/);
  await locker.query("rollback");
  assert.equal((await driven).status, "completed");
});

async function open(shop: Workshop, applicationName: string): Promise<Ledger & AsyncDisposable> {
  const session = await Session.open(shop.database.config, { applicationName });
  const ledger = new Ledger(session, "ingest");
  return Object.assign(ledger, { [Symbol.asyncDispose]: () => session.close() });
}

/** Waits until the run's health is as expected. The server makes the pause between looks. */
async function until(
  ledger: Ledger,
  runId: number,
  isSo: (health: RunHealth) => boolean,
): Promise<RunHealth> {
  for (let look = 0; look < 600; look++) {
    const health = await readHealth(ledger, runId);
    if (isSo(health)) return health;
    await ledger.query("select pg_sleep(0.05)");
  }
  throw new Error("the run's health never came to that");
}
