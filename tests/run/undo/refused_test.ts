import assert from "node:assert/strict";
import { requestCancel } from "../../../src/ledger/runs/run_states.ts";
import { requireRun } from "../../../src/ledger/runs/runs.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { whyForeign } from "../../../src/run/request/undo/undo_survey.ts";
import { type Workshop, workshop } from "../importing.ts";
import { makeRetry, tryRetry } from "../retrying.ts";
import { csvOf } from "./rows.ts";
import { imported, IMPORTER, makeUndo, receiptOf, rowsOf, undo } from "./undoing.ts";

const TABLE = "create table t (id int primary key, v text); insert into t values (-1, 'before')";

/** The reason, without "Cannot undo run 1: ". Nothing must have happened. */
async function refusal(shop: Workshop, id: number): Promise<string> {
  const runs = await countRuns(shop);
  const error = await makeUndo(shop, { id }).then(() => null, (error: Error) => error);
  assert.equal(error?.name, "Refused", error?.stack);
  assert.equal(await countRuns(shop), runs);
  const begins = `Cannot undo run ${id}: `;
  assert.ok(error.message.startsWith(begins) && !error.message.includes("\n"), error.message);
  return error.message.slice(begins.length);
}

async function countRuns({ session }: Workshop): Promise<number> {
  const [{ n }] = await session.query<{ n: number }>("select count(*) as n from ingest.runs");
  return n;
}

Deno.test("an unknown run, an open one, a dry run and an undo can't be undone", async () => {
  await using shop = await workshop(TABLE);
  await assert.rejects(makeUndo(shop, { id: 99 }), {
    name: "NoSuchRun",
    message: "There is no run 99. `ingest runs` lists them.",
  });
  const open = await shop.create(IMPORTER, csvOf(1, 10));
  assert.equal(
    await refusal(shop, open.id),
    `it is pending. Cancel it first: ingest cancel ${open.id} --wait, or wait for it: ` +
      `ingest wait ${open.id}`,
  );
  await shop.drive(open);
  const dry = await shop.drive(await shop.create(IMPORTER, csvOf(20, 30), { dryRun: true }));
  assert.equal(await refusal(shop, dry.id), "it was a dry run, which wrote nothing to the table.");
  const made = await shop.drive(await makeUndo(shop, open));
  assert.equal(
    await refusal(shop, made.id),
    `it is an undo itself, of run ${open.id}. To have those rows again, import their file again.`,
  );
});

Deno.test("a run that wrote nothing, and one that remembered nothing, can't be undone", async () => {
  await using shop = await workshop(TABLE);
  const nothing = await imported(shop, "id,v\nx,1\n");
  assert.equal(await refusal(shop, nothing.id), "it wrote nothing to the table.");
  const off = await imported(shop, csvOf(1, 3), `${IMPORTER}options: {undo: off}\n`);
  assert.equal(
    await refusal(shop, off.id),
    "it was loaded with options.undo: off, so nothing was remembered.",
  );
  const older = await imported(shop, csvOf(4, 5));
  await shop.session.query(
    `delete from ingest.undo_marks; delete from ingest.undo_tables;
     update ingest.runs set definition = (definition::jsonb #- '{options,undo}')::json
     where id = ${older.id}`,
  );
  assert.equal(
    await refusal(shop, older.id),
    "it was loaded by a version of ingest that remembered nothing for an undo.",
  );
  const pruned = await imported(shop, csvOf(6, 7));
  await shop.session.query("delete from ingest.undo_marks");
  const today = new Date().toISOString().slice(0, 10);
  assert.equal(
    await refusal(shop, pruned.id),
    "what an undo needs is no longer there. It is kept for 7 days (options.undo_for), and the run " +
      `ended on ${today}.`,
  );
  const updated = await imported(
    shop,
    "id,v\n-1,now\n",
    `${IMPORTER}key: [id]\non_duplicate: update\n`,
  );
  assert.equal(
    await refusal(shop, updated.id),
    "it created no rows, and the old values of the 1 that it updated were not kept " +
      "(options.undo: updates keeps them).",
  );
});

Deno.test("a table that was dropped, replaced, emptied or rewritten is left alone", async () => {
  await using shop = await workshop(TABLE);
  const { session } = shop;
  const run = await imported(shop, csvOf(1, 10));
  await session.query("alter table t alter v type varchar(40) using 'x' || v");
  assert.equal(
    await refusal(shop, run.id),
    "none of the 10 rows that it wrote is in t as it wrote it. They were changed or deleted since, " +
      "or the table was rewritten (ALTER TABLE with another type, a restored dump).",
  );
  await session.query("truncate t");
  assert.equal(
    await refusal(shop, run.id),
    "t is empty now: it was truncated, or all rows deleted.",
  );
  await session.query("drop table t");
  assert.equal(await refusal(shop, run.id), "the table t was dropped, and its rows with it.");
  await session.query(`${TABLE}; insert into t select i, i from generate_series(1, 10) i`);
  assert.equal(
    await refusal(shop, run.id),
    "the table t is another one now: the run's was dropped since, or the database was restored from " +
      "a dump, and nothing tells its rows from others.",
  );
  assert.equal((await rowsOf(shop)).length, 11);
});

