import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { claimBatch } from "../../../src/ledger/claim_batch.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { requestCancel, startRun } from "../../../src/ledger/run_states.ts";
import { requireRun, type Run } from "../../../src/ledger/runs.ts";
import { settle } from "../../../src/ledger/settle.ts";
import { cutRows } from "../../../src/run/supply/log_reader.ts";
import { createRetry } from "../../../src/run/request/retry.ts";
import { planRun } from "../../../src/run/plan/plan_run.ts";
import { processBatch } from "../../../src/run/process/process_batch.ts";
import { prepareRun } from "../../../src/run/program.ts";
import { Refused } from "../../../src/run/request/refused.ts";
import { Rehearsal } from "../../../src/run/process/rehearsal.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { contents, logged, makeRetry, retry, tryRetry, unresolved } from "../retrying.ts";

/** Values that begin with `bad` are refused, until a test drops the constraint. */
const ITEMS = "create table items (id int, v text, constraint good check (v not like 'bad%'))";
const MEND = "alter table items drop constraint good";
const LOG_ALL = "table: items\noptions: { log_rows: all, batch_rows: 2 }\n";

/** Rows 2, 4, 5 and 7 fail; row 1 has two lines. */
const FILE = 'id,v\n1,"a\nb"\n2,bad2\n3,c\n4,bad4\n5,bad5\n6,f\n7,bad7\n';

async function failedRun(shop: Workshop, definition = LOG_ALL, file = FILE): Promise<Run> {
  const run = await shop.drive(await shop.create(definition, file));
  assert.equal(run.status, "completed_with_errors");
  return run;
}

/** Like `drive`, but cancels the run after this many batches. */
async function interrupt(shop: Workshop, run: Run, batches: number): Promise<Run> {
  const { ledger, session } = shop;
  await startRun(ledger, run.id);
  const program = await prepareRun(session, run, "ingest");
  await planRun(ledger, program);
  for (let i = 0; i < batches; i++) await oneBatch(shop, run);
  await requestCancel(ledger, run.id, "tester");
  await settle(ledger, run.id, { rows: 2, bytes: 1000 });
  const now = await requireRun(ledger, run.id);
  assert.equal(now.status, "cancelled");
  return now;
}

async function oneBatch({ ledger, session }: Workshop, run: Run): Promise<void> {
  const program = await prepareRun(session, run, "ingest");
  const batch = await claimBatch(ledger, "fresh", "test", { run: run.id });
  assert.ok((await processBatch(ledger, program, batch!, new Rehearsal())).done);
}

function refused(expected: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Refused, String(error));
    assert.match(error.message, expected);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  };
}

Deno.test("a retry takes the unresolved rows, with their row and line numbers", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute("alter table items drop constraint good");
  await shop.session.execute("alter table items add constraint good check (v <> 'bad4') not valid");
  const first = await retry(shop, run.id);
  assert.equal(first.total_rows, 4);
  assert.deepEqual(await logged(shop, first.id), [
    "2/4 created",
    "4/6 failed",
    "5/7 created",
    "7/9 created",
  ]);
  await shop.session.execute(MEND);
  const second = await retry(shop, run.id);
  assert.equal(second.total_rows, 1);
  assert.deepEqual(await logged(shop, second.id), ["4/6 created"]);
  assert.equal(await count(shop.session, "items"), 7);
});

Deno.test("the original run knows which retry loaded each row", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  assert.equal(await unresolved(shop, run.id), 4);
  await shop.session.execute("alter table items drop constraint good");
  await shop.session.execute("alter table items add constraint good check (v <> 'bad4') not valid");
  const first = await retry(shop, run.id);
  assert.equal(await unresolved(shop, run.id), 1);
  assert.equal(await unresolved(shop, first.id), 1);
  await shop.session.execute(MEND);
  const second = await retry(shop, first.id);
  assert.deepEqual(
    [second.parent_id, second.retried_from_run_id],
    [run.id, first.id],
  );
  assert.equal(await unresolved(shop, run.id), 0);
  assert.equal(await unresolved(shop, first.id), 0);
  const by = await shop.session.query(
    `select row_number as row, resolved_by_run_id as by from ingest.rows
     where run_id = $1 and status = 'failed' order by 1`,
    [run.id],
  );
  assert.deepEqual(by, [
    { row: 2, by: first.id },
    { row: 4, by: second.id },
    { row: 5, by: first.id },
    { row: 7, by: first.id },
  ]);
  const again = await tryRetry(shop, run.id);
  assert.ok(!again.made && /4 failed rows of run 1 are all fixed/.test(again.because));
});

