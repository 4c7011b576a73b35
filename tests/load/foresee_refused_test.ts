import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { expectedRules, newLoadHistory } from "../../src/load/load_plan.ts";
import { testDatabase } from "../support/database.ts";
import { countStatements } from "./count_statements.ts";
import { contents, load, type Loading, type Value } from "./loading.ts";

/** The history after some batches with refused rows: these are now predicted before the COPY. */
function afterRefusals(...brokenRules: readonly string[]) {
  return { ...newLoadHistory(), refusedInRow: 5, brokenRules: new Set(brokenRules) };
}

/** If keys may repeat, nothing is predicted: COPY is refused, row by row. */
const UNFORESEEN: Partial<Loading> = { plan: { keysMayRepeat: true } };

Deno.test("predicted refusals are word for word those of the COPY", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table company (id int primary key, code varchar(3)); insert into company values (1);
     create type mood as enum ('sad', 'fine');
     create domain positive as int constraint is_positive check (value > 0)`,
  );
  const columns = ["k", "email", "n", "c", "r", "a", "b", "d", "m", "w", "i"];
  const row = (k: number, changes: Readonly<Record<string, Value>> = {}): Value[] => {
    const good: Record<string, Value> = {
      ...{ k: String(k), email: `e${k}`, n: "1", c: "1.50", r: "1", a: String(k), b: "x" },
      ...{ d: "1", m: "fine", w: "abc", i: "10.0.0.1" },
    };
    return columns.map((column) => column in changes ? changes[column] : good[column]);
  };
  const rows = [
    row(1),
    row(2, { email: "taken" }),
    row(3, { n: null }),
    row(4, { c: "100" }),
    row(5, { r: "2" }),
    row(6, { a: "99", b: "y" }),
    row(7, { d: "0" }),
    row(8, { m: "odd" }),
    row(9, { w: "abcd" }),
    row(10, { i: "somewhere" }),
    row(11, { k: "99999999999" }),
    // Two pairs of rows with the same e-mail. The first of a pair is good, or is refused itself.
    row(12, { email: "same" }),
    row(13, { email: "same" }),
    row(14, { email: "again", c: "100" }),
    row(15, { email: "again" }),
    // Of several faults Postgres reports one: unreadable values come first, then NULLs, CHECKs,
    // unique indexes.
    row(16, { r: "2", email: "taken", c: "100", n: null, w: "abcd" }),
    row(17, { r: "2", email: "taken", c: "100", n: null }),
    row(18, { r: "2", email: "taken", c: "100" }),
    row(19, { r: "2", email: "taken" }),
    row(20, { i: "somewhere", m: "odd", k: "x" }),
    row(21, { email: null, r: null, a: null, c: null }),
    row(22),
  ];
  const results = [];
  const ways = [
    UNFORESEEN,
    { history: afterRefusals() },
    ...["unique t_email_key", "check small", "not null n", "foreign key works_at"]
      .map((rule) => ({ history: afterRefusals(rule) })),
  ];
  for (const way of ways) {
    await db.session.query(
      `drop table if exists t;
       create table t (k int primary key, email text unique, n int not null default 7,
         c numeric(6,2) constraint small check (c < 100), r int constraint works_at references company,
         a int, b text, d positive, m mood, w varchar(3), i inet, constraint pair unique (a, b));
       insert into t (k, email, a, b) values (1000, 'taken', 99, 'y')`,
    );
    const { outcomes, errors } = await load(db.session, { columns, rows, ...way });
    results.push({ outcomes, errors: [...errors].sort(([a], [b]) => a - b) });
    strictEqual((await contents(db.session)).length, 6);
  }
  for (const result of results.slice(1)) deepStrictEqual(result, results[0]);
});

Deno.test("only the rules that earlier batches broke are looked at, until a row breaks another", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table t (k int primary key, n int check (n < 100), m int constraint small check (m < 9));
     insert into t values (0, 1, 1)`,
  );
  const staged: string[] = [];
  db.session.copyIn = (statement, chunks) => {
    if (statement.includes('"ingest stage"')) staged.push(/\((.*)\)/.exec(statement)![1]);
    return Session.prototype.copyIn.call(db.session, statement, chunks);
  };
  const history = newLoadHistory();
  const batch = async (...rows: Value[][]) => {
    staged.length = 0;
    const { outcomes, errors } = await load(db.session, {
      columns: ["k", "n", "m"],
      rows,
      history,
    });
    const columns = staged.map((names) => names.replaceAll(/"ingest position", |"/g, ""));
    return [outcomes, [...errors.values()].map(({ constraint }) => constraint), columns];
  };
  const all = "k, n, m";
  const [n, k, created] = ["check", "duplicate", "created"];
  deepStrictEqual(await batch(["1", "100", "1"], ["2", "1", "1"]), [
    [n, created],
    ["t_n_check"],
    [all],
  ]);
  // Both rules are broken. The one that Postgres checks first was not expected.
  deepStrictEqual(await batch(["0", "100", "9"], ["3", "1", "1"]), [
    [n, created],
    ["small"],
    ["n", all],
  ]);
  // The second row breaks only a rule that was not expected.
  deepStrictEqual(await batch(["4", "100", "1"], ["0", "1", "1"], ["5", "1", "1"]), [
    [n, k, created],
    ["t_n_check", "t_pkey"],
    ["n", all, all],
  ]);
  deepStrictEqual(await batch(["6", "100", "1"], ["0", "1", "1"]), [
    [n, k],
    ["t_n_check", "t_pkey"],
    ["k, n", all],
  ]);
});

