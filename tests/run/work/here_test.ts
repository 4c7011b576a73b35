import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { cancelRun } from "../../../src/run/request/cancel.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { driveRun, StoppedAtOnce } from "../../../src/run/work/drive.ts";
import { WorkerPool } from "../../../src/run/work/pool.ts";
import { Turns } from "../../../src/run/work/turns.ts";
import { until } from "../../support/until.ts";
import { count, type Workshop, workshop } from "../importing.ts";

const TABLE = "create table items (id int primary key)";

/** A pool whose first workers work here, over `session`. */
function begin({ database }: Workshop, session: Session) {
  const lent = { ledger: new Ledger(session, "ingest"), turns: new Turns() };
  const options = { config: database.config, schemaName: "ingest", workers: 2 };
  return {
    ...options,
    ...lent,
    pool: new WorkerPool({ ...options, batches: 1, here: true, lent }),
  };
}

/** Our sessions, without that of the test. */
function sessions({ database }: Workshop) {
  return database.admin.query<{ name: string }>(
    `select application_name as name from pg_stat_activity
     where datname = $1 and application_name like 'ingest%' order by 1`,
    [database.config.database],
  );
}

Deno.test("a run is planned and loaded in the main thread, over the connection that is lent", async () => {
  await using shop = await workshop(TABLE);
  const { Worker } = globalThis;
  let made = 0;
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      made++;
    }
  };
  try {
    const { id } = await shop.create("table: items\n", "id\n1\n2\n");
    await using lent = await Session.open(shop.database.config);
    const before = await sessions(shop);
    const run = await driveRun({ ...begin(shop, lent), runId: id });
    assert.equal(run.status, "completed");
    assert.equal(made, 0);
    assert.equal(lent.lost, false);
    assert.deepEqual(await sessions(shop), before);
  } finally {
    globalThis.Worker = Worker;
  }
  assert.equal(await count(shop.session, "items"), 2);
});

Deno.test("if the main thread has more batches than expected, threads join", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create("table: items\noptions: { batch_rows: 1 }\n", "id\n1\n2\n");
  await using lent = await Session.open(shop.database.config);
  await using locker = await Session.open(shop.database.config);
  await locker.query("begin; insert into items values (1)");
  const driven = driveRun({ ...begin(shop, lent), runId: run.id });
  // The main thread's worker waits for the locker meanwhile.
  await until(shop.session, "exists (select from items where id = 2)");
  await locker.query("rollback");
  assert.equal((await driven).status, "completed");
});

Deno.test("of few batches, the main thread plans them and loads some, and one thread the others", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.create("table: items\noptions: { batch_rows: 1 }\n", "id\n1\n2\n3\n");
  await using lent = await Session.open(shop.database.config);
  const { ledger, turns, ...options } = begin(shop, lent);
  options.pool.terminate();
  await using locker = await Session.open(shop.database.config);
  // Each of the two gets one batch that waits.
  await locker.query("begin; insert into items values (1), (2)");
  const pool = new WorkerPool({ ...options, batches: 3, here: true, lent: { ledger, turns } });
  const driven = driveRun({ ...options, ledger, turns, pool, runId: id });
  await until(
    shop.session,
    `(select count(*) = 2 from pg_stat_activity where datname = current_database()
      and wait_event_type = 'Lock' and (pid = ${lent.backendPid} or application_name like '% worker 2'))`,
  );
  await locker.query("rollback");
  assert.equal((await driven).status, "completed");
  assert.equal(await count(shop.session, "items"), 3);
});

Deno.test("of many batches, the main thread plans, and threads load", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.create(
    "table: items\noptions: { batch_rows: 2 }\n",
    `id\n${Array.from({ length: 20 }, (_, i) => i).join("\n")}\n`,
  );
  const options = { config: shop.database.config, schemaName: "ingest", workers: 2 };
  const pool = new WorkerPool({ ...options, batches: 10, here: true });
  await until(
    shop.session,
    `(select count(*) = 3 from pg_stat_activity where datname = current_database()
      and (application_name = 'ingest planner' or application_name like 'ingest % worker _'))`,
  );
  assert.equal((await driveRun({ ...options, runId: id, pool })).status, "completed");
  assert.equal(await count(shop.session, "items"), 20);
});

Deno.test("stopped at once, the main thread's batch is rolled back, whatever it waits for", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.create("table: items\n", "id\n1\n2\n");
  await using lent = await Session.open(shop.database.config);
  await using locker = await Session.open(shop.database.config);
  await locker.query("begin; insert into items values (2)");
  const stop = new AbortController();
  const driven = driveRun({ ...begin(shop, lent), runId: id, stop: stop.signal });
  await until(
    shop.session,
    "exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())",
  );
  stop.abort();
  await assert.rejects(driven, StoppedAtOnce);
  // Only now does Postgres see that the connection is gone.
  await locker.query("rollback");
  assert.ok(lent.lost);
  await until(
    shop.session,
    `not exists (select from pg_stat_activity where pid = ${lent.backendPid})`,
  );
  assert.equal(await count(shop.session, "items"), 0);
});

Deno.test("while its batch waits, a run is watched over another connection, and cancelled", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.create("table: items\noptions: { batch_rows: 1 }\n", "id\n1\n2\n");
  await using lent = await Session.open(shop.database.config);
  await using locker = await Session.open(shop.database.config);
  await locker.query("begin; lock table items");
  const cancel = new AbortController();
  const cancelled = Promise.withResolvers<void>();
  const driven = driveRun({
    ...begin(shop, lent),
    runId: id,
    cancel: {
      asked: cancel.signal,
      request: async (ledger) => {
        assert.notEqual(ledger.session, lent);
        await cancelRun(ledger, id, null);
        cancelled.resolve();
      },
    },
  });
  // Not only a thread that has joined.
  await until(
    shop.session,
    `exists (select from pg_stat_activity where wait_event_type = 'Lock' and pid = ${lent.backendPid})`,
  );
  cancel.abort();
  await cancelled.promise;
  await locker.query("rollback");
  assert.equal((await driven).status, "cancelled");
});

Deno.test("a connection of the main thread's workers that is lost is opened again", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.create("table: items\n", "id\n1\n2\n");
  await using lent = await Session.open(shop.database.config);
  await using locker = await Session.open(shop.database.config);
  await locker.query("begin; insert into items values (2)");
  const driven = driveRun({ ...begin(shop, lent), runId: id });
  const waiting = "pid in (select pid from pg_stat_activity " +
    "where wait_event_type = 'Lock' and datname = current_database())";
  await until(shop.session, `exists (select from pg_stat_activity where ${waiting})`);
  await shop.session.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where ${waiting}`,
  );
  await locker.query("rollback");
  assert.equal((await driven).status, "completed");
  assert.equal(await count(shop.session, "items"), 2);
});