Deno.test("a retry's rows and their outcomes are committed together or not at all", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.query(
    `${MEND};
     create function refuse() returns trigger language plpgsql as
       $$ begin raise exception 'not now' using errcode = 'P0001'; end $$;
     create trigger refuse before insert on ingest.retried_rows
       for each row execute function refuse()`,
  );
  assert.equal((await retry(shop, run.id)).status, "failed");
  assert.equal(await count(shop.session, "items"), 3);
  assert.equal(await unresolved(shop, run.id), 4);
});

Deno.test("when two retry a run at the same time, one is told which run the other is", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await using other = await Session.open(shop.database.config);
  const both = await Promise.allSettled([
    tryRetry(shop, run.id),
    tryRetry(shop, run.id, { ledger: new Ledger(other, "ingest") }),
  ]);
  const [made] = both.filter((end) => end.status === "fulfilled");
  const [lost, ...more] = both.filter((end) => end.status === "rejected");
  assert.equal(more.length, 0);
  assert.ok(made.value.made);
  refused(/^Cannot retry run 1: run 2 is already retrying run 1\. .*ingest cancel 2$/)(
    lost.reason,
  );
  await assert.rejects(tryRetry(shop, 2), refused(/^Cannot retry run 2: it is pending\. /));
  // A dry run would see rows come and go.
  await assert.rejects(tryRetry(shop, run.id, { dryRun: true }), Refused);
});

Deno.test("a retry creates nothing if another one fixes the rows before it begins", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  const late = await createRetry(shop.ledger, {
    run,
    chooseDefinition: async () => {
      await retry(shop, run.id);
      return { definition: run.definition };
    },
    user: "tester",
    dryRun: false,
    file: null,
    spoolFolder: `${shop.file}.spool`,
  });
  assert.ok(!late.made);
  assert.match(late.because, /^Nothing is left to retry/);
  assert.equal(await count(shop.session, "ingest.runs"), 2);
});

Deno.test("the database itself refuses a second active retry", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await makeRetry(shop, run.id);
  await assert.rejects(
    shop.session.execute(
      `insert into ingest.runs (parent_id, importer, definition, source)
       select parent_id, importer, definition, source from ingest.runs where id = 2`,
    ),
    /runs_one_active_retry/,
  );
});

Deno.test("rows that a cancelled retry left are taken by the next, and never loaded twice", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  const first = await interrupt(shop, await makeRetry(shop, run.id), 1);
  assert.equal(await unresolved(shop, run.id), 2);
  const second = await makeRetry(shop, run.id);
  const resuming = reopenForResume(shop.ledger, first.id, "tester", undefined);
  await assert.rejects(
    resuming,
    refused(/^Cannot resume run 2: run 3 is already retrying run 1/),
  );
  await shop.drive(second);
  assert.deepEqual(await logged(shop, second.id), ["5/7 created", "7/9 created"]);
  await assert.rejects(
    reopenForResume(shop.ledger, first.id, "tester", undefined),
    refused(/^Cannot resume run 2: run 3 has taken or fixed some .*ingest retry 1$/),
  );
  assert.deepEqual((await contents(shop)).map((row) => row[0]), [..."1234567"]);
});

Deno.test("a cancelled retry whose rows no other has taken can be resumed", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  const first = await interrupt(shop, await makeRetry(shop, run.id), 1);
  await Deno.remove(shop.file);
  const resumed = await reopenForResume(shop.ledger, first.id, "tester", undefined);
  assert.equal((await shop.drive(resumed)).status, "completed");
  assert.equal(await unresolved(shop, run.id), 0);
  assert.deepEqual((await contents(shop)).map((row) => row[0]), [..."1234567"]);
});

