import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { readProgress } from "../../../src/ledger/runs/progress.ts";
import { requestCancel, startRun } from "../../../src/ledger/runs/run_states.ts";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { cancelNow, cancelRun, waitUntilCancelled } from "../../../src/run/request/cancel.ts";
import { planRun } from "../../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../../src/run/prepare.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { work } from "../../../src/run/work/work.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { PATIENCE, until } from "../../support/until.ts";

const ITEMS = "create table items (id int primary key, name text)";
const BATCHES_OF_TEN = "table: items\noptions: { batch_rows: 10 }\n";

function items(rows: number): string {
  return ["id,name", ...Array.from({ length: rows }, (_, i) => `${i + 1},item ${i + 1}`), ""]
    .join("\n");
}

/**
 * Each batch takes a while, and records every write made while the run was `cancelled`. Rows that are not
 * allowed yet wait until they are, or until the run is to be cancelled: so it isn't over too early,
 * however slow the test is.
 */
const WATCHED = `${ITEMS};
  create table allowed (last_id int not null);
  insert into allowed values (0);
  create table too_late (at timestamptz);
  create function watch() returns trigger language plpgsql as $$
  begin
    while exists (select from added, allowed where id > last_id)
      and exists (select from ingest.runs where status = 'processing')
    loop
      perform pg_sleep(0.002);
    end loop;
    perform pg_sleep(0.02 * random());
    insert into too_late select clock_timestamp() from ingest.runs where status = 'cancelled';
    return null;
  end $$;
  create trigger watch after insert on items referencing new table as added
    for each statement execute function watch()`;

const INSTANTS = 20;
/** More than the batches in progress at an instant have. */
const ROWS_BETWEEN = 400;
const ROWS = 10_000;

for (const now of [false, true]) {
  Deno.test(
    `once a run says cancelled${
      now ? " at once" : ""
    }, not one more row is written: ${INSTANTS} instants, and resumed each time`,
    async () => {
      await using shop = await workshop(WATCHED);
      const { ledger, session } = shop;
      await using watcher = await openAnother(shop);
      const run = await shop.create(BATCHES_OF_TEN, items(ROWS));
      const end = new AbortController();
      const working = work({
        config: shop.database.config,
        schemaName: "ingest",
        workers: 3,
        signal: end.signal,
        graceMs: PATIENCE,
      });
      let undone = 0;
      try {
        for (let instant = 1; instant <= INSTANTS; instant++) {
          await untilItGoesOn(
            ledger,
            run,
            () => session.query("update allowed set last_id = $1", [instant * ROWS_BETWEEN]),
          );
          await session.query("select pg_sleep(0.1 * random())");
          const cancelled = now
            ? (await cancelNow(ledger, run.id, "tester")).run
            : await waitUntilCancelled(ledger, await cancelRun(ledger, run.id, "tester"));
          assert.equal(cancelled.status, "cancelled");
          const written = await count(watcher.session, "items");
          await untilNothingIsHeld(watcher);
          const { processed } = await readProgress(watcher, run.id);
          assert.deepEqual(
            [await count(watcher.session, "items"), processed, cancelled.summary?.processed],
            [written, written, written],
            `instant ${instant}`,
          );
          assert.equal(await count(watcher.session, "too_late"), 0);
          assert.ok(written < ROWS, `${written} rows`);
          undone += await count(session, "ingest.batches where status = 'processing'");
          await reopen(ledger, run);
        }
        if (now) assert.ok(undone > 0, "no batch was ever in progress");
        await session.query("update allowed set last_id = $1", [ROWS]);
        await session.query("drop trigger watch on items");
        const ended = await untilEnded(ledger, run);
        assert.deepEqual([ended.status, ended.summary?.created], ["completed", ROWS]);
        assert.equal(await count(session, "items"), ROWS);
      } finally {
        end.abort();
        await working;
      }
    },
  );
}

