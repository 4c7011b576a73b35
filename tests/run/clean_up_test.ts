/** What is old is removed by itself, in small pieces, and nothing that somebody needs. */
import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import type { KeepRule } from "../../src/importer/definition.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { holdCleaning } from "../../src/ledger/runs/retention.ts";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { wholeTimeline } from "../../src/report/timeline.ts";
import { runReport } from "../../src/report/run_report.ts";
import { CleanUp, type CleanUpOptions } from "../../src/run/clean_up.ts";
import { createRunFor } from "../../src/run/request/create.ts";
import { age, DEFINITION, leftovers, loaded, PEOPLE, retried, retry } from "./chains.ts";
import { count, type Workshop, workshop } from "./importing.ts";
import { working } from "./working.ts";

const DAY = 86_400_000;
const MONTH: KeepRule = { failed_rows: 30 * DAY };
const YEAR: KeepRule = { runs: 365 * DAY };

/** All pieces of a round; returns how many there were, and what was said. */
async function cleaned(shop: Workshop, options: CleanUpOptions) {
  const said: string[] = [];
  const cleanUp = new CleanUp({ log: (line) => said.push(line), ...options });
  let pieces = 1;
  while (await cleanUp.piece(shop.ledger) === "more") pieces++;
  return { pieces, said };
}

Deno.test("logged rows of old chains are removed, and the run says so", async () => {
  await using shop = await workshop(PEOPLE);
  const old = await loaded(shop, 2, 3);
  const young = await loaded(shop, 0, 2);
  await age(shop, 31, old);
  await age(shop, 29, young);
  const { said } = await cleaned(shop, { keep: MONTH });
  assert.deepEqual(said, [
    `Removed the logged rows of run ${old.id}: it ended more than 30 days ago.`,
  ]);
  assert.equal(await count(shop.session, "ingest.rows"), 2);
  const report = await runReport(shop.ledger, old.id, { rows: 0 });
  assert.ok(report.rows_removed_at !== null && report.progress.unresolved === 3);
  assert.equal((await runReport(shop.ledger, young.id, { rows: 0 })).rows_removed_at, null);
  const { data } = await wholeTimeline(shop.ledger, old);
  assert.deepEqual([data.at(-1)?.type, data.at(-1)?.text], [
    "rows removed",
    "they were kept for 30 days",
  ]);
  await assert.rejects(retry(shop, await requireRun(shop.ledger, old.id)), {
    name: "Refused",
    message: /its failed rows were removed on .* Import the file again\.$/,
  });
  // Once is enough.
  assert.deepEqual((await cleaned(shop, { keep: MONTH })).said, []);
});

Deno.test("a piece removes so many rows at most, and meanwhile no retry takes the rest", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 0, 25);
  await age(shop, 31, run);
  const cleanUp = new CleanUp({ keep: MONTH, pieceRows: 10 });
  const left: number[] = [];
  while (await cleanUp.piece(shop.ledger) === "more") {
    left.push(await count(shop.session, "ingest.rows"));
    await assert.rejects(retry(shop, await requireRun(shop.ledger, run.id)), { name: "Refused" });
  }
  assert.deepEqual(left.slice(0, 3), [15, 5, 0]);
});

Deno.test("a whole chain goes when its last run is old: rows, batches, events, copies, and its undo", async () => {
  await using shop = await workshop(PEOPLE);
  const { definition } = await loaded(shop, 1, 0);
  await shop.session.execute("delete from ingest.runs");
  const spoolFolder = `${shop.file}.spool`;
  await Deno.writeTextFile(shop.file, "id\n7\nx\ny\n");
  const { run } = await createRunFor((work) => work(shop.ledger), {
    ...{ definition, file: shop.file, user: null, dryRun: false, detach: true, spoolFolder },
  });
  await shop.drive(run);
  const again = await retried(shop, { of: run, fixed: [2], failed: [3] });
  const [undo] = await shop.session.query<typeof run>(
    `insert into ingest.runs (importer, definition, source, kind, undoes_run_id, status, completed_at)
     select importer, definition, source, 'undo', id, 'completed', now() from ingest.runs
     where id = $1 returning *`,
    [run.id],
  );
  const copies = () => [...Deno.readDirSync(spoolFolder)].length;
  await age(shop, 366, run, again);
  await age(shop, 364, undo);
  assert.deepEqual((await cleaned(shop, { keep: YEAR })).said, [], "what took it back is young");
  assert.equal(copies(), 1);
  await age(shop, 366, undo);
  const { said, pieces } = await cleaned(shop, { keep: YEAR, pieceRows: 3 });
  assert.deepEqual(said, [
    `Removed run ${run.id} and 2 runs that belong to it: it ended more than 365 days ago.`,
  ]);
  assert.ok(pieces > 2, `${pieces} pieces`);
  assert.deepEqual(await leftovers(shop), {});
  assert.equal(copies(), 0);
});

Deno.test("runs that are open, or have an open or a young retry, stay as they are", async () => {
  await using shop = await workshop(PEOPLE);
  const open = await shop.create(DEFINITION, "id\n1\n");
  await shop.session.execute(
    `update ingest.runs set created_at = now() - interval '9 years' where id = ${open.id}`,
  );
  const first = await loaded(shop, 1, 2);
  const active = await retried(shop, { of: first, status: "processing" });
  const second = await loaded(shop, 1, 2);
  const young = await retried(shop, { of: second, failed: [2, 3] });
  await age(shop, 999, first, second);
  const before = await leftovers(shop);
  for (const keep of [MONTH, YEAR]) assert.deepEqual((await cleaned(shop, { keep })).said, []);
  assert.deepEqual(await leftovers(shop), before);
  await shop.session.execute(
    `update ingest.runs set status = 'cancelled', completed_at = now() - interval '999 days'
     where id in (${active.id}, ${young.id})`,
  );
  assert.equal((await cleaned(shop, { keep: YEAR })).said.length, 2);
});

