/** Values are compared as the table's indexes and constraints compare them, on any search path. */
import { deepStrictEqual } from "node:assert/strict";
import { newLoadHistory } from "../../../src/load/load_plan.ts";
import { testDatabase } from "../../support/database.ts";
import { contents, load, type Loading, type Value } from "../loading.ts";

const EXTENSIONS = `create schema ext;
  create extension citext schema ext; create extension ltree schema ext;
  create extension hstore schema ext; create extension intarray schema ext;
  create collation ext.ignoring (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  create domain ext.name_of as ext.citext check (value <> 'none');
  create type ext.pair as (a ext.citext, b int);
  create type ext.spelled as range (subtype = ext.citext);
  -- A schema whose operators must not be used.
  create schema odd;
  create function odd.never(anyelement, anyelement) returns boolean immutable language sql
    as 'select false';
  create operator odd.= (leftarg = anyelement, rightarg = anyelement, function = odd.never);
  create operator odd.> (leftarg = anyelement, rightarg = anyelement, function = odd.never);`;

const PATHS = ["", "odd, pg_catalog", "public, ext"];

/** A column's type, a value, and another one that equals it. */
const EQUAL_VALUES: readonly (readonly [type: string, value: string, same: string])[] = [
  ["ext.citext", "Ada", "ADA"],
  ["ext.name_of", "Ada", "ADA"],
  ["ext.citext[]", "{Ada,Bob}", "{ADA,bob}"],
  ["ext.pair", "(Ada,1)", "(ADA,1)"],
  ["ext.spelled", "[Ada,Bob)", "[ADA,BOB)"],
  ["text collate ext.ignoring", "Ada", "ADA"],
  ["ext.ltree", "a.b", "a.b"],
  ["ext.hstore", "a=>1,b=>2", "b=>2,a=>1"],
  ["numeric", "1.0", "1.00"],
  ["varchar(9)", "Ada", "Ada"],
  ["int4range", "[1,3)", "[1,2]"],
  ["integer[]", "{1,2}", "{1,2}"],
];

const WAYS: readonly (readonly [string, Partial<Loading>])[] = [
  ["copied", {}],
  ["foreseen", { history: { ...newLoadHistory(), refusedInRow: 5 } }],
];

for (const [type, value, same] of EQUAL_VALUES) {
  Deno.test(`keys of type ${type} are found on any search path`, async () => {
    await using db = await testDatabase();
    await db.session.query(
      `${EXTENSIONS} create table public.parents (id ${type} primary key);
       insert into parents values ('${value}');
       create table public.t (k ${type} unique, v text, p ${type} references parents)`,
    );
    const columns = ["k", "v", "p"];
    for (const path of PATHS) {
      await db.session.query(`set search_path = ${path === "" ? "''" : path}`);
      for (const [way, history] of WAYS) {
        await db.session.query(
          `truncate public.t; insert into public.t values ('${value}', 'old', null)`,
        );
        const rows: Value[][] = [[null, "a", same], [same, "b", null]];
        const loading = { table: "public.t", columns, rows, ...history };
        const refused = await load(db.session, loading);
        deepStrictEqual(refused.outcomes, ["created", "duplicate"], `${way}, path ${path}`);
        const updated = await load(db.session, {
          ...loading,
          rows: [[same, "new", same]],
          plan: { key: ["k"], onDuplicate: "update" },
        });
        deepStrictEqual(updated.outcomes, ["updated"], `${way}, path ${path}`);
      }
    }
  });
}

Deno.test("an index with a collation of its own decides what a duplicate is", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `${EXTENSIONS} create table t (k text collate "C", v text);
     create unique index on t (k collate ext.ignoring); insert into t values ('Ada', 'old')`,
  );
  for (const [, history] of WAYS) {
    const loading = { columns: ["k", "v"], rows: [["ADA", "a"], ["Bob", "b"]], ...history };
    deepStrictEqual((await load(db.session, loading)).outcomes, ["duplicate", "created"]);
    await db.session.query("delete from t where k = 'Bob'");
  }
  const { outcomes } = await load(db.session, {
    columns: ["k", "v"],
    rows: [["ADA", "new"], ["ada", "newest"], ["Bob", "b"]],
    plan: { key: ["k"], onDuplicate: "update", keysMayRepeat: true },
  });
  deepStrictEqual(outcomes, ["updated", "updated", "created"]);
  deepStrictEqual(await contents(db.session), ["(Ada,newest)", "(Bob,b)"]);
});

Deno.test("CHECKs mean the same on the session that loads as on the one that read them", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `${EXTENSIONS} set search_path = public, ext;
     create function ext.is_short(ext.citext) returns boolean immutable language sql
       as 'select pg_catalog.length($1::text) < 5';
     create table t (k int primary key, v citext check (v <> 'NONE' and is_short(v)))`,
  );
  for (const path of PATHS) {
    await db.session.query(`set search_path = ${path === "" ? "''" : path}; truncate public.t`);
    const { outcomes, errors } = await load(db.session, {
      table: "public.t",
      columns: ["k", "v"],
      rows: [["1", "none"], ["2", "too long"], ["3", "some"]],
      history: { ...newLoadHistory(), refusedInRow: 5 },
    });
    deepStrictEqual(outcomes, ["check", "check", "created"], path);
    deepStrictEqual(errors.get(0)?.constraint, "t_v_check");
  }
  const [{ path }] = await db.session.query<{ path: string }>(
    "select current_setting('search_path') as path",
  );
  deepStrictEqual(path, PATHS.at(-1));
});

Deno.test("update_if_newer compares by the type's own order", async () => {
  await using db = await testDatabase();
  await db.session.query(`${EXTENSIONS} create table public.t (k int primary key, v ext.citext)`);
  for (const path of PATHS) {
    await db.session.query(
      `set search_path = ${path === "" ? "''" : path};
       truncate public.t; insert into public.t values (1, 'b'), (2, 'b')`,
    );
    const { outcomes } = await load(db.session, {
      table: "public.t",
      columns: ["k", "v"],
      // As text, C is before b.
      rows: [["1", "C"], ["2", "A"]],
      plan: {
        key: ["k"],
        onDuplicate: "update_if_newer",
        compare: { target: "v", extra: false },
      },
    });
    deepStrictEqual(outcomes, ["updated", "skipped"], path);
  }
});
