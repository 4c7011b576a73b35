import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { listReport } from "../../src/report/run_report.ts";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { work } from "../../src/run/work/work.ts";
import {
  readHealth,
  readHealthOf,
  readProgress,
  type RunHealth,
} from "../../src/ledger/runs/progress.ts";
import { type Workshop, workshop } from "../run/importing.ts";
import { PATIENCE, untilSeen } from "../support/until.ts";

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
  // On a busy machine, a look may come late after its last word.
  const before = await untilSeen(session, "it was heard of", async () => {
    await silent.query("select");
    const health = await readHealth(ledger, run.id);
    return health.stuck ? null : health;
  });
  assert.deepEqual([before.workers, before.waiting_on], [1, null]);
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

Deno.test("a run that waits for workers that are on another one is queued, not stalled", async () => {
  // Not a lock: while workers wait for one, others take their places.
  await using shop = await workshop(
    `${ITEMS}; create table gate (is_open boolean);
     create function wait_at_gate() returns trigger language plpgsql as $$ begin
       while not exists (select from gate) loop perform pg_sleep(0.01); end loop;
       return new;
     end $$;
     create trigger gate before insert on items for each row execute function wait_at_gate()`,
  );
  const { ledger, session } = shop;
  const first = await shop.create(DEFINITION, "id,name\n1,a\n");
  const stop = new AbortController();
  const { config } = shop.database;
  const working = work({
    config,
    schemaName: "ingest",
    workers: 1,
    signal: stop.signal,
    graceMs: PATIENCE,
  });
  await until(ledger, first.id, (health) => health.workers === 1);
  const [second] = await session.query<Run>(
    `insert into ingest.runs (importer, definition, source, header, planned_bytes, status,
       created_at, started_at, planned_at, total_rows)
     select importer, definition, source, header, 8, 'processing', now() - interval '1 hour',
       now() - interval '1 hour', now() - interval '1 hour', 1
     from ingest.runs returning *`,
  );
  await session.query(
    `insert into ingest.batches (run_id, number, first_row, last_row, first_line, byte_start,
       byte_end, row_count, checksum) values ($1, 1, 1, 1, 2, 8, 12, 1, 'other')`,
    [second.id],
  );
  const queued = await readHealth(ledger, second.id);
  assert.deepEqual([queued.queued_behind, queued.stalled], [first.id, false]);
  const listed = await listReport(ledger, { status: null, importer: null, limit: 9 });
  assert.deepEqual(
    listed.map(({ queued_behind, stalled }) => [queued_behind, stalled]),
    [[first.id, false], [null, false]],
  );
  // These workers can't reach its file.
  await session.query(
    `update ingest.runs set source = source || '{"host": "elsewhere"}' where id = $1`,
    [second.id],
  );
  const far = await readHealth(ledger, second.id);
  assert.deepEqual([far.queued_behind, far.stalled], [null, true]);
  await session.query("insert into gate values (true)");
  stop.abort();
  await working;
});

Deno.test("a run that another `ingest run` works beside is stalled, for nobody will come to it", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger, session } = shop;
  const first = await shop.create(DEFINITION, "id,name\n1,a\n");
  const [second] = await session.query<Run>(
    `insert into ingest.runs (importer, definition, source, header, status, created_at, started_at)
     select importer, definition, source, header, 'processing', now() - interval '1 hour',
       now() - interval '1 hour' from ingest.runs returning *`,
  );
  await using locker = await open(shop, "nightly report");
  await locker.query("begin; lock table items in access exclusive mode");
  const driven = shop.drive(first, 1);
  await until(ledger, first.id, (health) => health.workers === 1);
  const health = await readHealth(ledger, second.id);
  assert.deepEqual([health.queued_behind, health.stalled], [null, true]);
  await locker.query("commit");
  await driven;
});

Deno.test("speed is measured from when somebody works on the run, and its duration leaves out pauses", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger, session } = shop;
  const run = await shop.create(DEFINITION, "id,name\n1,a\n2,b\n3,c\n");
  await shop.drive(run);
  // It was cancelled for two hours after the first batch, and waited for workers before it.
  await session.query(
    `update ingest.runs set status = 'processing', completed_at = null, summary = null,
       started_at = now() - interval '3 hours';
     update ingest.batches set claimed_at = now() - interval '2 hours',
       completed_at = now() - interval '2 hours' + interval '2 seconds' where number = 1`,
  );
  // Of what was done in the last five seconds: on a busy machine, a look may come later.
  await untilSeen(session, "more than 2 rows in 5 seconds", async () => {
    await session.query(
      `update ingest.batches set claimed_at = now() - interval '0.5 seconds', completed_at = now()
       where number > 1`,
    );
    const { rows_per_second: speed } = await readProgress(ledger, run.id);
    return speed !== null && speed > 0.41;
  });
  const ended = await shop.drive(run);
  const seconds = Number(ended.summary?.seconds);
  assert.ok(seconds >= 2.5 && seconds < 3_600, `${seconds} seconds`);
  const after = await readProgress(ledger, run.id);
  assert.equal(after.rows_per_second?.toFixed(3), (3 / seconds).toFixed(3));
});

async function open(shop: Workshop, applicationName: string): Promise<Ledger & AsyncDisposable> {
  const session = await Session.open(shop.database.config, { applicationName });
  const ledger = new Ledger(session, "ingest");
  return Object.assign(ledger, { [Symbol.asyncDispose]: () => session.close() });
}

/** Waits until the run's health is as expected. */
function until(
  ledger: Ledger,
  runId: number,
  isSo: (health: RunHealth) => boolean,
): Promise<RunHealth> {
  return untilSeen(ledger, String(isSo), async () => {
    const health = await readHealth(ledger, runId);
    return isSo(health) ? health : null;
  });
}
