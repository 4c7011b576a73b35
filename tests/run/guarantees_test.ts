import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { readProgress } from "../../src/ledger/runs/progress.ts";
import {
  reopenRun,
  requestCancel,
  requestFailure,
  startRun,
} from "../../src/ledger/runs/run_states.ts";
import { findRun } from "../../src/ledger/runs/runs.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { settle } from "../../src/ledger/runs/settle.ts";
import { BatchWorker } from "../../src/run/work/batch_worker.ts";
import { WorkerConnection } from "../../src/run/work/worker_connection.ts";
import { until } from "../support/until.ts";
import { count, type Workshop, workshop } from "./importing.ts";

const ITEMS = "create table items (id int primary key, name text not null check (name <> 'bad'))";
const BATCHES_OF_TEN = "table: items\noptions: { batch_rows: 10 }\n";

function items(rows: number, name = (id: number) => `item ${id}`): string {
  const lines = Array.from({ length: rows }, (_, i) => `${i + 1},${name(i + 1)}`);
  return `id,name\n${lines.join("\n")}\n`;
}

Deno.test("a batch's rows, outcomes, counts and state are committed together or not at all", async (t) => {
  const failing = (id: number) => id === 5 ? "bad" : `item ${id}`;
  // Make each of the batch's own writes fail once.
  for (const table of ["logged_rows", "batch_errors", "batches"]) {
    await t.step(`when ${table} can't be written`, async () => {
      await using shop = await workshop(ITEMS);
      const { session } = shop;
      const run = await shop.create(BATCHES_OF_TEN, items(10, failing));
      await session.query(
        `create function refuse() returns trigger language plpgsql as $$
         begin raise 'the ledger is full' using errcode = '53100'; end $$;
         create trigger refuse before insert or update on ingest.${table}
         for each row ${table === "batches" ? "when (new.status = 'completed')" : ""}
         execute function refuse()`,
      );
      const ended = await shop.drive(run);
      assert.equal(ended.status, "failed");
      assert.match(ended.error!.message, /the ledger is full.*53100/);
      assert.equal(await count(session, "items"), 0);
      assert.equal(await count(session, "ingest.rows"), 0);
      assert.equal(await count(session, "ingest.batch_errors"), 0);
      assert.equal(await count(session, "ingest.batches where status = 'completed'"), 0);

      await session.query(`drop trigger refuse on ingest.${table}`);
      assert.ok(await reopenRun(shop.ledger, run.id, null, null));
      assert.equal((await shop.drive(run)).status, "completed_with_errors");
      assert.equal(await count(session, "items"), 9);
    });
  }
});

Deno.test("Postgres refuses counts that give a row no outcome, or two", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.create(BATCHES_OF_TEN, items(25, (id) => id === 5 ? "bad" : "good"));
  await shop.drive(run);
  const progress = await readProgress(shop.ledger, run.id);
  assert.deepEqual(
    [progress.total, progress.processed, progress.successful, progress.created, progress.failed],
    [25, 25, 24, 24, 1],
  );
  for (const change of ["created = created + 1", "failed = failed - 1", "row_count = 9"]) {
    await assert.rejects(
      shop.session.query(`update ingest.batches set ${change} where number = 1`),
      { code: "23514", constraint_name: "batches_every_row_has_one_outcome" },
    );
  }
});

Deno.test("a terminal status is written once, and only resume leaves cancelled and failed", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger, session } = shop;
  const size = { rows: 10, bytes: 1000 };
  const run = await shop.create(BATCHES_OF_TEN, items(10));

  assert.ok(await requestCancel(ledger, run.id, "tester"));
  assert.ok(await requestCancel(ledger, run.id, "somebody else"), "asking again changes nothing");
  assert.deepEqual(await settle(ledger, run.id, size), {
    do: "end",
    from: "cancelling",
    to: "cancelled",
  });
  const cancelled = await findRun(ledger, run.id);
  assert.equal(cancelled!.cancel_requested_by, "tester");

  // None of this may change a run that has ended.
  assert.deepEqual(await settle(ledger, run.id, size), { do: "nothing" });
  assert.equal(await requestCancel(ledger, run.id, "late"), false);
  await requestFailure(ledger, run.id, { code: "late", message: "late" });
  assert.deepEqual(await findRun(ledger, run.id), cancelled);

  assert.ok(await reopenRun(ledger, run.id, "tester", null));
  assert.equal(await reopenRun(ledger, run.id, "tester", null), false);
  const completed = await shop.drive(run);
  assert.equal(completed.status, "completed");
  assert.equal(await reopenRun(ledger, run.id, "tester", null), false);
  assert.equal(await requestCancel(ledger, run.id, "late"), false);
  assert.deepEqual(await findRun(ledger, run.id), completed);
  const ends = await session.query<{ type: string }>(
    "select type from ingest.run_events where type in ('cancelled', 'completed', 'resumed')" +
      " order by id",
  );
  assert.deepEqual(ends.map(({ type }) => type), ["cancelled", "resumed", "completed"]);
});

