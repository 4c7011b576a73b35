import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { driveRun, StoppedAtOnce } from "../../../src/run/work/drive.ts";
import { WorkerPool } from "../../../src/run/work/pool.ts";
import { until } from "../../chaos/big_run.ts";
import { count, type Workshop, workshop } from "../importing.ts";

const TABLE = "create table items (id int primary key)";

function begin({ database }: Workshop) {
  const options = { config: database.config, schemaName: "ingest", workers: 2 };
  return { ...options, pool: new WorkerPool({ ...options, batches: 1, here: true }) };
}

Deno.test("a run is planned and loaded in the main thread, without another", async () => {
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
    const run = await driveRun({ ...begin(shop), runId: id });
    assert.equal(run.status, "completed");
    assert.equal(made, 0);
  } finally {
    globalThis.Worker = Worker;
  }
  assert.equal(await count(shop.session, "items"), 2);
});

Deno.test("if the main thread has more batches than expected, threads join", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create("table: items\noptions: { batch_rows: 1 }\n", "id\n1\n2\n");
  await using locker = await Session.open(shop.database.config);
  await locker.query("begin; insert into items values (1)");
  const driven = driveRun({ ...begin(shop), runId: run.id });
  // The main thread's worker waits for the locker meanwhile.
  await until(shop.session, "exists (select from items where id = 2)");
  await locker.query("rollback");
  assert.equal((await driven).status, "completed");
});

Deno.test("stopped at once, the main thread's batch is rolled back, whatever it waits for", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.create("table: items\n", "id\n1\n2\n");
  await using locker = await Session.open(shop.database.config);
  await locker.query("begin; insert into items values (2)");
  const stop = new AbortController();
  const driven = driveRun({ ...begin(shop), runId: id, stop: stop.signal });
  await until(
    shop.session,
    "exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())",
  );
  stop.abort();
  await assert.rejects(driven, StoppedAtOnce);
  // Only now does Postgres see that the connection is gone.
  await locker.query("rollback");
  await until(
    shop.session,
    "not exists (select from pg_stat_activity where application_name like 'ingest % worker %' and datname = current_database())",
  );
  assert.equal(await count(shop.session, "items"), 0);
});

Deno.test("a connection of the main thread's workers that is lost is opened again", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.create("table: items\n", "id\n1\n2\n");
  await using locker = await Session.open(shop.database.config);
  await locker.query("begin; insert into items values (2)");
  const driven = driveRun({ ...begin(shop), runId: id });
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
