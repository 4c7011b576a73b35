/** A run that is loaded as a whole, and what happens to it meanwhile: the table is untouched, or complete. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { readProgress } from "../../../src/ledger/runs/progress.ts";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { isTerminal } from "../../../src/ledger/runs/statuses.ts";
import { cancelNow, cancelRun } from "../../../src/run/request/cancel.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { waiveRows } from "../../../src/run/request/waive.ts";
import { until } from "../../support/until.ts";
import { changedInTheMiddle, GATED, gated } from "../gate.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { tryRetry } from "../retrying.ts";

const TABLE = "create table t (id int primary key, v text);";
const WHOLE = "table: t\nkey: id\noptions: {transaction: run, batch_rows: 20}\n";
const FILE = `id,v\n${Array.from({ length: 200 }, (_, i) => `${i},v${i}`).join("\n")}\n`;

/** Somebody else is writing the row with this id, so whoever writes it, too, waits for them. */
async function holding<T>(
  { database: { config } }: Workshop,
  id: number,
  work: (holder: Session) => Promise<T>,
): Promise<T> {
  await using holder = await Session.open(config);
  await holder.query(`begin; insert into t values (${id}, 'somebody else''s')`);
  return await work(holder);
}

/** The transaction that loads all rows has come to a row that somebody holds. */
function hasCome({ session }: Workshop): Promise<void> {
  return until(
    session,
    "exists (select from pg_locks where locktype = 'transactionid' and not granted)",
  );
}

async function ended({ ledger }: Workshop, { id }: Run): Promise<Run> {
  const run = await requireRun(ledger, id);
  assert.ok(isTerminal(run.status), run.status);
  return run;
}

Deno.test("cancel ends a statement that waits for somebody, and leaves the table as it was", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(WHOLE, FILE);
  await holding(shop, 150, async () => {
    const driven = shop.drive(run);
    await hasCome(shop);
    await cancelRun(shop.ledger, run.id, "tester");
    // Nobody lets go of the row.
    assert.equal((await driven).status, "cancelled");
  });
  assert.equal(await count(shop.session, "t"), 0);
  assert.equal((await readProgress(shop.ledger, run.id)).processed, 0);
  await reopenForResume(shop.ledger, run.id, null, undefined);
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(shop.session, "t"), 200);
});

Deno.test("cancel at once ends the connection, and a resumed run is complete", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(WHOLE, FILE);
  await holding(shop, 150, async () => {
    const driven = shop.drive(run);
    await hasCome(shop);
    assert.equal((await cancelNow(shop.ledger, run.id, "tester")).run.status, "cancelled");
    await driven;
  });
  assert.equal(await count(shop.session, "t"), 0);
  await reopenForResume(shop.ledger, run.id, null, undefined);
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(shop.session, "t"), 200);
});

Deno.test("if its connection is cut in the middle, another one loads all rows", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(WHOLE, FILE);
  await holding(shop, 150, async (holder) => {
    const driven = shop.drive(run);
    await hasCome(shop);
    await shop.session.query(
      `select pg_terminate_backend(pid) from pg_locks
       where locktype = 'transactionid' and not granted and pid <> pg_backend_pid()`,
    );
    await holder.query("rollback");
    assert.equal((await driven).status, "completed");
  });
  assert.equal(await count(shop.session, "t"), 200);
  assert.equal((await readProgress(shop.ledger, run.id)).created, 200);
});

Deno.test("two processes don't both load the rows", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(WHOLE, FILE);
  const all = await Promise.all([shop.drive(run), shop.drive(run), shop.drive(run)]);
  assert.deepEqual(all.map(({ status }) => status), ["completed", "completed", "completed"]);
  assert.equal((await readProgress(shop.ledger, run.id)).created, 200);
});

Deno.test("a cancel that comes when all rows are loaded waits for the commit, and is refused", async () => {
  await using shop = await workshop(`${TABLE} ${GATED}
    create function slow() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock_shared(4242); return null; end $$;
    create trigger slow after update on ingest.runs for each row
      when (new.status = 'completed') execute function slow()`);
  const run = await shop.create(WHOLE, FILE);
  await using gatekeeper = await Session.open(shop.database.config);
  await gatekeeper.query("select pg_advisory_lock(4242)");
  const driven = shop.drive(run);
  await until(shop.session, "exists (select from pg_locks where objid = 4242 and not granted)");
  const cancelled = assert.rejects(cancelRun(shop.ledger, run.id, null), Refused);
  await gatekeeper.query("select pg_advisory_unlock(4242)");
  await cancelled;
  assert.equal((await driven).status, "completed");
  assert.equal(await count(shop.session, "t"), 200);
});

Deno.test("who alters the table waits for the transaction", async () => {
  await using shop = await workshop(`${TABLE} ${GATED} ${gated("t")}`);
  const run = await shop.create(WHOLE, FILE);
  const driven = await changedInTheMiddle(
    shop,
    run,
    "alter table t add column later int default 7",
  );
  assert.equal(driven.status, "completed");
  assert.equal(await count(shop.session, "t where later = 7"), 200);
});

Deno.test("a table that was altered after planning gets the rows as it is now", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(WHOLE, FILE);
  await shop.session.query("alter table t alter v type varchar(3)");
  const failed = await shop.drive(run);
  assert.equal(failed.error?.code, "rows_failed");
  assert.equal((await readProgress(shop.ledger, run.id)).failed, 100);
  assert.equal(await count(shop.session, "t"), 0);
});

Deno.test("a full disk fails the run, and it is resumed with all rows", async () => {
  await using shop = await workshop(`${TABLE}
    create function full_disk() returns trigger language plpgsql as $$ begin
      raise exception 'No space left on device' using errcode = 'disk_full'; end $$;
    create trigger full_disk before update on ingest.batches for each row
      when (new.number = 8 and new.status = 'completed') execute function full_disk()`);
  const run = await shop.drive(await shop.create(WHOLE, FILE));
  assert.equal(run.status, "failed");
  assert.match(run.error!.message, /No space left on device .*Free space/);
  assert.equal(await count(shop.session, "t"), 0);
  await shop.session.query("drop trigger full_disk on ingest.batches");
  await reopenForResume(shop.ledger, run.id, null, undefined);
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(shop.session, "t"), 200);
});

Deno.test("of a run that has loaded nothing, no rows can be waived, or retried alone", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(WHOLE, `${FILE}x,y\n`));
  assert.equal((await ended(shop, run)).error?.code, "rows_failed");
  const only = { groups: [], codes: ["validation"], columns: [] };
  await assert.rejects(tryRetry(shop, run.id, { only }), /all rows or none .* with all of them/u);
  const waiver = { run, which: { all: true } as const, user: null, undo: false, reason: "no" };
  await assert.rejects(waiveRows(shop.ledger, waiver), Refused);
  assert.equal(await count(shop.session, "t"), 0);
});
