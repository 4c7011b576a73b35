import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { deleteUnneeded, recordPruned } from "../../../src/ledger/runs/deletion.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { forgetExpired } from "../../../src/ledger/undo/undo_expiry.ts";
import { prune } from "../../../src/run/request/prune.ts";
import { listReport, runReport } from "../../../src/report/run_report.ts";
import { age, DEFINITION, leftovers, loaded, PEOPLE, retried, retry } from "../chains.ts";
import { count, workshop } from "../importing.ts";
import { DAY, NOTHING, pruned, runIds } from "./pruning.ts";

Deno.test("old runs are deleted with their logs; young and active ones stay", async () => {
  await using shop = await workshop(PEOPLE);
  const old = await loaded(shop, 3, 0);
  const young = await loaded(shop, 2, 0);
  await age(shop, 31, old);
  await age(shop, 29, young);
  const open = await shop.create(DEFINITION, "id\n1\n");
  await shop.session.execute(
    "update ingest.runs set created_at = now() - interval '1 year' where id = $1",
    [open.id],
  );
  assert.deepEqual(await pruned(shop), { ...NOTHING, runs: 1, rows: 3 });
  assert.deepEqual(await runIds(shop), [young.id, open.id]);
  assert.equal(await count(shop.session, "ingest.rows"), 2);
  assert.deepEqual(await pruned(shop), NOTHING);
});

Deno.test("rows that a retry still needs stay; the rest of the run's log is deleted", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 4, 3);
  const first = await retried(shop, { of: run, fixed: [5], failed: [6, 7] });
  const second = await retried(shop, { of: first, fixed: [6], failed: [7] });
  await age(shop, 31, run, first, second);
  const kept = { ...NOTHING, keptRuns: 3, keptFailedRows: 1 };
  // Four created and two fixed of the first, one created and one fixed of the second, one created.
  assert.deepEqual(await pruned(shop), { ...kept, trimmedRows: 9 });
  assert.deepEqual(
    (await shop.session.query<{ run_id: number; row_number: number }>(
      "select run_id, row_number from ingest.rows order by run_id",
    )).map((row) => [row.run_id, row.row_number]),
    [[run.id, 7], [first.id, 7], [second.id, 7]],
  );
  // Nor is it kept who has fixed rows that are gone.
  assert.equal(await count(shop.session, "ingest.retried_ranges"), 0);
  assert.deepEqual(await pruned(shop), kept);
  assert.deepEqual(await pruned(shop, { force: true }), { ...NOTHING, runs: 3, rows: 3 });
  assert.deepEqual(await leftovers(shop), {});
});

Deno.test("a chain is deleted as a whole, when its last run is old and every row was fixed", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 1, 2);
  const first = await retried(shop, { of: run, fixed: [2], failed: [3] });
  const last = await retried(shop, { of: run, fixed: [3] });
  await age(shop, 31, run, first);
  assert.deepEqual(await pruned(shop), NOTHING);
  await age(shop, 31, last);
  assert.deepEqual(await pruned(shop), { ...NOTHING, runs: 3, rows: 6 });
  assert.deepEqual(await leftovers(shop), {});
});

Deno.test("an active retry keeps its chain, forced or not", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 1, 2);
  const retry = await retried(shop, { of: run, status: "processing" });
  await age(shop, 31, run);
  assert.deepEqual(await pruned(shop, { force: true }), NOTHING);
  assert.deepEqual(await runIds(shop), [run.id, retry.id]);
});

