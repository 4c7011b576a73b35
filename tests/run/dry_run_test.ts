/**
 * A dry run reports exactly what the real run then does, and changes nothing itself. (The reference
 * test checks the same for random imports.)
 */
import assert from "node:assert/strict";
import type { Session } from "../../src/db/session.ts";
import { readProgress } from "../../src/ledger/runs/progress.ts";
import { reopenRun, requestCancel } from "../../src/ledger/runs/run_states.ts";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { count, type Workshop, workshop } from "./importing.ts";
import { PATIENCE, until } from "../support/until.ts";

interface Fixture {
  /** The table is `t`. */
  readonly tables: string;
  readonly definition: string;
  readonly header: string;
  readonly rows: readonly string[];
}

function numbered(rows: number, row: (i: number) => string): string[] {
  return Array.from({ length: rows }, (_, i) => row(i));
}

const FIXTURES: Readonly<Record<string, Fixture>> = {
  "rows that repeat keys, far apart, and change each other": {
    tables: `create table t (id int primary key, email text unique, n int check (n <> 13));
      insert into t values (3, 'old', 0), (5, 'older', 0)`,
    definition: "table: t\nkey: id\non_duplicate: update\n",
    header: "id,email,n",
    rows: numbered(200, (i) => `${i % 70},e${i % 90},${i % 17}`),
  },
  "rows that may only be inserted": {
    tables: "create table t (id int primary key, email text unique)",
    definition: "table: t\nkey: id\non_duplicate: fail\n",
    header: "id,email",
    rows: numbered(120, (i) => `${i % 50},e${i % 45}`),
  },
  "the newer of two rows": {
    tables: "create table t (id int primary key, at timestamptz, v text)",
    definition:
      "table: t\nkey: id\non_duplicate: update_if_newer\ncompare: { source: at, target: at }\n",
    header: "id,at,v",
    rows: numbered(90, (i) => `${i % 20},2026-01-${10 + (i * 7) % 19}T00:00:00Z,v${i}`),
  },
  "times with a zone and times without one in a key": {
    tables: "create table t (at timestamptz primary key, v text)",
    definition: "table: t\nkey: at\non_duplicate: update\n",
    header: "at,v",
    // In UTC the second half repeats the first, though the texts differ.
    rows: numbered(60, (i) => `2026-01-01 00:${10 + i % 30}:00${i < 30 ? "" : "+00"},v${i}`),
  },
  "constraints that are deferred": {
    tables: `create table p (id int primary key);
      insert into p select generate_series(1, 30);
      create table t (id int primary key, email text unique deferrable initially deferred,
        p int references p deferrable initially deferred)`,
    definition: "table: t\nkey: id\non_duplicate: update\n",
    header: "id,email,p",
    rows: numbered(100, (i) => `${i % 60},e${i % 70},${i % 33}`),
  },
  "triggers that change, drop and refuse rows and write elsewhere": {
    tables: `create table t (id int primary key, v text, n int);
      create table audit (at serial, id int, v text);
      create function before() returns trigger language plpgsql as $$ begin
        if new.n = 3 then return null; end if; new.v := upper(new.v); return new; end $$;
      create function after() returns trigger language plpgsql as $$ begin
        if new.n = 4 then raise 'no fours'; end if;
        insert into audit (id, v) values (new.id, new.v); return null; end $$;
      create trigger before before insert or update on t for each row execute function before();
      create constraint trigger after after insert or update on t
        deferrable initially deferred for each row execute function after()`,
    definition: "table: t\nkey: id\non_duplicate: update\n",
    header: "id,v,n",
    rows: numbered(100, (i) => `${i % 60},v${i},${i % 11}`),
  },
  "a table that refers to itself": {
    tables: "create table t (id int primary key, parent int references t, v text)",
    definition: "table: t\nkey: id\non_duplicate: update\n",
    header: "id,parent,v",
    // Each row refers to the one after it; every ninth refers to a row that never comes.
    rows: numbered(60, (i) => `${i},${i % 9 === 8 ? 999 : i === 59 ? "" : i + 1},v${i}`)
      .concat(numbered(20, (i) => `${i * 2},,again${i}`)),
  },
  "keys that only Postgres can compare": {
    tables: `create table t (id int, room int, during int4range,
        exclude using gist (during with &&));
      create unique index on t ((id / 2))`,
    definition: "table: t\n",
    header: "id,room,during",
    rows: numbered(60, (i) => `${i},1,"[${i * 3},${i * 3 + (i % 4)})"`),
  },
  "partitions, one of which is missing": {
    tables: `create table t (id int primary key, v text) partition by range (id);
      create table t_low partition of t for values from (0) to (20);
      create table t_high partition of t for values from (30) to (90)`,
    definition: "table: t\nkey: id\non_duplicate: update\n",
    header: "id,v",
    rows: numbered(100, (i) => `${i % 60},v${i}`),
  },
  "a lookup in the table instead of new rows": {
    tables: "create table t (id int primary key, v text); insert into t values (1, 'a'), (2, 'b')",
    definition: "table: t\nkey: id\non_duplicate: update\non_missing: fail\n",
    header: "id,v",
    rows: numbered(40, (i) => `${i % 4},v${i}`),
  },
};