Deno.test("cancel waits for a batch that is held up by a lock; cancel at once doesn't, and resume loads it", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger, session } = shop;
  const run = await shop.create(BATCHES_OF_TEN, items(100));
  await using other = await openAnother(shop);
  await other.query("begin; lock table items in exclusive mode");
  const driven = shop.drive(run);
  await until(other, "(select count(*) >= 2 from pg_locks where not granted)");
  assert.equal((await cancelRun(ledger, run.id, "tester")).status, "cancelling");
  assert.equal((await waitUntilCancelled(ledger, run, 100)).status, "cancelling");
  const cancelled = await cancelNow(ledger, run.id, "tester");
  assert.deepEqual([cancelled.run.status, cancelled.untouchable], ["cancelled", 0]);
  assert.equal((await driven).status, "cancelled");
  await other.query("commit");
  assert.equal(await count(session, "items"), 0);
  await reopen(ledger, run);
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(session, "items"), 100);
});

Deno.test("a process frozen in the middle of its work doesn't keep a run from being cancelled at once", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger } = shop;
  for (const doing of ["a batch", "a plan", "settling"] as const) {
    const run = await planned(shop);
    const frozen = await openAnother(shop);
    await frozen.query("begin");
    switch (doing) {
      case "a batch":
        await frozen.query(
          `select pg_advisory_xact_lock_shared(${ledger.lockKey("run", String(run.id))})`,
        );
        break;
      case "a plan":
        // It has also locked the run's row, so that the request itself would have to wait for it.
        await frozen.query(`select pg_advisory_xact_lock(${ledger.lockKey("plan", String(run.id))});
          update ingest.runs set planned_rows = planned_rows where id = ${run.id}`);
        break;
      case "settling":
        await frozen.query(
          `select pg_advisory_xact_lock(${ledger.lockKey("run", String(run.id))})`,
        );
    }
    const cancelled = await cancelNow(ledger, run.id, "tester");
    assert.equal(cancelled.run.status, "cancelled", doing);
    await assert.rejects(frozen.query("commit"), doing);
    assert.ok(frozen.session.lost, doing);
  }
});

Deno.test("another role's connections are left alone, and counted", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger, session, database } = shop;
  const run = await planned(shop);
  await session.query(
    `begin; select pg_advisory_xact_lock_shared(${ledger.lockKey("run", String(run.id))})`,
  );
  const role = `stranger_${crypto.randomUUID().slice(0, 8)}`;
  const { admin, config } = database;
  await using stranger = await openAnother(shop);
  await admin.execute(`create role ${role} login password 'secret'`);
  try {
    await stranger.query(
      `grant usage on schema ingest to ${role}; grant all on all tables in schema ingest to ${role}`,
    );
    const weak = await Session.open({ ...config, user: role, password: "secret" });
    const left = await cancelNow(new Ledger(weak, "ingest"), run.id, "tester", 50);
    await weak.close();
    assert.deepEqual([left.run.status, left.untouchable], ["cancelling", 1]);
  } finally {
    await session.query("commit");
    await stranger.query(`drop owned by ${role}`);
    await admin.execute(`drop role ${role}`);
  }
  assert.equal((await waitUntilCancelled(ledger, run)).status, "cancelled");
});

Deno.test("two cancels at the same moment both succeed, and count as one", async () => {
  await using shop = await workshop(ITEMS);
  const run = await planned(shop);
  await using other = await openAnother(shop);
  // A second request that finds the row locked by the first doesn't see the first one's change.
  await shop.session.query("begin");
  assert.ok(await requestCancel(shop.ledger, run.id, "one"));
  const waiting = requestCancel(other, run.id, "two");
  await until(
    new Ledger(shop.database.admin, "ingest"),
    `(select bool_or(wait_event_type = 'Lock')
      from pg_stat_activity where pid = ${other.session.backendPid})`,
  );
  await shop.session.query("commit");
  assert.ok(await waiting);

  const both = await Promise.all([
    cancelRun(shop.ledger, run.id, "one").then((run) => waitUntilCancelled(shop.ledger, run)),
    cancelNow(other, run.id, "two").then(({ run }) => run),
  ]);
  assert.deepEqual(both.map(({ status }) => status), ["cancelled", "cancelled"]);
  assert.equal((await cancelRun(shop.ledger, run.id, "late")).status, "cancelled");
  assert.equal((await cancelNow(shop.ledger, run.id, "late")).run.status, "cancelled");
  const [{ requests, ends, by }] = await shop.session.query<Record<string, number | string>>(
    `select count(*) filter (where type = 'cancel requested') as requests,
       count(*) filter (where type = 'cancelled') as ends,
       (select cancel_requested_by from ingest.runs) as by
     from ingest.run_events`,
  );
  assert.deepEqual([requests, ends, by], [1, 1, "one"]);
});