Deno.test("no row is written once a run says cancelled, and resume completes it", async () => {
  await using shop = await workshop(ITEMS);
  const { database, ledger, session } = shop;
  const run = await shop.create(BATCHES_OF_TEN, items(5000));
  await using observer = await openAnother(shop);
  // Holds all workers up in the middle, however slow the observer is.
  await session.query(
    `create function hold_up() returns trigger language plpgsql as
       $$ begin perform pg_advisory_xact_lock_shared(7); return new; end $$;
     create trigger hold_up before insert on items for each row
       when (new.id > 2500) execute function hold_up()`,
  );
  await observer.query("select pg_advisory_lock(7)");
  const driven = shop.drive(run);
  await until(session, "(select count(*) > 100 from items)");
  await requestCancel(observer, run.id, "tester");
  await observer.query("select pg_advisory_unlock(7)");
  const cancelled = await driven;
  assert.equal(cancelled.status, "cancelled");
  const { processed } = await readProgress(ledger, run.id);
  assert.equal(await count(session, "items"), processed);
  assert.ok(processed < 5000, `cancelled too late to tell: ${processed}`);
  assert.equal(cancelled.summary!.processed, processed);
  // A process that was ended may still have one for a moment.
  await until(
    session,
    `not exists (select from pg_locks where locktype = 'advisory'
       and database = (select oid from pg_database where datname = '${database.config.database}'))`,
  );

  assert.ok(await reopenRun(ledger, run.id, "tester", null));
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(session, "items"), 5000);
});

Deno.test("bad rows never stop good ones, and their own bytes are kept", async () => {
  await using shop = await workshop(ITEMS);
  const { session } = shop;
  const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
  const bad = ["2,caf\xe9", "3,nul\0", "4,a,b", "x,text", '6,"open', "7,bad"];
  const file = latin1(["id,name", "1,one", ...bad, "8,eight", ""].join("\r\n"));
  const ended = await shop.drive(
    await shop.create("table: items\nsource: { encoding: utf-8 }\n", file),
  );
  assert.equal(ended.status, "completed_with_errors");
  const rows = await session.query<{ name: string }>("select name from items order by id");
  assert.deepEqual(rows.map(({ name }) => name), ["one", "eight"]);
  const failed = await session.query<{ row_number: number; line: number; raw: Uint8Array }>(
    "select row_number, line, raw from ingest.rows order by row_number",
  );
  assert.deepEqual(failed.map(({ row_number }) => row_number), [2, 3, 4, 5, 6, 7]);
  assert.deepEqual(failed.map(({ line }) => line), [3, 4, 5, 6, 7, 8]);
  assert.deepEqual(
    failed.map(({ raw }) => new TextDecoder("latin1").decode(raw)),
    bad.map((text) => new TextDecoder("latin1").decode(latin1(text))),
  );
});

Deno.test("serialization failures and deadlocks are tried again; bad data is not", async () => {
  await using shop = await workshop(ITEMS);
  const { session } = shop;
  await session.query(
    `create sequence attempts;
     create function stumble() returns trigger language plpgsql as $$
     begin
       if nextval('attempts') <= 3 then
         raise 'try again' using errcode = case currval('attempts') % 2
           when 0 then '40P01' else '40001' end;
       end if;
       return null;
     end $$;
     create trigger stumble after insert on items for each statement execute function stumble()`,
  );
  const run = await shop.create(BATCHES_OF_TEN, items(10));
  await startRun(shop.ledger, run.id);
  await planRun(shop.ledger, await prepareRun(session, run, "ingest"));
  // By itself: no other process takes the batch when it looks as if nobody was at it.
  const worker = new BatchWorker({
    connection: new WorkerConnection(shop.database.config, "ingest", "ingest worker"),
    ...{ schemaName: "ingest", name: "worker" },
    onEvent: ({ type }) => {
      if (type === "idle") worker.stop();
    },
  });
  await worker.run({ onlyRun: run.id, table: null });
  assert.equal((await findRun(shop.ledger, run.id))?.status, "completed");
  assert.equal(await count(session, "items"), 10);
  const [{ attempts }] = await session.query<{ attempts: number }>(
    "select attempts from ingest.batches",
  );
  assert.equal(attempts, 1, "a process that survives takes its attempts back");
});

