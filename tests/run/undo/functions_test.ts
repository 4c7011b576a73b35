/**
 * Functions that the table calls by itself write to it, too. An undo deletes nothing that was there
 * before, and nothing of theirs.
 */
import assert from "node:assert/strict";
import { type Workshop, workshop } from "../importing.ts";
import { listCalledFunctions } from "../../../src/load/catalog/called_functions.ts";
import { imported, IMPORTER, reasons, undo } from "./undoing.ts";

/** `writes` changes a row from before, once for each new one. `looks` may be in an index. */
const FUNCTIONS = `create schema f;
  create function f.writes(given int) returns int language plpgsql as $$ begin
    if given >= 10 then update t set v = v || '!' where was = given % 9 + 1; end if;
    return given; end $$;
  create function f.looks(given int) returns int language plpgsql immutable as $$ begin
    return f.writes(given); end $$;
  create function f.equal(int, int) returns boolean language plpgsql as $$ begin
    return f.writes($1) = $2; end $$;
  create operator f.=== (leftarg = int, rightarg = int, procedure = f.equal);
  create domain f.number as int check (f.writes(value) is not null);
  create domain f.numbers as f.number[];
  create domain f.ten as int default f.writes(10);
  create type f.pair as (a f.number, b int);`;
const ROWS = "insert into t (id, v, was) select i, 'old', i from generate_series(1, 9) i;";

/** What calls a function while rows are inserted and updated, those from 10 on being new. */
const CALLERS: Readonly<Record<string, string>> = {
  "a DEFAULT": `create table t (id int primary key, v text, was int, d int default f.writes(10))`,
  "the DEFAULT of a domain": `create table t (id int primary key, v text, was int, d f.ten)`,
  "a CHECK": `create table t (id int primary key, v text, was int, check (f.writes(id) = id))`,
  "a CHECK with an operator":
    `create table t (id int primary key, v text, was int, check (id operator(f.===) id))`,
  "a generated column": `create table t (id int primary key, v text, was int,
     d int generated always as (f.looks(id)) stored)`,
  "an index": `create table t (id int primary key, v text, was int);
     create index on t (f.looks(id))`,
  "a partial index": `create table t (id int primary key, v text, was int);
     create index on t (v) where f.looks(id) > 0`,
  "an exclusion constraint": `create table t (id int primary key, v text, was int,
     exclude (f.looks(id) with =))`,
  "a domain": "create table t (id f.number primary key, v text, was int)",
  "the domain of an array's elements":
    "create table t (id int primary key, v text, was int, d f.numbers default array[10])",
  "the domain of a composite type's field":
    "create table t (id int primary key, v text, was int, d f.pair default row(10, 1))",
  "a partition's CHECK":
    `create table t (id int primary key, v text, was int) partition by range (id);
     create table t1 partition of t (check (f.writes(id) = id)) for values from (0) to (1000)`,
  "a partition's index":
    `create table t (id int primary key, v text, was int) partition by range (id);
     create table t1 partition of t for values from (0) to (1000);
     create index on t1 (f.looks(id))`,
  "the key of partitions":
    `create table t (id int, v text, was int) partition by range (f.looks(id));
     create table t1 partition of t for values from (0) to (1000)`,
};

const STAGED = ["a DEFAULT", "a CHECK", "a domain", "a partition's index"];

const FILE = "id,v\n10,a\n11,a\n12,a\n13,a\n14,a\n";

/** The rows from before that are still there, and the others. */
async function rows({ session }: Workshop) {
  const [found] = await session.query<{ before: number; others: number[] }>(
    `select count(was) as before, coalesce(array_agg(id::int) filter (where was is null), '{}') as others
     from t`,
  );
  return found;
}

for (const [what, table] of Object.entries(CALLERS)) {
  for (const how of STAGED.includes(what) ? ["copied", "staged"] : ["copied"]) {
    const definition = how === "copied" ? IMPORTER : `${IMPORTER}key: [id]\non_duplicate: update\n`;
    Deno.test(`${what} calls a function that writes to the table; rows are ${how}`, async () => {
      await using shop = await workshop(`${FUNCTIONS}${table}; ${ROWS}`);
      const run = await imported(shop, FILE, definition);
      assert.match(run.status, /^completed/u);
      const [{ written }] = await shop.session.query<{ written: number }>(
        "select count(*) as written from t where v like 'old!%'",
      );
      assert.ok(written > 0, "the function has written");
      await undo(shop, run);
      assert.equal((await rows(shop)).before, 9);
    });
  }
}

Deno.test("where functions write elsewhere, or not at all, the run's rows go", async () => {
  await using shop = await workshop(
    `create schema f; create table notes (id int);
     create function f.note(given int) returns boolean language plpgsql as $$ begin
       insert into notes values (given); return true; end $$;
     create table t (id int primary key check (f.note(id)), v text, was int); ${ROWS}`,
  );
  const run = await imported(shop, FILE);
  assert.equal(await undo(shop, run), "completed: deleted 5, restored 0, kept 0");
  assert.deepEqual(await rows(shop), { before: 9, others: [] });
});

Deno.test("rows beside which a function wrote are kept, and say so", async () => {
  await using shop = await workshop(
    `${FUNCTIONS} create table t (id int primary key check (f.writes(id) = id), v text, was int);
     ${ROWS}`,
  );
  const run = await imported(shop, "id,v\n10,a\n11,a\n");
  const receipt = "completed_with_errors: deleted 0, restored 0, kept 4";
  assert.equal(await undo(shop, run, { dryRun: true }), receipt);
  const [{ warnings }] = await shop.session.query<{ warnings: string[] }>(
    "select warnings from ingest.runs where dry_run",
  );
  assert.equal(
    warnings.find((text) => text.includes("functions when")),
    "t calls functions when its rows are written, in a default, a check, an index or the like: " +
      "f.writes(integer). What they did during the import is not taken back, and rows beside which " +
      "they wrote to t are kept.",
  );
  assert.equal(await undo(shop, run), receipt);
  const [reason] = await reasons(shop);
  assert.equal(
    reason.replace(/^\d+ /u, ""),
    "A trigger or a function of the table wrote to it beside the run's batch, so nothing tells its " +
      "rows from the run's.",
  );
});

Deno.test("functions of Postgres, and those that only triggers call, are none of the table's", async () => {
  await using shop = await workshop(
    `create type mood as enum ('good', 'bad'); create domain short as text check (length(value) < 9);
     create function f() returns trigger language plpgsql as $$ begin return new; end $$;
     create table other (id int primary key);
     create table t (id bigserial primary key, u uuid default gen_random_uuid(), at timestamptz default now(),
       m mood, s short[], v text, l text generated always as (lower(v)) stored,
       o int references other, check (s <> '{}'), exclude using gist (int4range(o, o + 1) with &&));
     create index on t (upper(l));
     create trigger f before insert on t for each row execute function f();`,
  );
  const [{ oid }] = await shop.session.query<{ oid: number }>("select 't'::regclass::int as oid");
  assert.deepEqual(await listCalledFunctions(shop.session, oid), []);
});