Deno.test("a run that is being planned is cancelled between two steps, and resume finishes the plan", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger, session } = shop;
  await using other = await openAnother(shop);
  const run = await shop.create(BATCHES_OF_TEN, items(1000));
  await startRun(ledger, run.id);
  let steps = 0;
  const end = await planRun(ledger, await prepareRun(session, run, "ingest"), {
    stepBytes: 1000,
    onStep: () => {
      if (steps++ === 0) cancelling = cancelRun(other, run.id, "tester");
    },
  });
  assert.equal(end, "stopped");
  assert.equal((await cancelling)?.status, "cancelled");
  const { total_rows, planned_rows } = await requireRun(ledger, run.id);
  assert.equal(total_rows, null);
  assert.ok(planned_rows > 0 && planned_rows < 1000, String(planned_rows));
  await reopen(ledger, run);
  assert.equal((await shop.drive(run)).summary?.created, 1000);
});

let cancelling: Promise<Run> | null = null;

Deno.test("an ended run can't be cancelled: the error says how it ended, and which run retries its rows", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger, session } = shop;
  const run = await shop.create(BATCHES_OF_TEN, items(10).replace("3,item", "x,item"));
  await shop.drive(run);
  const refused = (message: RegExp) => (error: unknown) =>
    error instanceof Refused && message.test(error.message);
  for (const cancel of [cancelRun, cancelNow]) {
    await assert.rejects(
      cancel(ledger, run.id, "tester"),
      refused(/^Cannot cancel run 1: it is already completed with errors\.$/),
    );
  }
  await session.query(
    `insert into ingest.runs (parent_id, retried_from_run_id, importer, definition, source, header)
     select id, id, importer, definition, source, header from ingest.runs`,
  );
  await assert.rejects(
    cancelRun(ledger, run.id, "tester"),
    refused(/already .*\. Run 2 is retrying its failed rows\. .*: ingest cancel 2$/),
  );
  assert.equal((await cancelRun(ledger, 2, "tester")).status, "cancelled");
  assert.equal((await requireRun(ledger, run.id)).status, "completed_with_errors");
});

async function planned(shop: Workshop): Promise<Run> {
  const run = await shop.create(BATCHES_OF_TEN, items(30));
  await startRun(shop.ledger, run.id);
  await planRun(shop.ledger, await prepareRun(shop.session, run, "ingest"));
  return run;
}

async function reopen(ledger: Ledger, { id }: Run): Promise<void> {
  await reopenForResume(ledger, id, "tester", undefined);
}

async function openAnother(shop: Workshop): Promise<Ledger & AsyncDisposable> {
  const session = await Session.open(shop.database.config);
  const ledger = new Ledger(session, "ingest");
  return Object.assign(ledger, { [Symbol.asyncDispose]: () => session.close() });
}

/** Until another batch is done. All that are allowed may be done as soon as they are. */
async function untilItGoesOn(ledger: Ledger, run: Run, allow: () => Promise<unknown>) {
  const { processed } = await readProgress(ledger, run.id);
  await allow();
  await until(
    ledger,
    `(select processed > ${processed} from ingest.run_progress where run_id = ${run.id})`,
  );
}

/** Waits until no session holds a batch or has uncommitted writes. */
async function untilNothingIsHeld(ledger: Ledger): Promise<void> {
  await until(
    ledger,
    `not exists (
       select from pg_locks
       where database = (select oid from pg_database where datname = current_database())
         and (relation = 'items'::regclass and mode = 'RowExclusiveLock' or
           locktype = 'advisory' and ((classid::bigint << 32) | objid::bigint) in (
             select ${ledger.lockKey("batch", "id")} from ingest.batches)))`,
  );
}

async function untilEnded(ledger: Ledger, run: Run): Promise<Run> {
  await until(
    ledger,
    `(select completed_at from ingest.runs where id = ${run.id}) is not null`,
  );
  return await requireRun(ledger, run.id);
}