Deno.test("a file that changes while it is read fails the run, and nothing of the change is loaded", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.create(BATCHES_OF_TEN, items(100));
  await Deno.writeTextFile(shop.file, items(100, (id) => `other ${id}`));
  const ended = await shop.drive(run);
  assert.equal(ended.status, "failed");
  assert.match(ended.error!.message, /changed while it was read/);
  assert.equal(await count(shop.session, "items where name like 'other%'"), 0);
});

Deno.test("a file that changes after it was planned is noticed by the batch that reads it", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.create(BATCHES_OF_TEN, items(100));
  await startRun(shop.ledger, run.id);
  assert.equal(
    await planRun(shop.ledger, await prepareRun(shop.session, run, "ingest")),
    "planned",
  );
  // Change one row of the fifth batch, keeping its length.
  await Deno.writeTextFile(shop.file, items(100, (id) => id === 45 ? "evil 45" : `item ${id}`));
  const ended = await shop.drive(run);
  assert.equal(ended.status, "failed");
  assert.match(ended.error!.message, /changed while it was read/);
  assert.equal(await count(shop.session, "items where id between 41 and 50"), 0);
});

Deno.test("a file that grows after it was planned fails the run, and its last rows aren't loaded", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.create(BATCHES_OF_TEN, items(100).trimEnd());
  await startRun(shop.ledger, run.id);
  await planRun(shop.ledger, await prepareRun(shop.session, run, "ingest"));
  await Deno.writeTextFile(shop.file, "th\n101,more\n", { append: true });
  const ended = await shop.drive(run);
  assert.equal(ended.status, "failed");
  assert.match(ended.error!.message, /grew from \d+ to \d+ bytes/);
  assert.equal(await count(shop.session, "items"), 0);
});

Deno.test("a file that grows while its last batch waits for a lock fails the run", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.create("table: items", items(3).trimEnd());
  await using other = await openAnother(shop);
  await other.query("begin; lock table items in share mode");
  const driving = shop.drive(run);
  await until(shop.session, "exists (select from pg_locks where not granted)");
  await Deno.writeTextFile(shop.file, "rd", { append: true });
  await other.query("commit");
  const ended = await driving;
  assert.equal(ended.status, "failed");
  assert.match(ended.error!.message, /grew from \d+ to \d+ bytes/);
  assert.equal(await count(shop.session, "items"), 0);
});

Deno.test("a file that was copied into UTF-8 and grows while its last batch waits fails the run, too", async () => {
  await using shop = await workshop(ITEMS);
  const utf16 = (text: string) =>
    new Uint8Array(Uint16Array.from(text, (c) => c.charCodeAt(0)).buffer);
  const definition = "table: items\nsource: { encoding: utf-16le }";
  const run = await shop.create(definition, utf16(items(3).trimEnd()));
  await using other = await openAnother(shop);
  await other.query("begin; lock table items in share mode");
  const driving = shop.drive(run);
  await until(shop.session, "exists (select from pg_locks where not granted)");
  await Deno.writeFile(shop.file, utf16("rd"), { append: true });
  await other.query("commit");
  const ended = await driving;
  assert.equal(ended.status, "failed");
  assert.match(ended.error!.message, /data\.csv: .* grew from \d+ to \d+ bytes/i);
  assert.equal(await count(shop.session, "items"), 0);
});

async function openAnother(shop: Workshop): Promise<Ledger & AsyncDisposable> {
  const session = await Session.open(shop.database.config);
  const ledger = new Ledger(session, "ingest");
  return Object.assign(ledger, { [Symbol.asyncDispose]: () => session.close() });
}