Deno.test("after its log was pruned, a chain has the same counts and can still be retried", async () => {
  await using shop = await workshop("create table people (id int primary key)");
  const upTo = (most: number) =>
    shop.session.execute(
      `alter table people drop constraint if exists small;
       alter table people add constraint small check (id <= ${most})`,
    );
  await upTo(2);
  const file = ["id", ...Array.from({ length: 8 }, (_, i) => i + 1), ""].join("\n");
  const runs = [await shop.drive(await shop.create(DEFINITION, file))];
  for (const most of [3, 5]) {
    await upTo(most);
    runs.push(await shop.drive(await retry(shop, runs[runs.length - 1])));
  }
  const unresolved = async () =>
    (await listReport(shop.ledger, { status: null, importer: null, limit: 9 }))
      .map(({ progress: { failed, unresolved } }) => [failed, unresolved]);
  const before = await unresolved();
  assert.deepEqual(before, [[3, 3], [5, 3], [6, 3]]);
  await age(shop, 31, ...runs);
  assert.equal((await pruned(shop)).trimmedRows, 5 + 3 + 2);
  assert.deepEqual(await unresolved(), before);
  for (const { id } of runs) {
    const { progress } = await runReport(shop.ledger, id, { rows: 0 });
    assert.equal(progress.unresolved, 3, `run ${id}`);
  }
  await upTo(8);
  const last = await shop.drive(await retry(shop, runs[1]));
  assert.equal(last.status, "completed");
  assert.equal(await count(shop.session, "people"), 8);
  await age(shop, 31, last);
  assert.equal((await pruned(shop)).runs, 4);
  assert.deepEqual(await leftovers(shop), {});
});

Deno.test("a prune at the same moment takes nothing from an active retry", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 1000, 1000);
  await age(shop, 31, run);
  await shop.session.execute("alter table people alter id type text");
  await using session = await Session.open(shop.database.config);
  // The retry may end before the prune begins, but then it is young.
  const request = { olderThanMs: 30 * DAY, spoolFolder: "/nonexistent", dryRun: false };
  const retrying = shop.drive(await retry(shop, run));
  const forced = await prune(new Ledger(session, "ingest"), { ...request, force: true });
  assert.equal(forced.runs, 0);
  const ended = await retrying;
  assert.equal(ended.status, "completed");
  assert.equal(await count(shop.session, "people"), 2000);
});

Deno.test("a run that is retried just before its turn stays, even with force", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 1, 1);
  await age(shop, 31, run);
  await forgetExpired(shop.ledger, 10);
  await using session = await Session.open(shop.database.config);
  const transaction = session.transaction.bind(session);
  session.transaction = async (work) => {
    await retry(shop, run);
    return await transaction(work);
  };
  const request = { olderThanMs: 30 * DAY, spoolFolder: "/nonexistent", dryRun: false };
  const { runs, rows, trimmedRows } = await prune(new Ledger(session, "ingest"), {
    ...request,
    force: true,
  });
  assert.deepEqual([runs, rows, trimmedRows], [0, 0, 1]);
  assert.deepEqual(await runIds(shop), [1, 2]);
  assert.equal(await count(shop.session, "ingest.rows where status = 'failed'"), 1);
});

Deno.test("failures of a dry run are no reason to keep it; those of its real retry are", async () => {
  await using shop = await workshop(PEOPLE);
  const rehearsal = await loaded(shop, 2, 2, { dryRun: true });
  await age(shop, 31, rehearsal);
  assert.deepEqual(await pruned(shop), { ...NOTHING, runs: 1, rows: 4 });
  const again = await loaded(shop, 2, 2, { dryRun: true });
  const real = await retried(shop, { of: again, fixed: [3], failed: [4] });
  await age(shop, 31, again, real);
  const { keptRuns, keptFailedRows } = await pruned(shop);
  assert.deepEqual([keptRuns, keptFailedRows], [2, 1]);
  const fixed = await loaded(shop, 0, 1);
  const dry = await retried(shop, { of: fixed, dryRun: true, fixed: [1] });
  await age(shop, 31, fixed, dry);
  await age(shop, 1, again, real);
  assert.equal((await pruned(shop)).keptRuns, 2);
});

Deno.test("failed rows that were never logged are no reason to keep a run, as none can be retried", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await shop.drive(
    await shop.create("table: people\noptions: {log_rows: none}", "id\nx\n"),
  );
  await age(shop, 31, run);
  assert.deepEqual(await pruned(shop), { ...NOTHING, runs: 1 });
});

