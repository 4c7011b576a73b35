import assert from "node:assert/strict";
import { driveRun, StoppedAtOnce } from "../../../src/run/work/drive.ts";
import { WorkerPool } from "../../../src/run/work/pool.ts";
import type { PoolEvent } from "../../../src/run/work/pool_event.ts";
import { startThreads } from "../../../src/run/work/threads.ts";
import { work } from "../../../src/run/work/work.ts";
import { Session } from "../../../src/db/session.ts";
import { until } from "../../support/until.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { count, type Workshop, workshop } from "../importing.ts";

const TABLE = "create table items (id int primary key)";

/** Makes new connections read-only, as if the server had become a standby. */
async function refuseWrites({ database }: Workshop): Promise<void> {
  await database.admin.query(
    `alter database ${database.config.database} set default_transaction_read_only = on`,
  );
}

/** What a pool of two workers says, and why it gives up at last. */
async function untilFailed({ database }: Workshop) {
  const failed = Promise.withResolvers<Error>();
  const warnings: string[] = [];
  let lost = 0;
  const pool = new WorkerPool({
    config: database.config,
    schemaName: "ingest",
    workers: 2,
    patience: 600,
  });
  pool.begin({
    onlyRun: null,
    table: null,
    onEvent: (event: PoolEvent) => {
      if (event.type === "warning") warnings.push(event.message);
      if (event.type === "lost") lost++;
      if (event.type === "failed") failed.resolve(event.error);
    },
  });
  const error = await failed.promise;
  await pool.stop();
  return { error, warnings, lost };
}

Deno.test("workers that keep crashing are replaced less and less often, and finally no more", async () => {
  await using shop = await workshop(TABLE);
  await shop.create("table: items\n", "id\n1\n");
  await shop.session.execute("alter table ingest.runs rename to lost_runs");
  const { error, warnings } = await untilFailed(shop);
  assert.match(error.message, /^The workers can't go on\. .*\(SQLSTATE 42P01\)/);
  assert.ok(warnings.length < 20, `${warnings.length} warnings`);
});

Deno.test("workers without a database that accepts writes try again, and finally give up", async () => {
  await using shop = await workshop(TABLE);
  await shop.create("table: items\n", "id\n1\n");
  await refuseWrites(shop);
  const { error, warnings, lost } = await untilFailed(shop);
  assert.ok(lost <= 2, `${lost} connections were lost`);
  assert.equal(error.name, "DatabaseUnreachable");
  assert.match(
    error.message,
    /^The database accepts no writes: .*transaction \(SQLSTATE 25006\)\.$/,
  );
  assert.ok(warnings.length < 3, warnings.join("\n"));
});

const AN_HOUR = 3_600_000;

Deno.test("a run that its own workers end is seen at once, not at the next look", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.create("table: items\n", "id\n1\n");
  const { config } = shop.database;
  const options = { config, schemaName: "ingest", workers: 1, lookInterval: AN_HOUR };
  const run = await driveRun({ ...options, runId: id });
  assert.equal(run.status, "completed");
});

Deno.test("if one batch was expected and there are more, more workers join", async () => {
  await using shop = await workshop(TABLE);
  const { config, admin } = shop.database;
  const run = await shop.create("table: items\noptions: { batch_rows: 1 }\n", "id\n1\n2\n");
  await using locker = await Session.open(config);
  await locker.query("begin; insert into items values (1)");
  const options = { config, schemaName: "ingest", workers: 2 };
  const pool = new WorkerPool({ ...options, batches: 1 });
  const driven = driveRun({ ...options, runId: run.id, pool });
  // The first batch waits for the locker meanwhile.
  await until(shop.session, "exists (select from items where id = 2)");
  const sessions = await admin.query<{ name: string }>(
    `select split_part(application_name, ' ', -2) || ' ' || split_part(application_name, ' ', -1) as name
     from pg_stat_activity where datname = $1 and application_name like 'ingest %' order by 1`,
    [config.database],
  );
  assert.deepEqual(
    // On a busy machine, a process may rescue the batch of one that is late.
    sessions.map(({ name }) => name).filter((name) => !/monitor|admin|rescue/u.test(name)),
    // The first one plans, too, over the same connection.
    ["worker 1", "worker 2"],
  );
  await locker.query("rollback");
  assert.equal((await driven).status, "completed");
});

