/** Connections that were forgotten on the way, or that the server doesn't grant. */
import assert from "node:assert/strict";
import {
  type DatabaseConfig,
  DatabaseUnreachable,
  Session,
  SessionLost,
} from "../../../src/db/session.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { cancelRun } from "../../../src/run/request/cancel.ts";
import { driveRun } from "../../../src/run/work/drive.ts";
import { WorkerPool } from "../../../src/run/work/pool.ts";
import { work } from "../../../src/run/work/work.ts";
import { silentProxy } from "../../db/silent_proxy.ts";
import { PATIENCE, until, untilSeen } from "../../support/until.ts";
import { type Workshop, workshop } from "../importing.ts";

Deno.test("a command ends although the connection for its looks was forgotten on the way", async () => {
  await using shop = await workshop("create table t (n int)");
  const { config } = shop.database;
  await using proxy = await silentProxy(config);
  const session = await Session.open(proxy.config);
  const ledger = new Ledger(session, "ingest");
  const run = await shop.create("table: t", "n\n1\n2\n");
  proxy.hold();
  const options = { config, schemaName: "ingest", runId: run.id, workers: 1, ledger };
  const ended = await driveRun({ ...options, lookTimeout: 1_000 });
  assert.equal(ended.status, "completed");
  assert.equal(session.lost, true);
});

/** A role that may have this many connections, and everything else. */
async function limitedRole({ database, session }: Workshop, limit: number): Promise<
  AsyncDisposable & { readonly config: DatabaseConfig }
> {
  const role = `role_${database.config.database}`;
  await session.execute(`
    create role ${role} login password 'secret' connection limit ${limit};
    grant all on schema ingest, public to ${role};
    grant all on all tables in schema ingest, public to ${role}`);
  return {
    config: { ...database.config, user: role, password: "secret" },
    [Symbol.asyncDispose]: async () => {
      await session.execute(`drop owned by ${role}; drop role ${role}`);
    },
  };
}

Deno.test("a run is cancelled even if there is no connection but the one for its looks", async () => {
  await using shop = await workshop("create table t (n int)");
  await using role = await limitedRole(shop, 0);
  const run = await shop.create("table: t", "n\n1\n2\n");
  const asked = new AbortController();
  const ended = driveRun({
    ...{ config: role.config, schemaName: "ingest", runId: run.id, workers: 1 },
    ledger: shop.ledger,
    onLook: () => asked.abort(),
    cancel: {
      asked: asked.signal,
      request: async (ledger) => {
        await cancelRun(ledger, run.id, "tester");
      },
    },
  });
  assert.equal((await ended).status, "cancelled");
});

Deno.test("a batch whose connection somebody ends, again and again, is loaded all the same", async () => {
  await using shop = await workshop("create table t (n int)");
  const { config, admin } = shop.database;
  const run = await shop.create("table: t", "n\n1\n2\n");
  const warnings: string[] = [];
  await shop.session.execute("begin");
  await shop.session.execute("lock table t in exclusive mode");
  const driven = driveRun({
    ...{ config, schemaName: "ingest", runId: run.id, workers: 1 },
    onWarning: (line) => warnings.push(line),
  });
  // More often than a batch may end its process. On a busy machine, a process that rescues batches may
  // take the worker's place.
  let ended = 0;
  await untilSeen(admin, "the batch is tried again", async () => {
    const rows = await admin.query<{ ended: boolean }>(
      `select pg_terminate_backend(pid, 5000) as ended from pg_stat_activity
       where datname = $1 and wait_event_type = 'Lock'
         and (application_name like '%worker%' or application_name like '%rescue%')`,
      [config.database],
    );
    ended += rows.length;
    return ended >= 5;
  });
  await shop.session.execute("commit");
  assert.equal((await driven).status, "completed");
  assert.deepEqual(await shop.session.query("select count(*) as n from t"), [{ n: 2 }]);
  assert.deepEqual(warnings, [
    "Postgres ended a worker's connection: terminating connection due to administrator command " +
    "(SQLSTATE 57P01). Trying again.",
  ]);
});

Deno.test("what the server says before it ends an idle connection is known", async () => {
  await using shop = await workshop("create table t (n int)");
  const { config, admin } = shop.database;
  let lost = () => {};
  const gone = new Promise<void>((resolve) => lost = resolve);
  await using session = await Session.open(config, { onLost: () => lost() });
  await admin.query("select pg_terminate_backend($1, 5000)", [session.backendPid]);
  await gone;
  await assert.rejects(
    session.query("select 1"),
    (error) =>
      error instanceof SessionLost && error.cause instanceof Error && "code" in error.cause &&
      error.cause.code === "57P01",
  );
});

for (const limit of [1, 2, 3]) {
  Deno.test(`with ${limit} of the connections that it wants, a run works with fewer workers`, async () => {
    await using shop = await workshop("create table t (n int)");
    await using role = await limitedRole(shop, limit);
    const lines = Array.from({ length: 50 }, (_, n) => `${n}\n`).join("");
    const run = await shop.create("table: t\noptions: { batch_rows: 10 }", `n\n${lines}`);
    const warnings: string[] = [];
    const warned = Promise.withResolvers<void>();
    // No worker is done before another one has asked for a connection.
    await shop.session.execute("begin; lock table t in exclusive mode");
    const driven = driveRun({
      ...{ config: role.config, schemaName: "ingest", runId: run.id, workers: 3 },
      // The connection for the looks is another role's.
      ledger: shop.ledger,
      onWarning: (line) => {
        warnings.push(line);
        warned.resolve();
      },
    });
    await Promise.race([warned.promise, driven]);
    await shop.session.execute("commit");
    const ended = await driven;
    assert.equal(ended.status, "completed");
    assert.deepEqual(await shop.session.query("select count(*) as n from t"), [{ n: 50 }]);
    assert.equal(warnings.length, 1, warnings.join("\n"));
    assert.match(
      warnings[0],
      /too many connections for role .* Until then there are fewer workers/,
    );
  });
}

Deno.test("a process that works on all runs gets by with two connections, and then looks for new runs", async () => {
  await using shop = await workshop("create table t (n int)");
  await using role = await limitedRole(shop, 2);
  const run = await shop.create("table: t\noptions: { batch_rows: 1 }", "n\n1\n2\n3\n4\n");
  const end = new AbortController();
  const options = { config: role.config, schemaName: "ingest", workers: 3 };
  const working = work({ ...options, signal: end.signal, graceMs: PATIENCE });
  try {
    await until(
      shop.session,
      `(select status = 'completed' from ingest.runs where id = ${run.id})`,
    );
  } finally {
    end.abort();
    await working;
  }
});

Deno.test("without a connection for any worker, a command ends and says why", async () => {
  await using shop = await workshop("create table t (n int)");
  await using role = await limitedRole(shop, 0);
  const run = await shop.create("table: t", "n\n1\n");
  const { config } = role;
  const pool = new WorkerPool({ config, schemaName: "ingest", workers: 2, patience: 300 });
  const { ledger } = shop;
  await assert.rejects(
    driveRun({ config, schemaName: "ingest", runId: run.id, workers: 2, ledger, pool }),
    (error) =>
      error instanceof DatabaseUnreachable && /too many connections for role/.test(error.message),
  );
});