Deno.test("two prunes beside an import delete everything once, and nothing of the import", async () => {
  await using shop = await workshop(PEOPLE);
  const old = [];
  for (let i = 0; i < 8; i++) old.push(await loaded(shop, 20, i % 2));
  await age(shop, 31, ...old);
  await using session = await Session.open(shop.database.config);
  await shop.session.execute("truncate people");
  const file = ["id", ...Array.from({ length: 20_000 }, (_, i) => i), ""].join("\n");
  const importing = shop.drive(await shop.create(DEFINITION, file));
  const request = { olderThanMs: 0, spoolFolder: "/nonexistent", force: true, dryRun: false };
  const [a, b] = await Promise.all([
    prune(shop.ledger, { ...request, olderThanMs: 30 * DAY }),
    prune(new Ledger(session, "ingest"), { ...request, olderThanMs: 30 * DAY }),
  ]);
  assert.equal(a.runs + b.runs, 8);
  assert.equal(a.rows + b.rows + a.trimmedRows + b.trimmedRows, 8 * 20 + 4);
  const run = await importing;
  assert.equal(run.status, "completed");
  assert.deepEqual(await runIds(shop), [run.id]);
  assert.equal(await count(shop.session, "ingest.rows"), 20_000);
});

Deno.test("a prune is recorded only for a run that another prune has not just deleted", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 1, 0);
  await using session = await Session.open(shop.database.config);
  await shop.session.execute(`begin; delete from ingest.runs where id = ${run.id}`);
  const recording = recordPruned(new Ledger(session, "ingest"), run.id, 1);
  for (let waits = false; !waits;) {
    [{ waits }] = await shop.session.query<{ waits: boolean }>(
      `select cardinality(pg_blocking_pids(${session.backendPid})) > 0 as waits from pg_sleep(0.01)`,
    );
  }
  await shop.session.execute("commit");
  await recording;
  assert.deepEqual(await leftovers(shop), {});
});

Deno.test("a log is trimmed in steps, each of which checks a limited number of rows", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 5, 2);
  const step = (after: number) => deleteUnneeded(shop.ledger, run.id, run.id, after, 3);
  assert.deepEqual(await step(0), { deleted: 3, through: 3 });
  assert.deepEqual(await step(3), { deleted: 2, through: 6 });
  assert.deepEqual(await step(6), { deleted: 0, through: 7 });
  assert.deepEqual(await step(7), { deleted: 0, through: null });
  assert.equal(await count(shop.session, "ingest.rows"), 2);
});

Deno.test("all old runs are deleted, even if there are more than one query lists", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 0, 0);
  await shop.session.execute(
    `insert into ingest.runs (importer, definition, source, status, completed_at)
     select importer, definition, source, status, completed_at
     from ingest.runs, generate_series(1, 250) where id = $1`,
    [run.id],
  );
  await shop.session.execute("update ingest.runs set completed_at = now() - interval '31 days'");
  assert.equal((await pruned(shop)).runs, 251);
});

Deno.test("what took a run back is pruned with that run, and not before", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 2, 0);
  const [undo] = await shop.session.query<typeof run>(
    `insert into ingest.runs (importer, definition, source, kind, undoes_run_id, status, completed_at)
     select importer, definition, source, 'undo', id, 'completed', now() from ingest.runs
     where id = $1 returning *`,
    [run.id],
  );
  await age(shop, 31, run);
  assert.deepEqual(await pruned(shop), NOTHING, "what took it back is young");
  await age(shop, 29, run);
  await age(shop, 31, undo);
  assert.deepEqual(await pruned(shop), NOTHING, "it is not a run of its own");
  await age(shop, 31, run);
  assert.deepEqual(await pruned(shop), { ...NOTHING, runs: 1, rows: 2 });
  assert.deepEqual(await leftovers(shop), {});
});
