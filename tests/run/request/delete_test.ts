import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { RowLogWriter } from "../../../src/kernel/row_log.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { reopenRun, startRun } from "../../../src/ledger/runs/run_states.ts";
import { copyRows } from "../../../src/ledger/rows/rows.ts";
import { NoSuchRun } from "../../../src/ledger/runs/runs.ts";
import { deleteRun } from "../../../src/run/request/delete.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { waitForRun } from "../../../src/run/request/wait.ts";
import { spool } from "../../../src/source/file/spool.ts";
import { bytesOf } from "../../source/records.ts";
import { age, DEFINITION, leftovers, loaded, PEOPLE, retried, retry } from "../chains.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { recordFormat } from "../../../src/source/format.ts";

Deno.test("a deleted run is gone with its log and its stored file; what it loaded stays", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 3, 2);
  const folder = await Deno.makeTempDir();
  const { path } = await spool(shop.file, folder, ".csv");
  await shop.session.execute("update ingest.runs set processed_filepath = $1", [path]);
  const deleted = await deleteRun(shop.ledger, run.id);
  const { size } = await Deno.stat(shop.file);
  assert.deepEqual(deleted, {
    runs: [run.id],
    rows: 5,
    copies: { files: 1, bytes: size, left: [] },
  });
  assert.deepEqual(await leftovers(shop), {});
  assert.deepEqual([...Deno.readDirSync(folder)], []);
  assert.equal(await count(shop.session, "people"), 3);
  await assert.rejects(deleteRun(shop.ledger, run.id), NoSuchRun);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a stored file that can't be removed is reported, and one with an unknown name left alone", async () => {
  await using shop = await workshop(PEOPLE);
  const folder = await Deno.makeTempDir();
  // Not even root can remove a folder as if it were a file.
  const stubborn = `${folder}/${crypto.randomUUID()}.csv`;
  await Deno.mkdir(`${stubborn}/inside`, { recursive: true });
  const first = await loaded(shop, 1, 0);
  await shop.session.execute("update ingest.runs set processed_filepath = $1", [stubborn]);
  const { copies } = await deleteRun(shop.ledger, first.id);
  assert.equal(copies.files, 0);
  assert.equal(copies.left.length, 1);
  assert.ok(copies.left[0].startsWith(`${stubborn}: `), copies.left[0]);
  const second = await loaded(shop, 1, 0);
  await shop.session.execute("update ingest.runs set processed_filepath = $1", [shop.file]);
  assert.equal((await deleteRun(shop.ledger, second.id)).copies.files, 0);
  await Deno.stat(shop.file);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a run is deleted with its retries, once all of them have ended", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 2, 3);
  const first = await retried(shop, { of: run, fixed: [3], failed: [4, 5] });
  const second = await retried(shop, { of: first, status: "processing" });
  await refused(
    shop,
    run.id,
    /its retries would be deleted too, and run 3 is processing\. .* cancel 3 --wait/,
  );
  assert.equal(await count(shop.session, "ingest.runs"), 3);
  await shop.session.execute(
    "update ingest.runs set status = 'cancelled', completed_at = now() where id = $1",
    [second.id],
  );
  const { runs, rows } = await deleteRun(shop.ledger, run.id);
  assert.deepEqual([runs, rows], [[run.id, first.id, second.id], 8]);
  assert.deepEqual(await leftovers(shop), {});
});

Deno.test("a retry is deleted alone only if the rest of its chain stays true", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 2, 3);
  const rehearsal = await retried(shop, { of: run, dryRun: true, fixed: [3, 4, 5] });
  const useless = await retried(shop, { of: run, failed: [3, 4, 5] });
  const useful = await retried(shop, { of: useless, fixed: [4], failed: [3, 5] });
  await refused(shop, useful.id, /run 1 counts the rows that it fixed\. .*: ingest delete 1$/);
  await refused(shop, useless.id, /run 4 is a retry of it\. .*: ingest delete 1$/);
  assert.deepEqual((await deleteRun(shop.ledger, rehearsal.id)).runs, [rehearsal.id]);
  const last = await retried(shop, { of: useful, failed: [3, 5] });
  assert.deepEqual((await deleteRun(shop.ledger, last.id)).runs, [last.id]);
  assert.equal(await count(shop.session, "ingest.runs"), 3);
});

Deno.test("a run that has not ended is not deleted, and the error says how to end it", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await shop.create(DEFINITION, "id\n1\n");
  await refused(shop, run.id, /^Cannot delete run 1: it is pending\. .*: ingest cancel 1 --wait$/);
  await startRun(shop.ledger, run.id);
  await refused(shop, run.id, /it is processing/);
  assert.equal((await shop.drive(run)).status, "completed");
  await deleteRun(shop.ledger, run.id);
});

Deno.test("deleting an active run is refused at once, whatever locks its batches hold", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await shop.create(DEFINITION, "id\n1\n");
  await startRun(shop.ledger, run.id);
  await using batch = await Session.open(shop.database.config);
  await batch.execute(
    `begin; insert into ingest.run_events (run_id, type) values (${run.id}, 'x')`,
  );
  await shop.session.execute("set lock_timeout = '1s'");
  await refused(shop, run.id, /it is processing/);
  await batch.execute("rollback");
});