Deno.test("threads that are started early are taken by a pool; those that are left end", async () => {
  await using shop = await workshop(TABLE);
  const { Worker } = globalThis;
  let made = 0;
  let ended = 0;
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      made++;
    }

    override terminate(): void {
      ended++;
      super.terminate();
    }
  };
  try {
    const run = await shop.create("table: items\n", "id\n1\n");
    using threads = startThreads(3);
    assert.equal((await shop.drive(run, 1)).status, "completed");
    assert.equal(made, 3);
    threads[Symbol.dispose]();
    assert.equal(ended, 3);
  } finally {
    globalThis.Worker = Worker;
  }
});

Deno.test("workers connect before there is a run; without one, their connections end", async () => {
  await using shop = await workshop(TABLE);
  const { config } = shop.database;
  const workers = (wanted: number) =>
    until(
      shop.session,
      `(select count(*) = ${wanted} from pg_stat_activity
        where datname = current_database()
          and (application_name = 'ingest planner' or application_name like 'ingest % worker _'))`,
    );
  {
    using _pool = new WorkerPool({ config, schemaName: "ingest", workers: 2 });
    await workers(3);
  }
  await workers(0);
  const pool = new WorkerPool({ config, schemaName: "ingest", workers: 2 });
  await workers(3);
  // An early connection may be lost by the time there is something to do.
  await shop.session.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like 'ingest % worker _'`,
  );
  const run = await shop.create("table: items\n", "id\n1\n2\n");
  const driven = await driveRun({ config, schemaName: "ingest", runId: run.id, workers: 2, pool });
  assert.equal(driven.status, "completed");
});

Deno.test("a run is watched over the lent connection, which stays open, or over another", async () => {
  await using shop = await workshop(TABLE);
  const { config, admin } = shop.database;
  const ends = async (ledger: Ledger) => {
    const { id } = await shop.create(
      "table: items\n",
      `id\n${await count(shop.session, "items")}\n`,
    );
    const options = { config, schemaName: "ingest", workers: 1, ledger };
    return (await driveRun({ ...options, runId: id })).status;
  };
  await using lent = await Session.open(config);
  assert.equal(await ends(new Ledger(lent, "ingest")), "completed");
  assert.equal(lent.lost, false);
  await admin.query("select pg_terminate_backend($1::int)", [lent.backendPid]);
  assert.equal(await ends(new Ledger(lent, "ingest")), "completed");
  assert.ok(lent.lost);
});

Deno.test("stopping at once doesn't wait for a server that doesn't answer", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create("table: items\n", "id\n1\n");
  const { config } = shop.database;
  await using locker = await Session.open(config);
  await locker.query("begin; lock table ingest.runs, ingest.batches");
  const looks = "pg_stat_activity where application_name = 'ingest monitor' and datname = $1" +
    " and wait_event_type = 'Lock'";
  const stopWhenBlocked = async (stop: AbortController) => {
    for (let blocked = 0; blocked === 0;) {
      [{ blocked }] = await shop.database.admin.query<{ blocked: number }>(
        `select count(*) as blocked, pg_sleep(0.01) from ${looks}`,
        [config.database],
      );
    }
    stop.abort();
  };
  const options = { config, schemaName: "ingest", workers: 1 };
  const first = new AbortController();
  const driven = driveRun({ ...options, runId: run.id, stop: first.signal });
  await Promise.all([assert.rejects(driven, StoppedAtOnce), stopWhenBlocked(first)]);
  const second = new AbortController();
  await Promise.all([
    work({ ...options, signal: second.signal, graceMs: 0 }),
    stopWhenBlocked(second),
  ]);
  await locker.query("rollback");
});