Deno.test("a value that was taken before the run is found in the table's first pages, another one by COPY", async () => {
  await using db = await testDatabase();
  const rows: Value[][] = Array.from({ length: 100 }, (_, k) => [String(k), `X${k}`]);
  const expected = rows.map((_, k) => k === 7 || k === 93 ? "duplicate" : "created");
  const counts = countStatements(db.session);
  for (const known of [true, false]) {
    await db.session.query(
      `drop table if exists t; drop collation if exists loose;
       create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       create table t (k int, v text collate loose unique)`,
    );
    await db.session.query("insert into t values (1000, 'x7'), (1001, 'x93')");
    const history = afterRefusals("unique t_v_key");
    // Otherwise it is as if they had come after this worker's first batch.
    if (!known) history.earlierPages = 0;
    counts.clear();
    const { outcomes } = await load(db.session, { columns: ["k", "v"], rows, history });
    deepStrictEqual(outcomes, expected);
    // The values and the refused rows into the stage, the others into the table. If no row was found
    // by then, the latter was in vain, and all is done anew.
    strictEqual(counts.get("copy"), known ? 3 : 5);
    strictEqual(expectedRules(history) === null, !known);
  }
});

Deno.test("if no rule explains a refusal, all are looked at from then on", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table t (k int primary key, n int check (n < 100), m int);
     create unique index on t (m) where m > 0; insert into t values (0, 1, 1)`,
  );
  const history = newLoadHistory();
  const batch = (...rows: Value[][]) =>
    load(db.session, { columns: ["k", "n", "m"], rows, history });
  const expected = [];
  for (const k of ["1", "2", "3"]) {
    const { outcomes } = await batch([k, "100", "2"], ["4", "1", "1"]);
    deepStrictEqual(outcomes, ["check", "duplicate"]);
    expected.push(expectedRules(history));
  }
  deepStrictEqual(expected, [new Set(["check t_n_check"]), null, null]);
});

Deno.test("only the columns that rules look at are staged to find refused rows", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table t (k int primary key, name text not null, place inet, long text,
       n int check (n < 100)); insert into t values (1, 'there')`,
  );
  const staged: string[] = [];
  db.session.copyIn = (statement, chunks) => {
    if (statement.includes('"ingest stage"')) staged.push(/\((.*)\)/.exec(statement)![1]);
    return Session.prototype.copyIn.call(db.session, statement, chunks);
  };
  const rows: Value[][] = [["1", "a", null, "x", "1"], ["2", "b", null, "y", "1"]];
  const columns = ["k", "name", "place", "long", "n"];
  const { outcomes } = await load(db.session, { columns, rows, history: afterRefusals() });
  deepStrictEqual(outcomes, ["duplicate", "created"]);
  deepStrictEqual(staged, [
    '"ingest position", "k", "place", "n"',
    // All columns, for the refused row.
    '"ingest position", "k", "name", "place", "long", "n"',
  ]);
});

Deno.test("many NULLs in a NOT NULL column cost few statements", async () => {
  await using db = await testDatabase();
  await db.session.query("create table t (k int primary key, v int not null default 1)");
  const rows = Array.from({ length: 2000 }, (_, k) => [String(k), k % 2 === 0 ? null : "1"]);
  const counts = countStatements(db.session);
  const { outcomes, errors } = await load(db.session, {
    columns: ["k", "v"],
    rows,
    history: afterRefusals(),
  });
  strictEqual(outcomes.filter((outcome) => outcome === "created").length, 1000);
  strictEqual(errors.get(0)?.message, "The v field is required.");
  const total = [...counts.values()].reduce((sum, count) => sum + count);
  ok(total < 20, `${total} statements`);
});

Deno.test("a composite value of NULLs is a value, as a column's NOT NULL and foreign key have it", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create type pair as (x int, y text);
     create table known (p pair primary key); insert into known values ('(1,a)');
     create table t (k int primary key, p pair not null, q pair references known)`,
  );
  const rows: Value[][] = [["1", "(,)", null], ["2", "(,)", "(,)"], ["3", null, null], [
    "4",
    "(,)",
    "(1,a)",
  ]];
  for (const way of [{ history: afterRefusals() }, UNFORESEEN]) {
    await db.session.query("truncate t");
    const { outcomes } = await load(db.session, { columns: ["k", "p", "q"], rows, ...way });
    deepStrictEqual(outcomes, ["created", "foreign_key", "not_null", "created"]);
  }
});