Deno.test("deleting a run by SQL also deletes its log, including rows being logged meanwhile", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 1, 2);
  await using other = await Session.open(shop.database.config);
  const batch = new Ledger(other, "ingest");
  await batch.query("begin");
  const log = new RowLogWriter(run.id, recordFormat(run.source.format, run.header));
  log.begin(bytesOf("9"));
  log.add({ start: 0, end: 1, row: 9, line: 10 }, "created", null);
  await copyRows(batch, run.id, log.rows());
  const deleting = shop.session.execute("delete from ingest.runs");
  await waiting(shop, 1);
  await batch.query("commit");
  await deleting;
  assert.deepEqual(await leftovers(shop), {});
});

Deno.test("a retry that is created while its run is deleted keeps the run; a late one finds nothing", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 1, 1);
  await using other = await Session.open(shop.database.config);
  const insert = `insert into ingest.runs (importer, definition, source, parent_id,
    retried_from_run_id) select importer, definition, source, ${run.id}, ${run.id}
    from ingest.runs where id = ${run.id}`;
  await other.execute(`begin; ${insert}`);
  const early = refused(shop, run.id, /its retries would be deleted too, and run 2 is pending/);
  await waiting(shop, 1);
  await other.execute("commit");
  await early;
  await other.execute("delete from ingest.runs where id = 2");

  await shop.session.execute("begin");
  await shop.session.execute(`select from ingest.runs where id = ${run.id} for update`);
  const late = assert.rejects(other.execute(insert), { code: "23503" });
  await waiting(shop, 1);
  await shop.session.execute(`delete from ingest.runs where id = ${run.id}; commit`);
  await late;
});

Deno.test("a retry that is requested while its run is deleted says that there is no such run", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 1, 2);
  const useless = await shop.drive(await retry(shop, run));
  await using other = await Session.open(shop.database.config);
  const elsewhere = { ...shop, ledger: new Ledger(other, "ingest") };
  for (const doomed of [useless, run]) {
    // The retry has read the run and waits for the deletion's locks.
    await shop.session.execute(`begin; select from ingest.runs where id = ${run.id} for update`);
    const retrying = assert.rejects(retry(elsewhere, doomed), NoSuchRun);
    await waiting(shop, 1);
    await shop.session.execute(`delete from ingest.runs where id = ${doomed.id}; commit`);
    await retrying;
  }
});

Deno.test("a run that is being resumed while it is deleted is kept", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 1, 1);
  await shop.session.execute("update ingest.runs set status = 'cancelled'");
  await using other = await Session.open(shop.database.config);
  const resuming = new Ledger(other, "ingest");
  const resumed = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const commit = other.execute.bind(other);
  // Stops the resume just before its commit.
  other.execute = async (text, parameters) => {
    if (text !== "commit") return await commit(text, parameters);
    resumed.resolve();
    await go.promise;
    return await commit(text, parameters);
  };
  const reopening = reopenRun(resuming, run.id, null, null);
  await resumed.promise;
  const deleting = refused(shop, run.id, /it is processing/);
  await waiting(shop, 1);
  go.resolve();
  await deleting;
  assert.equal(await reopening, true);
  assert.equal(await count(shop.session, "ingest.rows"), 2);
});

Deno.test("a process that waits for a run, or works on it, is told when it is deleted", async () => {
  await using shop = await workshop(PEOPLE);
  await using other = await Session.open(shop.database.config);
  const vanish = () => other.execute("delete from ingest.runs");
  const waited = await shop.create(DEFINITION, "id\n1\n");
  const looked = Promise.withResolvers<void>();
  const waits = waitForRun((look) => look(shop.ledger), waited.id, {
    timeoutMs: null,
    onProgress: () => looked.resolve(),
  });
  await looked.promise;
  await vanish();
  await assert.rejects(waits, NoSuchRun);
  const driven = await shop.create(DEFINITION, "id\n1\n");
  await vanish();
  await assert.rejects(shop.drive(driven), NoSuchRun);
});

Deno.test("when two delete one run at once, one succeeds and the other is told there is no such run", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 50, 50);
  await age(shop, 1, run);
  await using session = await Session.open(shop.database.config);
  const results = await Promise.allSettled([
    deleteRun(shop.ledger, run.id),
    deleteRun(new Ledger(session, "ingest"), run.id),
  ]);
  const [done, missed] = results.toSorted((a, b) => a.status.localeCompare(b.status));
  assert.ok(done.status === "fulfilled" && missed.status === "rejected");
  assert.deepEqual([done.value.rows, missed.reason instanceof NoSuchRun], [100, true]);
});

async function refused(shop: Workshop, id: number, message: RegExp): Promise<void> {
  await assert.rejects(deleteRun(shop.ledger, id), (error) => {
    assert.ok(error instanceof Refused, String(error));
    assert.match(error.message, message);
    return true;
  });
}

/** Waits until this many sessions of the database wait for a lock. */
async function waiting({ database }: Workshop, sessions: number): Promise<void> {
  for (;;) {
    const [{ n }] = await database.admin.query<{ n: number }>(
      `select count(*) as n from pg_stat_activity
       where datname = $1 and wait_event_type = 'Lock'`,
      [database.config.database],
    );
    if (n >= sessions) return;
    await database.admin.query("select pg_sleep(0.01)");
  }
}
