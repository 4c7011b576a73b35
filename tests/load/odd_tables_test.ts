/** Tables that few people have. */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import type { Session } from "../../src/db/session.ts";
import { introspect } from "../../src/load/catalog/introspect.ts";
import { newLoadHistory } from "../../src/load/load_plan.ts";
import { obstacles } from "../../src/load/obstacles.ts";
import { testDatabase } from "../support/database.ts";
import { contents, load, type Loading, planFor, type Value } from "./loading.ts";

const UPSERT = { key: ["k"], onDuplicate: "update" } as const;

/** The words that say why rows can't go into `t` this way. */
async function refusal(
  session: Session,
  columns: readonly string[],
  plan: Loading["plan"],
): Promise<readonly string[]> {
  return obstacles(planFor(await introspect(session, "t", "ingest"), columns, plan));
}

Deno.test("1,600 columns: rows are inserted, refused rows fail alone, an upsert is refused before", async () => {
  await using db = await testDatabase();
  const columns = ["k", ...Array.from({ length: 1599 }, (_, index) => `c${index}`)];
  await db.session.query(
    `create table t (k int primary key, ${
      columns.slice(1).map((name) => `${name} int check (${name} < 9)`).join(", ")
    })`,
  );
  const row = (k: string, first: string): Value[] => {
    return columns.map((name) => name === "k" ? k : name === "c0" ? first : "1");
  };
  const rows = [row("1", "1"), row("2", "9"), row("3", "x"), row("1", "1"), row("5", "1")];
  for (const history of [newLoadHistory(), { ...newLoadHistory(), refusedInRow: 5 }]) {
    await db.session.query("truncate t");
    const { outcomes, errors } = await load(db.session, { columns, rows, history });
    deepStrictEqual(outcomes, ["created", "check", "type", "duplicate", "created"]);
    strictEqual(errors.get(2)?.column, "c0");
  }
  const { outcomes } = await load(db.session, { columns, rows, plan: { key: ["k"] } });
  deepStrictEqual(outcomes, ["skipped", "check", "type", "skipped", "skipped"]);
  deepStrictEqual(await refusal(db.session, columns, { key: ["k"] }), []);
  const [sentence] = await refusal(db.session, columns, UPSERT);
  match(sentence, /rows of 1600 columns can't be loaded.*Leave out columns/);
  deepStrictEqual(await refusal(db.session, columns.slice(1), UPSERT), []);
});

Deno.test("a table with rules: COPY ignores them on every path, an upsert is refused before", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table t (k int primary key, v int check (v < 9)); create table log (k int);
     create rule note as on insert to t do also insert into log values (new.k);
     create rule drop as on insert to t where new.v = 7 do instead nothing`,
  );
  const rows: Value[][] = [["1", "1"], ["2", "9"], ["3", "7"], ["1", "2"]];
  for (const plan of [{ key: [] }, { key: ["k"] }, { key: ["k"], onDuplicate: "fail" as const }]) {
    for (const history of [newLoadHistory(), { ...newLoadHistory(), refusedInRow: 5 }]) {
      await db.session.query("truncate t");
      const { outcomes } = await load(db.session, { columns: ["k", "v"], rows, plan, history });
      const last = plan.key.length > 0 && !("onDuplicate" in plan) ? "skipped" : "duplicate";
      deepStrictEqual(outcomes, ["created", "check", "created", last]);
      deepStrictEqual(await contents(db.session), ["(1,1)", "(3,7)"]);
    }
  }
  deepStrictEqual(await contents(db.session, "log"), []);
  const [sentence] = await refusal(db.session, ["k", "v"], UPSERT);
  match(sentence, /public\.t has a rule \(CREATE RULE\) for INSERT.* Use a trigger/);

  await db.session.query(
    `drop rule note on t; drop rule drop on t;
     create rule note as on update to t do also insert into log values (new.k)`,
  );
  match((await refusal(db.session, ["k", "v"], UPSERT))[0], /for UPDATE/);
  await db.session.query("alter table t disable rule note");
  deepStrictEqual(await refusal(db.session, ["k", "v"], UPSERT), []);
});

Deno.test("a key needs values that can be equal, and compare needs an order", async () => {
  await using db = await testDatabase();
  await db.session.query(
    "create table t (k int, j json, p point, b box, x xid, o oid, v varchar, i inet[], r record_of)"
      .replace("create", "create type record_of as (a int, b text); create"),
  );
  const says = (plan: Loading["plan"]) => refusal(db.session, ["k", "j", "p", "b", "x"], plan);
  for (const [key, type] of [["j", "json"], ["p", "point"], ["b", "box"]]) {
    deepStrictEqual(await says({ key: [key] }), [
      `${key} is ${type}, whose values Postgres can't tell apart; choose another key.`,
    ]);
  }
  for (const key of ["x", "o", "v", "i", "r"]) deepStrictEqual(await says({ key: [key] }), []);
  const onDuplicate = "update_if_newer";
  deepStrictEqual(
    await says({ key: ["k"], onDuplicate, compare: { target: "j", extra: false } }),
    ["j is json, whose values have no order; compare another column."],
  );
});