for (const [name, fixture] of Object.entries(FIXTURES)) {
  Deno.test(`a dry run says what the real run does, and leaves no trace: ${name}`, async () => {
    await using shop = await workshop(fixture.tables);
    const before = await everything(shop.session);
    const dry = await shop.drive(await create(shop, fixture, 3, true), 3);
    assert.deepEqual(await everything(shop.session), before);
    const real = await shop.drive(await create(shop, fixture, 3, false), 3);
    assert.notDeepEqual(await everything(shop.session), before);
    await assertSame(shop, dry, real);
    assert.equal(dry.dry_run, true);
  });
}

Deno.test("a dry run cancelled in its rehearsal releases its locks, and can be resumed", async () => {
  const { tables, ...rest } = FIXTURES["rows that repeat keys, far apart, and change each other"];
  await using shop = await workshop(tables);
  const { session, ledger } = shop;
  const before = await everything(session);
  const run = await create(shop, { tables, ...rest }, 2, true);
  // Only a deferred row has this address: the rehearsal reaches it halfway.
  await using blocker = await openAnother(shop);
  await blocker.query("begin; insert into t values (1000, 'e75', 0)");
  const driving = shop.drive(run, 2);
  await until(session, "(select waiting_on ~ 'waits for a row, locked by' from ingest.run_health)");
  assert.ok(await requestCancel(ledger, run.id, "tester"));
  await blocker.query("rollback");
  assert.equal((await driving).status, "cancelled");
  await session.query(`set lock_timeout = ${PATIENCE}; lock table t; reset lock_timeout`);
  assert.deepEqual(await everything(session), before);

  assert.ok(await reopenRun(ledger, run.id, "tester", null));
  const dry = await shop.drive(run, 3);
  const real = await shop.drive(await create(shop, { tables, ...rest }, 2, false), 3);
  await assertSame(shop, dry, real);
});

Deno.test("a dry run and a session that writes the same rows wait for each other, however long", async () => {
  const fixture = FIXTURES["rows that repeat keys, far apart, and change each other"];
  await using shop = await workshop(fixture.tables);
  const dry = await create(shop, fixture, 5, true);
  const [real] = await shop.session.query<Run>(
    `insert into ingest.runs (importer, definition, source, header, planned_bytes, planned_lines)
     select importer, definition, source, header, planned_bytes, planned_lines from ingest.runs
     returning *`,
  );
  const [dryEnd, realEnd] = await Promise.all([shop.drive(dry, 2), shop.drive(real, 2)]);
  assert.equal(dryEnd.status, "completed_with_errors", dryEnd.error?.message);
  assert.equal(realEnd.status, "completed_with_errors");
  const after = await contents(shop.session);
  await using alone = await workshop(fixture.tables);
  await alone.drive(await create(alone, fixture, 5, false), 2);
  assert.deepEqual(after, await contents(alone.session));
});

async function create(
  shop: Workshop,
  { definition, header, rows }: Fixture,
  batchRows: number,
  dryRun: boolean,
): Promise<Run> {
  const options = `options: { batch_rows: ${batchRows}, log_rows: all }\n`;
  return await shop.create(definition + options, [header, ...rows, ""].join("\n"), { dryRun });
}

/** Every row of every table, with its place in storage and the transaction that wrote it. */
async function everything(session: Session): Promise<object> {
  const tables = await session.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace" +
      " and relkind = 'r' order by 1",
  );
  const found: Record<string, object> = {};
  for (const { name } of tables) {
    found[name] = await session.query(
      `select ctid::text, xmin::text, x::text as row from ${name} x order by 1`,
    );
  }
  return found;
}

async function contents(session: Session): Promise<object> {
  return await session.query("select t::text as row from t order by 1");
}

async function assertSame(shop: Workshop, dry: Run, real: Run): Promise<void> {
  assert.equal(dry.status, real.status);
  const outcomes = (run: Run) =>
    shop.session.query(
      "select row_number, line, status, raw, errors from ingest.rows" +
        " where run_id = $1 order by row_number",
      [run.id],
    );
  assert.deepEqual(await outcomes(dry), await outcomes(real));
  const counts = async (run: Run) => {
    const { total, processed, created, updated, skipped, failed, deferred } = await readProgress(
      shop.ledger,
      run.id,
    );
    return { total, processed, created, updated, skipped, failed, deferred };
  };
  assert.deepEqual(await counts(dry), await counts(real));
  const errors = (run: Run) =>
    shop.session.query(
      "select kind, message, sum(count) as rows from ingest.batch_errors" +
        " where run_id = $1 group by 1, 2 order by 1, 2",
      [run.id],
    );
  assert.deepEqual(await errors(dry), await errors(real));
  assert.ok(await count(shop.session, `ingest.rows where run_id = ${real.id}`) > 0);
}

async function openAnother(shop: Workshop): Promise<Session> {
  const { Session } = await import("../../src/db/session.ts");
  return await Session.open(shop.database.config);
}
