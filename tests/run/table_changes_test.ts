/** The table changes while a run goes on: between two batches, or between cancel and resume. */
import assert from "node:assert/strict";
import { requestCancel } from "../../src/ledger/runs/run_states.ts";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { Session } from "../../src/db/session.ts";
import { reopenForResume } from "../../src/run/request/resume.ts";
import { until } from "../support/until.ts";
import { changedInTheMiddle, GATE, GATED, gated } from "./gate.ts";
import { type Workshop, workshop } from "./importing.ts";
import { working } from "./working.ts";

/** The rows of a query, as Postgres writes rows. */
async function rows(session: Session, query: string): Promise<readonly string[]> {
  const found = await session.query<{ row: string }>(`select r::text as row from (${query}) r`);
  return found.map(({ row }) => row);
}

const NUMBERS = "n\n1\n2\n3\n4\n5\n6\n7\n8\n";
const NUMS = `create table nums (n integer); ${GATED} ${gated("nums")}`;

for (
  const [type, words] of [
    ["real", "real"],
    ["bigint", "bigint"],
    ["text", "text"],
    ["numeric(10,2)", "numeric(10,2)"],
  ]
) {
  Deno.test(`an integer column that becomes ${type} gets the file's numbers, and the run says so`, async () => {
    await using shop = await workshop(NUMS);
    const run = await shop.create("table: nums\noptions: { batch_rows: 2 }\n", NUMBERS);
    const ended = await changedInTheMiddle(shop, run, `alter table nums alter n type ${type}`);
    assert.equal(ended.status, "completed", ended.error?.message);
    const [{ sum }] = await shop.session.query<{ sum: string }>(
      "select string_agg(n::int::text, ' ' order by n::int) as sum from nums",
    );
    assert.equal(sum, "1 2 3 4 5 6 7 8");
    assert.deepEqual(ended.warnings, [
      `The table changed during the run: n of nums is ${words} now, it was integer.`,
    ]);
  });
}

Deno.test("a change that the definition doesn't fit any more fails the run, in words", async () => {
  await using shop = await workshop(NUMS);
  const run = await shop.create(
    "table: nums\noptions: { batch_rows: 2 }\ncolumns: { n: { from: n, min: 1 } }\n",
    NUMBERS,
  );
  const ended = await changedInTheMiddle(
    shop,
    run,
    "alter table nums alter n type date using now()::date",
  );
  assert.equal(ended.status, "failed");
  assert.match(
    ended.error!.message,
    /^The table changed during the run: n of nums is date now, it was integer\. .*min/,
  );
});

Deno.test("a table that is dropped during the run fails it; one that replaces it gets the rest", async () => {
  {
    await using shop = await workshop(NUMS);
    const run = await shop.create("table: nums\noptions: { batch_rows: 2 }\n", NUMBERS);
    const ended = await changedInTheMiddle(shop, run, "drop table nums");
    assert.deepEqual([ended.status, ended.error!.message], [
      "failed",
      "There is no table nums in this database.",
    ]);
  }
  await using shop = await workshop(NUMS);
  const run = await shop.create("table: nums\noptions: { batch_rows: 2 }\n", NUMBERS);
  const ended = await changedInTheMiddle(
    shop,
    run,
    "begin; drop table nums; create table nums (n integer); commit",
  );
  assert.equal(ended.status, "completed");
  assert.deepEqual(ended.warnings, [
    "The table changed during the run: nums was created anew.",
  ]);
  assert.deepEqual(await rows(shop.session, "select count(*) from nums"), ["(6)"]);
});

Deno.test("a column that becomes required, gets a check or new labels is judged as it is now", async () => {
  await using shop = await workshop(
    `create type mood as enum ('good', 'bad'); create domain small as int check (value < 100);
     create table nums (id int, m mood, s small, t text); ${GATED} ${gated("nums")}`,
  );
  const run = await shop.create(
    "table: nums\noptions: { batch_rows: 2 }\n",
    "id,m,s,t\n1,good,1,a\n2,bad,2,\n3,fine,3,c\n4,good,400,d\n5,good,5,\n6,good,700,f\n",
  );
  const ended = await changedInTheMiddle(
    shop,
    run,
    `alter table nums add constraint late check (id <> 6); alter type mood add value 'fine';
     alter table nums alter t set default 'x';
     alter domain small drop constraint small_check; alter domain small add check (value < 500)`,
  );
  assert.equal(ended.status, "completed_with_errors");
  assert.deepEqual(await rows(shop.session, "select id from nums order by id"), [
    "(1)",
    "(2)",
    "(3)",
    "(4)",
    "(5)",
  ]);
});