Deno.test("what an importer's latest run says holds for all its runs, and the rest for who says nothing", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 0, 2);
  await age(shop, 40, run);
  const say = (keep: object | null) =>
    shop.session.execute(
      `update ingest.runs set definition = jsonb_set(definition::jsonb, '{options,keep}',
         coalesce($1::text::jsonb, '{}')) where id = $2`,
      [keep && JSON.stringify(keep), run.id],
    );
  const removes = async (keep: KeepRule) => {
    const { said } = await cleaned(shop, { keep });
    return said.length === 1;
  };
  assert.equal(await removes({}), false, "nobody says it");
  await say({ failed_rows: null });
  assert.equal(await removes(MONTH), false, "forever");
  await say({ failed_rows: 50 * DAY });
  assert.equal(await removes(MONTH), false, "its own age");
  assert.equal(await removes({ runs: 50 * DAY }), false);
  await say({ runs: 90 * DAY });
  assert.equal(await removes(MONTH), true, "of rows it says nothing");
  await say({ runs: 39 * DAY });
  assert.equal(await removes({}), true);
  assert.deepEqual(await leftovers(shop), {});
});

Deno.test("what undos need goes when its time is over, whatever else is kept, and the run says so", async () => {
  await using shop = await workshop("create table t (id int primary key, v text)");
  await shop.session.query("insert into t select i, 'old' from generate_series(1, 25) i");
  const yaml = "table: t\nkey: id\non_duplicate: update\noptions: {undo: updates, undo_for: 2d}\n";
  const file = Array.from({ length: 25 }, (_, i) => `${i + 1},new\n`).join("");
  const old = await shop.drive(await shop.create(yaml, `id,v\n${file}`));
  const young = await shop.drive(await shop.create(yaml, "id,v\n7,newer\n"));
  await age(shop, 3, old);
  await age(shop, 1, young);
  const left = () =>
    shop.session.query(
      `select run_id::int as run, (select count(*) from ingest.undo_rows u where u.run_id = t.run_id) as rows,
         (select count(*) from ingest.undo_marks m where m.run_id = t.run_id) as marks
       from ingest.undo_tables t order by 1`,
    );
  const kept = { run: young.id, rows: 1, marks: 1 };
  assert.deepEqual((await cleaned(shop, { keep: {}, importer: "another" })).said, []);
  assert.deepEqual(await left(), [{ run: old.id, rows: 25, marks: 1 }, kept]);
  const { said, pieces } = await cleaned(shop, { keep: {}, pieceRows: 10 });
  assert.deepEqual(said, [`Removed the old values of rows that run ${old.id} updated.`]);
  assert.equal(pieces, 4);
  assert.deepEqual(await left(), [kept]);
});

Deno.test("one process at a time removes things, and none waits for somebody who uses a run", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 0, 2);
  await age(shop, 31, run);
  await using other = await Session.open(shop.database.config);
  const elsewhere = new Ledger(other, "ingest");
  await elsewhere.transaction(async () => {
    assert.ok(await holdCleaning(elsewhere));
    assert.deepEqual((await cleaned(shop, { keep: MONTH })).said, []);
  });
  await elsewhere.transaction(async () => {
    await other.execute(`select from ingest.runs where id = ${run.id} for no key update`);
    assert.deepEqual((await cleaned(shop, { keep: MONTH })).said, []);
  });
  assert.equal(await count(shop.session, "ingest.rows"), 2);
  assert.equal((await cleaned(shop, { keep: MONTH })).said.length, 1);
});

Deno.test("rows that are logged after a resume stay, until they are old as well", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 0, 2);
  await age(shop, 31, run);
  await cleaned(shop, { keep: MONTH });
  await shop.session.execute(
    `insert into ingest.logged_rows (run_id, row_number, line, status, raw, data)
     values (${run.id}, 9, 9, 'failed', 'x', '{}')`,
  );
  await age(shop, -1, run);
  assert.deepEqual((await cleaned(shop, { keep: MONTH })).said, []);
  const now = await requireRun(shop.ledger, run.id);
  await assert.rejects(retry(shop, now), { name: "Refused" }, "it would leave out the others");
  await shop.session.execute(
    `update ingest.runs set completed_at = now() - interval '31 days',
       rows_removed_at = now() - interval '32 days'`,
  );
  assert.equal((await cleaned(shop, { keep: MONTH })).said.length, 1);
  const { data } = await wholeTimeline(shop.ledger, now);
  assert.equal(data.filter(({ type }) => type === "rows removed").length, 2);
});

Deno.test("a process that works on all runs removes what their definitions say", async () => {
  await using shop = await workshop(PEOPLE);
  const yaml = "table: people\nkey: [id]\noptions: { keep: { runs: 90d } }";
  const old = await shop.drive(await shop.create(yaml, "id\n1\nx\n"));
  await shop.drive(await shop.create(yaml, "id\n2\n"));
  await age(shop, 91, old);
  await working(shop, async () => {
    for (;;) {
      const [{ n }] = await shop.session.query<{ n: number }>(
        "select count(*) as n from ingest.runs",
      );
      if (n === 1) break;
    }
  });
});