Deno.test("a retry resumed after its original leaves the original's new failures alone", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger, session } = shop;
  const run = await shop.create(LOG_ALL, FILE);
  await startRun(ledger, run.id);
  await planRun(ledger, await prepareRun(session, run, "ingest"));
  const setAside = (attempts: number) =>
    session.execute("update ingest.batches set attempts = $1 where number = 2", [attempts]);
  await setAside(1);
  for (let i = 0; i < 3; i++) await oneBatch(shop, run);
  await setAside(0);
  await requestCancel(ledger, run.id, "tester");
  await settle(ledger, run.id, { rows: 2, bytes: 1000 });
  const first = await interrupt(shop, await makeRetry(shop, run.id), 0);
  await shop.drive(await reopenForResume(ledger, run.id, "tester", undefined));
  assert.equal(await unresolved(shop, run.id), 4);
  await session.execute(MEND);
  await shop.drive(await reopenForResume(ledger, first.id, "tester", undefined));
  assert.deepEqual(await logged(shop, first.id), ["2/4 created", "5/7 created", "7/9 created"]);
  assert.deepEqual(await logged(shop, (await retry(shop, run.id)).id), ["4/6 created"]);
});

Deno.test("a retry takes the failed rows even if the server's clock was set back since", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  await shop.session.execute(
    "update ingest.logged_rows set created_at = created_at + interval '1 hour'",
  );
  await retry(shop, run.id);
  assert.equal(await unresolved(shop, run.id), 0);
});

for (
  const [what, sql] of [
    ["tried", "insert into ingest.retried_rows values (1, 4, 99, false)"],
    ["fixed", "insert into ingest.retried_rows values (1, 4, 99, true)"],
    ["deleted", "delete from ingest.rows where run_id = 1 and row_number = 4"],
  ] as const
) {
  Deno.test(`a row that was ${what} behind a retry's back is not loaded, and the retry says so`, async () => {
    await using shop = await workshop(ITEMS);
    const run = await failedRun(shop);
    await shop.session.execute(MEND);
    const planned = await makeRetry(shop, run.id);
    await startRun(shop.ledger, planned.id);
    const program = await prepareRun(shop.session, planned, "ingest");
    await planRun(shop.ledger, program);
    await shop.session.execute(sql);
    const ended = await shop.drive(planned, 1);
    assert.equal(ended.status, "failed");
    assert.equal(ended.error?.code, "rows_taken");
    assert.match(ended.error.message, /^Only \d of \d rows .* can still be retried/);
    assert.ok(!(await contents(shop)).includes("4=bad4"));
  });
}

Deno.test("rows that another retry marks while a batch loads them are not loaded", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  const made = await makeRetry(shop, run.id);
  const { config } = shop.database;
  await using other = await Session.open(config);
  // Not yet committed when the batch checks whether any of its rows has been tried before.
  await other.query("begin");
  await other.query(
    `insert into ingest.retried_rows (run_id, row_number, by_run_id, resolved)
     values ($1, 4, $2, true)`,
    [run.id, made.id + 1],
  );
  const driven = shop.drive(made, 1);
  await waitsForAnother(shop);
  await other.query("commit");
  const ended = await driven;
  assert.equal(ended.status, "failed");
  assert.equal(ended.error?.code, "rows_taken");
  assert.equal(await count(shop.session, "items where v like 'bad%'"), 0);
});

/** Waits until a session waits for another's transaction. */
async function waitsForAnother({ session }: Workshop): Promise<void> {
  while (
    await count(session, "pg_locks where locktype = 'transactionid' and not granted") === 0
  );
}