Deno.test("a unique index that is added during the run refuses the later of two rows, in any batch", async () => {
  await using shop = await workshop(
    `create table nums (id int primary key, code text); ${GATED} ${gated("nums")}`,
  );
  const lines = Array.from({ length: 30 }, (_, i) => `${i + 1},c${i % 20}`);
  const run = await shop.create(
    "table: nums\nkey: id\noptions: { batch_rows: 2 }\n",
    ["id,code", ...lines, ""].join("\n"),
  );
  const ended = await changedInTheMiddle(
    shop,
    run,
    "create unique index on nums (code)",
    3,
  );
  assert.deepEqual([ended.status, ended.in_order], ["completed_with_errors", true]);
  assert.deepEqual(await rows(shop.session, "select count(*), max(id) from nums"), ["(20,20)"]);
});

const PARTITIONED = `create table nums (n integer) partition by range (n);
  create table low partition of nums for values from (0) to (100); ${GATED} ${gated("nums")}
  create function halve() returns trigger language plpgsql as $$
  begin if new.n % 2 = 0 then return null; end if; return new; end $$;`;

Deno.test("a trigger that arrives on a partition is noticed", async () => {
  await using shop = await workshop(PARTITIONED);
  const run = await shop.create("table: nums\noptions: { batch_rows: 2 }\n", NUMBERS);
  const ended = await changedInTheMiddle(
    shop,
    run,
    "create trigger halve before insert on low for each row execute function halve()",
  );
  assert.match(ended.warnings.join(), /nums has BEFORE INSERT triggers now/);
  assert.deepEqual(await rows(shop.session, "select count(*) from nums where n > 2"), ["(3)"]);
});

Deno.test("a trigger that arrives on a partition after a batch has looked at the table is noticed", async () => {
  await using shop = await workshop(PARTITIONED);
  for (const transaction of ["batch", "run"]) {
    await shop.session.query("truncate nums; drop trigger if exists halve on low");
    const run = await shop.create(
      `table: nums\noptions: { batch_rows: 2, transaction: ${transaction} }\n`,
      NUMBERS,
    );
    await using person = await Session.open(shop.database.config);
    // The batch knows the table, and waits for the partition.
    await person.query(
      "begin; create trigger halve before insert on low for each row execute function halve()",
    );
    const driven = shop.drive(run, 1);
    await until(
      shop.session,
      "exists (select from pg_locks where relation = 'low'::regclass and mode = 'RowExclusiveLock' and not granted)",
    );
    await person.query("commit");
    const ended = await driven;
    assert.equal(ended.error, null, transaction);
    assert.deepEqual([ended.summary?.created, ended.summary?.skipped], [4, 4]);
    assert.deepEqual(await rows(shop.session, "select count(*) from nums"), ["(4)"]);
  }
});

Deno.test("a table that is altered between cancel and resume is read anew by the same workers", async () => {
  await using shop = await workshop(NUMS);
  const { session, ledger } = shop;
  const run = await shop.create("table: nums\noptions: { batch_rows: 2 }\n", NUMBERS);
  await using gatekeeper = await Session.open(shop.database.config);
  await gatekeeper.query(`select pg_advisory_lock(${GATE})`);
  await working(shop, async () => {
    await until(session, "exists (select from pg_locks where objid = 4242 and not granted)");
    await requestCancel(ledger, run.id, null);
    await gatekeeper.query(`select pg_advisory_unlock(${GATE})`);
    await until(session, "exists (select from ingest.runs where status = 'cancelled')");
    await session.query("alter table nums alter n type bigint");
    await reopenForResume(ledger, run.id, null, undefined);
    await until(session, "exists (select from ingest.runs where status = 'completed')");
  });
  assert.deepEqual(await rows(session, "select sum(n), count(*) from nums"), ["(36,8)"]);
});