Deno.test("of a partitioned table without any partition left, nothing can be taken back", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, v text) partition by range (id);
     create table t1 partition of t for values from (1) to (100)`,
  );
  const run = await imported(shop, csvOf(1, 10));
  await shop.session.query("drop table t1");
  assert.equal(
    await refusal(shop, run.id),
    "t is empty now: it was truncated, or all rows deleted.",
  );
});

Deno.test("a run of another cluster can't be undone", async () => {
  await using shop = await workshop(TABLE);
  const { session } = shop;
  const run = await imported(shop, csvOf(1, 10));
  await session.query("update ingest.undo_tables set system_identifier = system_identifier + 1");
  const elsewhere =
    "it wrote to another Postgres server (this database was restored from a dump, " +
    "or upgraded, since), and rows there can't be told apart here.";
  assert.equal(await refusal(shop, run.id), elsewhere);
  await session.query("update ingest.undo_tables set system_identifier = null");
  // The number of a transaction that is yet to come.
  await session.query(
    "update ingest.undo_marks set xid = (xid::text::bigint + 4294967296)::text::xid8",
  );
  assert.equal(await refusal(shop, run.id), elsewhere);
  assert.equal((await rowsOf(shop)).length, 11);
});

Deno.test("numbers of transactions mean something for two billion transactions", () => {
  const here = { system_identifier: "7" };
  const reason = (age: string) => whyForeign(here, here, { age });
  assert.equal(reason("2147483647"), null);
  assert.equal(
    reason("2147483648"),
    "it is more than two billion transactions old, so its rows can't be told from others.",
  );
  assert.match(reason("-1")!, /another Postgres server/u);
  // Who may not know the cluster relies on the rest.
  assert.equal(whyForeign({ system_identifier: null }, here, { age: "1" }), null);
});

Deno.test("roles without the privileges, and with a foreign key that they can't look into, may not", async () => {
  await using shop = await workshop(
    `${TABLE}; create table refers (t int references t on delete cascade)`,
  );
  const { session } = shop;
  const run = await imported(shop, csvOf(1, 10));
  const role = `undoer_${crypto.randomUUID().slice(0, 8)}`;
  await session.query(`create role ${role}; grant usage on schema ingest to ${role};
    grant select, insert, update, delete on all tables in schema ingest to ${role};
    grant execute on all functions in schema ingest to ${role};
    grant select, insert on t to ${role}`);
  try {
    await session.query(`set role ${role}`);
    assert.equal(
      await refusal(shop, run.id),
      "this role may not do that to t. It needs: grant DELETE, UPDATE on t to the role.",
    );
    await session.query(`reset role; grant update, delete on t to ${role}; set role ${role}`);
    assert.equal(
      await refusal(shop, run.id),
      "rows of refers may refer to its rows (refers_t_fkey) and would be deleted or changed with " +
        "them, and this role may not see them all. It needs: grant SELECT on refers to the role.",
    );
  } finally {
    await session.query(`reset role; drop owned by ${role}; drop role ${role}`);
  }
});

Deno.test("only one undo of a run at a time, and none after one that has taken back all", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, csvOf(1, 10));
  const first = await makeUndo(shop, run);
  assert.equal(
    await refusal(shop, run.id),
    `run ${first.id} is doing that already. Check its progress: ingest status ${first.id}, or ` +
      `cancel it: ingest cancel ${first.id}`,
  );
  await requestCancel(shop.ledger, first.id, "tester");
  await shop.drive(await requireRun(shop.ledger, first.id));
  assert.equal(
    await refusal(shop, run.id),
    `run ${first.id} has begun to, and was cancelled. Resume that one: ingest resume ${first.id}`,
  );
  const again = await reopenForResume(shop.ledger, first.id, "tester", undefined);
  assert.equal(
    await receiptOf(shop, await shop.drive(again)),
    "completed: deleted 10, restored 0, kept 0",
  );
  const today = new Date().toISOString().slice(0, 10);
  assert.equal(
    await refusal(shop, run.id),
    `run ${first.id} has taken it back on ${today}. Nothing is left.`,
  );
});

Deno.test("rows that were kept can be taken back by another undo", async () => {
  await using shop = await workshop(`${TABLE}; create table refers (t int references t)`);
  const run = await imported(shop, csvOf(1, 10));
  await shop.session.query("insert into refers values (3)");
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 9, restored 0, kept 1");
  await shop.session.query("delete from refers");
  assert.equal(await undo(shop, run), "completed: deleted 1, restored 0, kept 0");
  assert.deepEqual(await rowsOf(shop), ["(-1,before)"]);
});

Deno.test("from an undo's beginning on, its run can be neither retried nor resumed", async () => {
  await using shop = await workshop(TABLE);
  const run = await imported(shop, "id,v\n1,a\nx,b\n");
  const retry = await makeRetry(shop, run.id);
  assert.match(await refusal(shop, run.id), /^run \d+ is already retrying run \d+\. /u);
  await requestCancel(shop.ledger, retry.id, "tester");
  await shop.drive(await requireRun(shop.ledger, retry.id));
  const made = await makeUndo(shop, run);
  const begun = `run ${made.id} is taking it back. Check its progress: ingest status ${made.id}`;
  await assert.rejects(tryRetry(shop, run.id), { message: `Cannot retry run ${run.id}: ${begun}` });
  await assert.rejects(reopenForResume(shop.ledger, retry.id, null, undefined), {
    message: `Cannot resume run ${retry.id}: ${begun}`,
  });
  await shop.drive(made);
  await assert.rejects(tryRetry(shop, run.id), {
    message:
      `Cannot retry run ${run.id}: run ${made.id} has taken it back. To have its rows again, ` +
      "import the file again.",
  });
  await assert.rejects(tryRetry(shop, made.id), {
    message: `Cannot retry run ${made.id}: it is an undo of run ${run.id}. To take back what it ` +
      `kept, undo that run again: ingest undo ${run.id}`,
  });
});