Deno.test("a retried row counts as later than all that the original loaded", async () => {
  await using shop = await workshop(
    "create table items (id int primary key, v text, constraint good check (v not like 'bad%'))",
  );
  const definition = "table: items\nkey: id\non_duplicate: update\noptions: { log_rows: all }\n";
  const run = await failedRun(shop, definition, "id,v\n1,a\n1,bad1\n1,c\n2,bad2\n2,bad3\n3,x\n");
  assert.deepEqual(await contents(shop), ["1=c", "3=x"]);
  await shop.session.execute(MEND);
  const second = await retry(shop, run.id);
  assert.deepEqual(await logged(shop, second.id), ["2/3 updated", "4/5 created", "5/6 updated"]);
  assert.deepEqual(await contents(shop), ["1=bad1", "2=bad3", "3=x"]);
});

Deno.test("of retried rows with the same key, the later wins, however many batches lie between", async () => {
  await using shop = await workshop(
    "create table items (id int primary key, v text, constraint good check (v not like 'bad%'))",
  );
  const definition = "table: items\nkey: id\non_duplicate: update\noptions: { batch_rows: 1 }\n";
  const rows = Array.from({ length: 12 }, (_, i) => `${i % 3},bad${i}`);
  const run = await failedRun(shop, definition, `id,v\n9,x\n${rows.join("\n")}\n`);
  await shop.session.execute(MEND);
  const second = await retry(shop, run.id);
  assert.equal(second.status, "completed");
  assert.deepEqual(await contents(shop), ["0=bad9", "1=bad10", "2=bad11", "9=x"]);
  // Not by chance: all but the first row of each key were deferred.
  assert.equal(await count(shop.session, `ingest.deferred where run_id = ${second.id}`), 9);
});

Deno.test("a retried row that repeats another's key names the first row with it", async () => {
  await using shop = await workshop(
    "create table items (id int primary key, v text, constraint good check (v not like 'bad%'))",
  );
  const run = await failedRun(
    shop,
    "table: items\n",
    "id,v\n9,x\n1,bad1\n2,bad2\n1,bad3\n9,bad4\n",
  );
  await shop.session.execute(MEND);
  const second = await retry(shop, run.id);
  const failed = await shop.session.query(
    `select row_number as row, errors #>> '{details,0,code}' as code,
       (errors #>> '{details,0,first_row}')::int as first
     from ingest.rows where run_id = $1 order by 1`,
    [second.id],
  );
  assert.deepEqual(failed, [
    { row: 4, code: "duplicate_in_file", first: 2 },
    { row: 5, code: "duplicate", first: null },
  ]);
});

Deno.test("a retry of a retry, and then one of the original, each take the rows that are left", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  const first = await retry(shop, run.id);
  assert.equal(first.status, "completed_with_errors");
  assert.equal(await unresolved(shop, first.id), 4);
  const allow = (value: string) =>
    shop.session.query(
      `${MEND}; alter table items add constraint good check (v <> all('${value}')) not valid`,
    );
  await allow("{bad4,bad7}");
  const second = await retry(shop, first.id);
  assert.deepEqual(await logged(shop, second.id), [
    "2/4 created",
    "4/6 failed",
    "5/7 created",
    "7/9 failed",
  ]);
  await allow("{bad7}");
  const third = await retry(shop, run.id);
  assert.deepEqual(await logged(shop, third.id), ["4/6 created", "7/9 failed"]);
  await allow("{}");
  const fourth = await retry(shop, second.id);
  assert.deepEqual(await logged(shop, fourth.id), ["7/9 created"]);
  for (const { id } of [run, first, second, third]) assert.equal(await unresolved(shop, id), 0);
  assert.deepEqual((await contents(shop)).map((row) => row[0]), [..."1234567"]);
});

Deno.test("a dry retry takes nothing, fixes nothing and reports the same as the real one", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.query(
    `${MEND}; alter table items add constraint good check (v <> 'bad4') not valid`,
  );
  const before = await contents(shop);
  const dry = await retry(shop, run.id, { dryRun: true });
  assert.equal(dry.dry_run, true);
  assert.deepEqual(await contents(shop), before);
  assert.equal(await unresolved(shop, run.id), 4);
  assert.equal(await count(shop.session, "ingest.rows where claimed_by_run_id is not null"), 0);
  const real = await retry(shop, dry.id);
  assert.deepEqual(await logged(shop, real.id), ["4/6 failed"]);
  const whole = await retry(shop, run.id);
  assert.deepEqual(await logged(shop, whole.id), await logged(shop, dry.id));
});