/** Works on a run until its first batch is loaded, cancels it, and changes its table. */
async function cancelledAndChanged(shop: Workshop, run: Run, change: string): Promise<void> {
  await using gatekeeper = await Session.open(shop.database.config);
  await gatekeeper.query(`select pg_advisory_lock(${GATE})`);
  const driven = shop.drive(run, 1);
  await until(shop.session, "exists (select from pg_locks where objid = 4242 and not granted)");
  await requestCancel(shop.ledger, run.id, null);
  await gatekeeper.query(`select pg_advisory_unlock(${GATE})`);
  assert.equal((await driven).status, "cancelled");
  await shop.session.query(change);
}

async function resumed(shop: Workshop, run: Run): Promise<Run> {
  return await shop.drive(await reopenForResume(shop.ledger, run.id, null, undefined), 1);
}

const PAIRS = "n,name\n1,a\n2,b\n3,c\n4,d\n";
const NAMED = `create table nums (n integer, name text); ${GATED} ${gated("nums")}`;

for (
  const [change, words] of [
    ["alter table nums alter n type real", "n of nums is real now, it was integer"],
    [
      "alter table nums rename n to x; alter table nums add n integer",
      "x of nums is new; n of nums is another column now",
    ],
    ["alter table nums add check (n > 0)", "the constraint nums_n_check is new"],
  ]
) {
  Deno.test(`a process that resumes a run says what has changed before it came: ${words}`, async () => {
    await using shop = await workshop(NAMED);
    const run = await shop.create("table: nums\noptions: { batch_rows: 2 }\n", PAIRS);
    await cancelledAndChanged(shop, run, change);
    const ended = await resumed(shop, run);
    assert.equal(ended.status, "completed", ended.error?.message);
    assert.deepEqual(ended.warnings, [`The table changed during the run: ${words}.`]);
  });
}

for (
  const [change, words] of [
    ["alter table nums rename name to title", "title of nums is new; name of nums is gone"],
    ["alter table nums drop name", "name of nums is gone"],
  ]
) {
  Deno.test(`a column that was filled and is gone is not left out in silence: ${change}`, async () => {
    await using shop = await workshop(NAMED);
    const run = await shop.create("table: nums\noptions: { batch_rows: 2 }\n", PAIRS);
    await cancelledAndChanged(shop, run, change);
    const ended = await resumed(shop, run);
    const changed = `The table changed during the run: ${words}.`;
    assert.deepEqual([ended.status, ended.error], [
      "failed",
      {
        code: "table_changed",
        message: `${changed} Until now the run has filled name. Put that back, or resume the run ` +
          "to load the rest without it.",
      },
    ]);
    assert.deepEqual(await rows(shop.session, "select count(*) from nums"), ["(2)"]);
    const whole = await resumed(shop, run);
    assert.equal(whole.status, "completed", whole.error?.message);
    assert.deepEqual(
      whole.warnings,
      [
        "The table nums has no column for: name. It is not imported.",
        changed,
      ].toSorted(),
    );
    assert.deepEqual(await rows(shop.session, "select count(*) from nums"), ["(4)"]);
  });
}

for (const dryRun of [false, true]) {
  const what = dryRun ? "a dry run" : "a run";
  Deno.test(`${what} with later phases goes on after a change of the table`, async () => {
    await using shop = await workshop(
      `create table nums (id int primary key, v int); ${GATED} ${gated("nums")}`,
    );
    const run = await shop.create(
      "table: nums\nkey: id\non_duplicate: update\noptions: { batch_rows: 2 }\n",
      "id,v\n1,1\n2,1\n1,2\n2,2\n1,3\n2,3\n3,3\n",
      { dryRun },
    );
    const ended = await changedInTheMiddle(shop, run, "alter table nums alter v type bigint");
    assert.equal(ended.status, "completed", ended.error?.message);
    assert.deepEqual(
      await rows(shop.session, "select id, v from nums order by id"),
      dryRun ? [] : ["(1,3)", "(2,3)", "(3,3)"],
    );
  });
}