Deno.test("columns and tables may be called as the stage's own", async () => {
  await using db = await testDatabase();
  const names = [
    "ingest position",
    "ingest compare",
    "ingest rule",
    "s",
    "t",
    "position",
    "created",
  ];
  const columns = ["k", "v", ...names];
  await db.session.query(
    `create table "ingest stage" (k int primary key, v int check (v < 9), ${
      names.map((name) => `"${name}" int`).join(", ")
    }, newer int)`,
  );
  const row = (k: string, v: string): Value[] => [k, v, ...names.map((_, index) => String(index))];
  const table = '"ingest stage"';
  for (const history of [newLoadHistory(), { ...newLoadHistory(), refusedInRow: 5 }]) {
    await db.session.query(`truncate ${table}`);
    const rows = [row("1", "1"), row("2", "9"), row("3", "x"), row("1", "1"), row("5", "1")];
    const { outcomes } = await load(db.session, { table, columns, rows, history });
    deepStrictEqual(outcomes, ["created", "check", "type", "duplicate", "created"]);
  }
  const upsert = await load(db.session, {
    table,
    columns,
    rows: [row("1", "2"), row("5", "1"), row("6", "9"), row("7", "3")],
    plan: UPSERT,
  });
  deepStrictEqual(upsert.outcomes, ["updated", "skipped", "check", "created"]);
  await db.session.query(`update ${table} set newer = 5`);
  const newer = await load(db.session, {
    table,
    columns,
    rows: [[...row("1", "3"), "6"], [...row("5", "3"), "4"]],
    plan: {
      key: ["k"],
      onDuplicate: "update_if_newer",
      compare: { target: "newer", extra: true },
    },
  });
  deepStrictEqual(newer.outcomes, ["updated", "skipped"]);
});

Deno.test("a row that fits the table, but no row of the stage, is loaded", async () => {
  await using db = await testDatabase();
  // 8,160 bytes is what a row may have. The stage's position needs eight more.
  const columns = ["k", ...Array.from({ length: 1008 }, (_, index) => `c${index}`)];
  await db.session.query(
    `create table t (k bigint primary key, ${
      columns.slice(1).map((name) => `${name} bigint not null`).join(", ")
    })`,
  );
  const row = (k: string): Value[] => [k, ...columns.slice(1).map(() => "1")];
  const { outcomes } = await load(db.session, {
    columns,
    rows: [row("1"), row("x"), row("1"), row("4")],
    history: { ...newLoadHistory(), refusedInRow: 5 },
  });
  deepStrictEqual(outcomes, ["created", "type", "duplicate", "created"]);
});

Deno.test("a key WITHOUT OVERLAPS finds no rows: an overlapping period is refused, not updated", async () => {
  await using db = await testDatabase();
  // It came with Postgres 18.
  if (db.session.serverVersion < 180_000) return;
  await db.session.query(
    `create extension btree_gist;
     create table t (k int, p int4range, v int, primary key (k, p without overlaps))`,
  );
  const columns = ["k", "p", "v"];
  const rows: Value[][] = [
    ["1", "[3,8)", "2"],
    ["1", "[1,5)", "3"],
    ["1", "[5,8)", "4"],
    ["2", "[1,5)", "5"],
    ["2", "[2,3)", "6"],
  ];
  for (const onDuplicate of ["update", "skip", "fail"] as const) {
    await db.session.query("truncate t; insert into t values (1, '[1,5)', 1)");
    const plan = { key: ["k", "p"], onDuplicate };
    const { outcomes, errors } = await load(db.session, { columns, rows, plan });
    const same = { update: "updated", skip: "skipped", fail: "duplicate" }[onDuplicate];
    deepStrictEqual(outcomes, ["database", same, "created", "created", "database"], onDuplicate);
    strictEqual(errors.get(0)?.sqlstate, "23P01");
    const v = onDuplicate === "update" ? 3 : 1;
    const stored = [`(1,"[1,5)",${v})`, '(1,"[5,8)",4)', '(2,"[1,5)",5)'];
    deepStrictEqual(await contents(db.session), stored);
  }
});