Deno.test("a dry retry finds what rows with the same key do to each other", async () => {
  await using shop = await workshop(
    "create table items (id int primary key, v text, constraint good check (v not like 'bad%'))",
  );
  const definition = "table: items\nkey: id\non_duplicate: update\n" +
    "options: { batch_rows: 2, log_rows: all }\n";
  const rows = Array.from({ length: 9 }, (_, i) => `${i % 4},bad${i}`);
  const run = await failedRun(shop, definition, `id,v\n2,x\n${rows.join("\n")}\n`);
  await shop.session.execute(MEND);
  const dry = await retry(shop, run.id, { dryRun: true });
  assert.deepEqual(await contents(shop), ["2=x"]);
  const real = await retry(shop, run.id);
  assert.deepEqual(await logged(shop, dry.id), await logged(shop, real.id));
});

Deno.test("another planner continues where one has stopped, and knows the keys that it saw", async () => {
  await using shop = await workshop(
    "create table items (id int primary key, v text, constraint good check (v not like 'bad%'))",
  );
  const definition = "table: items\nkey: id\non_duplicate: update\noptions: { batch_rows: 2 }\n";
  const rows = Array.from({ length: 10 }, (_, i) => `${i % 5},bad${i}`);
  const run = await failedRun(shop, definition, `id,v\n9,x\n${rows.join("\n")}\n`);
  await shop.session.execute(MEND);
  const made = await makeRetry(shop, run.id);
  await startRun(shop.ledger, made.id);
  const program = await prepareRun(shop.session, made, "ingest");
  let steps = 0;
  const plan = (isStopping: () => boolean) =>
    planRun(shop.ledger, program, { stepTime: 0, isStopping });
  assert.equal(await plan(() => ++steps === 2), "stopped");
  // Two batches in the first step, one in the second.
  assert.equal((await requireRun(shop.ledger, made.id)).planned_rows, 6);
  await oneBatch(shop, made);
  assert.equal(await plan(() => false), "planned");
  assert.equal(await count(shop.session, `ingest.deferred where run_id = ${made.id}`), 5);
  assert.equal((await shop.drive(made)).status, "completed");
  assert.deepEqual(await contents(shop), ["0=bad5", "1=bad6", "2=bad7", "3=bad8", "4=bad9", "9=x"]);
});

Deno.test("broken rows are retried with their original bytes", async () => {
  await using shop = await workshop("create table items (id int, v text)");
  const head = new TextEncoder().encode('id,v\n1,a\n2,b,c\n3,"open\n4,');
  const tail = new TextEncoder().encode("\n5,e\n6\n");
  const file = new Uint8Array([...head, 0xff, 0xfe, ...tail]);
  const run = await shop.drive(
    await shop.create("table: items\nsource: { encoding: utf-8 }\n", file),
  );
  const errors = (id: number) =>
    shop.session.query(
      `select row_number, line, raw, data, errors from ingest.rows
       where run_id = $1 order by row_number`,
      [id],
    );
  const second = await retry(shop, run.id);
  const first = await errors(run.id);
  assert.equal(first.length, 4);
  assert.deepEqual(await errors(second.id), first);
});

