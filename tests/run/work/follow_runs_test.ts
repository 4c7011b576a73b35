/** What the log of a server tells of runs. */
import assert from "node:assert/strict";
import type { LogEntry } from "../../../src/observe/log_entry.ts";
import { batchSizeOf } from "../../../src/ledger/batches/next_phase.ts";
import { requestCancel } from "../../../src/ledger/runs/run_states.ts";
import { settleRun } from "../../../src/run/settle_run.ts";
import { RunFollower } from "../../../src/run/work/follow_runs.ts";
import { work } from "../../../src/run/work/work.ts";
import { Session } from "../../../src/db/session.ts";
import { PATIENCE, until } from "../../support/until.ts";
import { workshop } from "../importing.ts";

const TABLE = "create table t (id int primary key)";

Deno.test("the log tells of each step of a run, with its number, and of each only once", async () => {
  await using shop = await workshop(TABLE);
  const log: LogEntry[] = [];
  const follower = new RunFollower((entry) => log.push(entry), 0);
  await shop.drive(await shop.create("table: t", "id\n1\n"));
  await follower.look(shop.ledger);
  assert.equal(log.length, 0, "what was before the server is not news");

  const good = await shop.drive(await shop.create("table: t", "id\n2\nx\n"));
  await follower.look(shop.ledger);
  await follower.look(shop.ledger);
  assert.deepEqual(log.map(({ message, run_id }) => [message, run_id]), [
    ["run created", good.id],
    ["run started", good.id],
    ["run planned", good.id],
    ["run completed", good.id],
  ]);
  const { level, importer, status, created, failed } = log[3];
  assert.deepEqual({ level, importer, status, created, failed }, {
    level: "info",
    importer: "test",
    status: "completed_with_errors",
    created: 1,
    failed: 1,
  });
  assert.deepEqual([log[0].file, log[0].by], ["data.csv", "tester"]);

  log.length = 0;
  const bad = await shop.create("table: t", "id\n3\n");
  await shop.session.query("drop table t");
  await shop.drive(bad);
  await follower.look(shop.ledger);
  const end = log[log.length - 1];
  assert.deepEqual([end.level, end.message, end.run_id], ["error", "run failed", bad.id]);
  assert.match(JSON.stringify(end.error), /There is no table t/);
});

Deno.test("the log tells of a cancelled run, and goes on when the numbers of events begin again", async () => {
  await using shop = await workshop(TABLE);
  const log: LogEntry[] = [];
  const follower = new RunFollower((entry) => log.push(entry), 0);
  await follower.look(shop.ledger);
  const run = await shop.create("table: t", "id\n1\n");
  await requestCancel(shop.ledger, run.id, "ana");
  await settleRun(shop.ledger, run.id, batchSizeOf(run.definition));
  await follower.look(shop.ledger);
  assert.deepEqual(log.map(({ message, by }) => [message, by]), [
    ["run created", "tester"],
    ["run cancel requested", "ana"],
    ["run cancelled", undefined],
  ]);
});

Deno.test("the log tells of a connection that was lost, with its run, and that it is back", async () => {
  await using shop = await workshop(TABLE);
  const { config } = shop.database;
  const log: LogEntry[] = [];
  const run = await shop.create("table: t", "id\n1\n");
  await shop.session.query("begin; lock table t in access exclusive mode");
  const stop = new AbortController();
  const working = work({
    ...{ config, schemaName: "ingest", workers: 1, graceMs: PATIENCE, signal: stop.signal },
    log: (entry) => log.push(entry),
  });
  const isSo = async (sql: string) => {
    const [{ so }] = await shop.database.admin.query<{ so: boolean }>(sql, [config.database]);
    return so;
  };
  const waits = `from pg_stat_activity where datname = $1 and application_name like '%worker 1%'
    and wait_event_type = 'Lock'`;
  while (!await isSo(`select exists (select ${waits}) as so`));
  await shop.database.admin.query(`select pg_terminate_backend(pid) ${waits}`, [config.database]);
  await shop.session.query("commit");
  const told = (text: RegExp) => log.find(({ message }) => text.test(message));
  while (told(/worker 1 is back/) === undefined) {
    await shop.database.admin.query("select pg_sleep(0.01)");
  }
  const lost = told(/^The connection of worker 1 was lost: terminating connection due to admin/);
  assert.deepEqual([lost?.level, lost?.run_id], ["warning", run.id]);
  stop.abort();
  await working;
});

Deno.test("the log tells the last steps of a run, even if a look is in progress when the server stops", async () => {
  await using shop = await workshop(TABLE);
  const { config } = shop.database;
  const log: LogEntry[] = [];
  const follower = new RunFollower((entry) => log.push(entry), 0);
  await follower.look(shop.ledger);
  // The first look removes old keys after it has looked for what happened, and waits for this lock.
  await using locker = await Session.open(config);
  await locker.query("begin; lock table ingest.request_keys");
  const stop = new AbortController();
  const working = work({
    ...{ config, schemaName: "ingest", workers: 1, graceMs: PATIENCE, signal: stop.signal },
    follower,
  });
  const sessions = (which: string) =>
    `exists (select from pg_stat_activity where datname = current_database() and ${which})`;
  await until(
    shop.session,
    sessions("application_name = 'ingest monitor' and wait_event_type = 'Lock'"),
  );
  const run = await shop.create("table: t", "id\n1\n");
  await until(shop.session, `(select status = 'completed' from ingest.runs where id = ${run.id})`);
  stop.abort();
  await until(shop.session, `not ${sessions("application_name like '%worker%'")}`);
  await locker.query("rollback");
  await working;
  assert.deepEqual(
    log.map(({ message }) => message),
    ["run created", "run started", "run planned", "run completed"],
  );
});