Deno.test("a stalled retry gives way to a new one", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  const dead = await makeRetry(shop, run.id);
  await startRun(shop.ledger, dead.id);
  await oneStep(shop, dead);
  await oneBatch(shop, dead);
  await assert.rejects(tryRetry(shop, run.id), Refused);
  await shop.session.query(
    `update ingest.runs set created_at = now() - interval '10 seconds',
       started_at = now() - interval '10 seconds' where id = ${dead.id};
     update ingest.batches set claimed_at = now() - interval '10 seconds',
       completed_at = now() - interval '10 seconds'
     where run_id = ${dead.id} and status = 'completed'`,
  );
  const next = await tryRetry(shop, run.id);
  assert.ok(next.made);
  assert.match(
    next.notes.join(),
    /^Cancelled run 2: it was retrying run 1, but no process worked on it\.$/,
  );
  assert.equal((await requireRun(shop.ledger, dead.id)).status, "cancelled");
  await shop.drive(next.run);
  assert.deepEqual(await logged(shop, next.run.id), ["5/7 created", "7/9 created"]);
  assert.deepEqual((await contents(shop)).map((row) => row[0]), [..."1234567"]);
});

async function oneStep({ ledger, session }: Workshop, run: Run): Promise<void> {
  const program = await prepareRun(session, run, "ingest");
  await planRun(ledger, program, { stepTime: 0, isStopping: () => true });
}

Deno.test("a retry with nothing to do says so, or says why the rows can't be found", async () => {
  await using shop = await workshop(ITEMS);
  const well = await shop.drive(await shop.create("table: items\n", "id,v\n1,a\n"));
  const nothing = await tryRetry(shop, well.id);
  assert.deepEqual(nothing, { made: false, because: "Run 1 has no failed rows to retry." });
  const silent = await failedRun(shop, "table: items\noptions: { log_rows: none }\n");
  await assert.rejects(
    tryRetry(shop, silent.id),
    refused(/^Cannot retry run 2: it logs no rows \(options\.log_rows: none\)/),
  );
  const pruned = await failedRun(shop);
  await shop.session.execute(`delete from ingest.rows where run_id = ${pruned.id}`);
  await assert.rejects(tryRetry(shop, pruned.id), refused(/no longer in the row log/));
  assert.equal(await count(shop.session, "ingest.runs"), 3);
});

Deno.test("a retry doesn't start while its original is active, nor the other way round", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.create(LOG_ALL, FILE);
  await assert.rejects(tryRetry(shop, run.id), refused(/^Cannot retry run 1: it is pending\. /));
  await startRun(shop.ledger, run.id);
  await shop.session.execute(
    "update ingest.runs set definition = jsonb_set(definition::jsonb, '{options,max_errors}', '{\"rows\": 0}')",
  );
  assert.equal((await shop.drive(run, 1)).status, "failed");
  const made = await makeRetry(shop, run.id);
  await assert.rejects(
    reopenForResume(shop.ledger, run.id, "tester", null),
    refused(/^Cannot resume run 1: run 2 is already retrying run 1/),
  );
  await requestCancel(shop.ledger, made.id, null);
  await settle(shop.ledger, made.id, { rows: 1, bytes: 1 });
  const resumed = await reopenForResume(shop.ledger, run.id, "tester", null);
  assert.equal(resumed.status, "processing");
  await assert.rejects(
    tryRetry(shop, made.id),
    refused(/^Cannot retry run 2: the original run 1 is/),
  );
});

Deno.test("no retry is created if the table has changed and the definition no longer fits", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop, "table: items\ncolumns: { id: id, v: v }\n");
  await shop.session.execute("alter table items drop column v");
  await assert.rejects(tryRetry(shop, run.id), /v/);
  await shop.session.execute("drop table items");
  await assert.rejects(tryRetry(shop, run.id), /There is no table items/);
  assert.equal(await count(shop.session, "ingest.runs"), 1);
});

Deno.test("a retry that finds its table changed fails, and what it took can be retried", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop, "table: items\ncolumns: { id: id, v: v }\n");
  const made = await makeRetry(shop, run.id);
  await shop.session.execute("alter table items rename column v to w");
  assert.equal((await shop.drive(made)).status, "failed");
  const renamed = "table: items\ncolumns: { id: id, w: v }\n";
  await shop.session.execute(MEND);
  assert.equal((await retry(shop, run.id, { definition: renamed })).status, "completed");
  assert.equal(await unresolved(shop, run.id), 0);
});

Deno.test("rows wait for their parents in a retry as well", async () => {
  await using shop = await workshop(
    `create table items (id int primary key, v text, parent int references items,
       constraint good check (v not like 'bad%'))`,
  );
  const definition = "table: items\nkey: id\noptions: { batch_rows: 2, log_rows: all }\n";
  const rows = Array.from({ length: 7 }, (_, i) => `${i + 1},bad,${i < 6 ? i + 2 : ""}`);
  const run = await failedRun(shop, definition, `id,v,parent\n9,x,\n${rows.join("\n")}\n`);
  await shop.session.execute(MEND);
  assert.equal((await retry(shop, run.id, { dryRun: true })).status, "completed");
  assert.equal((await retry(shop, run.id)).status, "completed");
  assert.equal(await count(shop.session, "items"), 8);
});

Deno.test("rows that were tried before are looked up one by one, whatever the statistics say", async () => {
  await using shop = await workshop(ITEMS);
  const rows = 3000;
  await shop.session.execute(
    `alter table ingest.logged_rows set (autovacuum_enabled = off);
     alter table ingest.retried_rows set (autovacuum_enabled = off)`,
  );
  const lines = Array.from({ length: rows }, (_, i) => `${i + 1},bad\n`).join("");
  const definition = "table: items\noptions: { batch_rows: 1000 }\n";
  const run = await failedRun(shop, definition, `id,v\n${lines}`);
  await retry(shop, run.id);
  await shop.session.execute(MEND);
  assert.equal((await retry(shop, run.id)).status, "completed");
  assert.equal(await count(shop.session, "items"), rows);
  const [{ read }] = await shop.session.query<{ read: number }>(
    `select (select sum(idx_tup_read) from pg_stat_user_indexes where relname = 'retried_rows')
       + (select seq_tup_read from pg_stat_user_tables where relname = 'retried_rows') as read`,
  );
  assert.ok(read < 20 * rows, `${read} lines were read for ${rows} rows`);
});

Deno.test("a retry's batches are cut by rows and by bytes, and together have every row once", async () => {
  await using shop = await workshop(ITEMS);
  const lengths = [1, 1, 1, 900, 1, 1, 30_000, 1, 30_000, 30_000, 1, 1, 1];
  const lines = lengths.map((length, i) => `${i + 1},bad${"x".repeat(length)}\n`);
  const limits = "{ log_rows: all, batch_rows: 4, batch_bytes: 1kb }";
  const definition = `table: items\nkey: id\noptions: ${limits}\n`;
  const run = await failedRun(shop, definition, `id,v\n${lines.join("")}`);
  await shop.session.execute(MEND);
  const made = await retry(shop, run.id);
  assert.equal(made.status, "completed");
  assert.equal(await count(shop.session, "items"), lengths.length);
  const batches = await shop.session.query<{ batch: string }>(
    `select format('%s-%s %s', first_row, last_row, byte_end - byte_start) as batch
     from ingest.batches where run_id = $1 order by number`,
    [made.id],
  );
  assert.deepEqual(batches.map(({ batch }) => batch), [
    "1-4 923",
    "5-6 12",
    "7-7 30005",
    "8-8 6",
    "9-9 30005",
    "10-10 30006",
    "11-13 21",
  ]);
});

Deno.test("a retry's batch has as many rows as fit into its bytes, and at least one", () => {
  const rows = (...bytes: number[]) => {
    const ends = Int32Array.from(bytes, (_, i) => bytes.slice(0, i + 1).reduce((a, b) => a + b));
    return { count: bytes.length, starts: ends.map((end, i) => end - bytes[i]), ends };
  };
  assert.deepEqual(cutRows(rows(40, 40, 20, 1), 100), { count: 3, size: 100 });
  assert.deepEqual(cutRows(rows(500, 1), 100), { count: 1, size: 500 });
  assert.deepEqual(cutRows(rows(1, 500), 100), { count: 1, size: 1 });
  assert.deepEqual(cutRows(rows(1, 1), 100), { count: 2, size: 2 });
  assert.deepEqual(cutRows(rows(), 100), { count: 0, size: 0 });
});
