import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { newLoadHistory } from "../../src/load/load_plan.ts";
import { testDatabase } from "../support/database.ts";
import { countStatements } from "./count_statements.ts";
import { contents, load } from "./loading.ts";

const KEYED = { columns: ["k", "v"], plan: { key: ["k"] } } as const;

Deno.test("rows without conflict are copied straight into the table, in one COPY", async () => {
  await using db = await testDatabase();
  await db.session.query("create table t (k int primary key, v text)");
  const counts = countStatements(db.session);
  const { outcomes } = await load(db.session, { ...KEYED, rows: [["1", "a"], ["2", null]] });
  deepStrictEqual(outcomes, ["created", "created"]);
  deepStrictEqual([counts.get("copy"), counts.get("create")], [1, undefined]);
  deepStrictEqual(await contents(db.session), ["(1,a)", "(2,)"]);
});

Deno.test("loading no rows works", async () => {
  await using db = await testDatabase();
  await db.session.query("create table t (k int primary key, v text)");
  deepStrictEqual((await load(db.session, { ...KEYED, rows: [] })).outcomes, []);
});

Deno.test("values keep every character on both ways into the table", async () => {
  await using db = await testDatabase();
  await db.session.query("create table t (k int primary key, v text)");
  const texts = [
    "\\N",
    "\\.",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "\\",
    '"',
    "",
    " ",
    "'; drop",
    "ü€😀",
    "$1",
  ];
  const rows = texts.map((text, index) => [String(index), text]);
  // The second time they go through the staging table.
  await load(db.session, { ...KEYED, rows });
  await db.session.query("create table before as table t; update t set v = null");
  await load(db.session, { ...KEYED, rows, plan: { key: ["k"], onDuplicate: "update" } });
  for (const table of ["before", "t"]) {
    const stored = await db.session.query<{ v: string }>(`select v from ${table} order by k`);
    deepStrictEqual(stored.map(({ v }) => v), texts, table);
  }
});

Deno.test("a duplicate is skipped, updated or failed, and the other rows are created", async () => {
  await using db = await testDatabase();
  const rows = [["1", "new"], ["2", "new"], ["3", "new"]];
  const expected = {
    skip: { outcome: "skipped", stored: "(2,old)" },
    update: { outcome: "updated", stored: "(2,new)" },
    fail: { outcome: "duplicate", stored: "(2,old)" },
  } as const;
  for (const onDuplicate of ["skip", "update", "fail"] as const) {
    await db.session.query(
      "drop table if exists t; create table t (k int primary key, v text); insert into t values (2, 'old')",
    );
    const { outcomes, errors } = await load(db.session, {
      columns: ["k", "v"],
      rows,
      plan: { key: ["k"], onDuplicate },
    });
    const { outcome, stored } = expected[onDuplicate];
    deepStrictEqual(outcomes, ["created", outcome, "created"]);
    deepStrictEqual(await contents(db.session), ["(1,new)", stored, "(3,new)"]);
    if (onDuplicate !== "fail") continue;
    deepStrictEqual(errors.get(1), {
      code: "duplicate",
      message: "Duplicate entry found for key 'k'.",
      column: "k",
      value: "2",
      sqlstate: "23505",
      constraint: "t_pkey",
    });
  }
});

Deno.test("a row that would change nothing is not written", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table t (k int primary key, v text, j json, n numeric);
     insert into t values (1, null, '{"a":1}', 1.50), (2, 'x', null, 1)`,
  );
  const versions = () => db.session.query<{ xmin: string }>("select xmin::text from t order by k");
  const before = await versions();
  const { outcomes } = await load(db.session, {
    columns: ["k", "v", "j", "n"],
    rows: [["1", null, '{"a":1}', "1.50"], ["2", "x", null, "1"]],
    plan: { key: ["k"], onDuplicate: "update" },
  });
  deepStrictEqual(outcomes, ["skipped", "skipped"]);
  deepStrictEqual(await versions(), before);
});

Deno.test("an update doesn't need NOT NULL columns that the file lacks", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table t (k int primary key, v text, needed int not null);
     insert into t values (1, 'old', 7)`,
  );
  const { outcomes, errors } = await load(db.session, {
    ...KEYED,
    rows: [["1", "new"], ["2", "new"]],
    plan: { key: ["k"], onDuplicate: "update" },
  });
  deepStrictEqual(outcomes, ["updated", "not_null"]);
  strictEqual(errors.get(1)?.column, "needed");
  deepStrictEqual(await contents(db.session), ["(1,new,7)"]);
});

Deno.test("update_if_newer: newer wins; ties, older values and nulls are skipped; null is oldest", async () => {
  await using db = await testDatabase();
  for (const extra of [false, true]) {
    await db.session.query(
      `drop table if exists t; create table t (k int primary key, v text, at timestamptz);
       insert into t select k, 'old', case when k < 5 then timestamptz '2024-01-02 00:00+00' end
       from generate_series(1, 6) k`,
    );
    const { outcomes } = await load(db.session, {
      columns: extra ? ["k", "v"] : ["k", "v", "at"],
      rows: [
        ["1", "new", "2024-01-02 01:00:01+01"],
        ["2", "new", "2024-01-02 01:00:00+01"],
        ["3", "new", "2024-01-01 00:00+00"],
        ["4", "new", null],
        ["5", "new", "1970-01-01 00:00+00"],
        ["6", "new", null],
        ["7", "new", null],
      ],
      plan: { key: ["k"], onDuplicate: "update_if_newer", compare: { target: "at", extra } },
    });
    deepStrictEqual(outcomes, [
      "updated",
      "skipped",
      "skipped",
      "skipped",
      "updated",
      "skipped",
      "created",
    ], `extra: ${extra}`);
  }
});

Deno.test("rows without a match are skipped or fail if they may not be inserted", async () => {
  await using db = await testDatabase();
  for (const onMissing of ["skip", "fail"] as const) {
    await db.session.query(
      `drop table if exists t; create table t (k int primary key, v text);
       insert into t values (1, 'old')`,
    );
    const { outcomes, errors } = await load(db.session, {
      ...KEYED,
      rows: [["1", "new"], ["2", "new"]],
      plan: { key: ["k"], onDuplicate: "update", onMissing },
    });
    deepStrictEqual(outcomes, ["updated", onMissing === "skip" ? "skipped" : "lookup"]);
    deepStrictEqual(await contents(db.session), ["(1,new)"]);
    if (onMissing === "skip") continue;
    deepStrictEqual(errors.get(1), {
      code: "lookup",
      message: "No t row has this k.",
      column: "k",
      value: "2",
    });
  }
});

Deno.test("a key without a unique index updates every row that has it, and counts it once", async () => {
  await using db = await testDatabase();
  await db.session.query(
    "create table t (k int, v text); insert into t values (1, 'a'), (1, 'b'), (2, 'c')",
  );
  const { outcomes } = await load(db.session, {
    ...KEYED,
    rows: [["1", "new"], ["3", "new"]],
    plan: { key: ["k"], onDuplicate: "update" },
  });
  deepStrictEqual(outcomes, ["updated", "created"]);
  deepStrictEqual(await contents(db.session), ["(1,new)", "(1,new)", "(2,c)", "(3,new)"]);
});

Deno.test("NULL is a key like any other if the index is NULLS NOT DISTINCT", async () => {
  await using db = await testDatabase();
  if (db.session.serverVersion < 150000) return;
  await db.session.query(
    `create table t (k int, v text); create unique index t_k on t (k) nulls not distinct;
     insert into t values (null, 'old')`,
  );
  const { outcomes } = await load(db.session, {
    ...KEYED,
    rows: [[null, "new"], ["1", "new"]],
    plan: { key: ["k"], onDuplicate: "update" },
  });
  deepStrictEqual(outcomes, ["updated", "created"]);
});

Deno.test("rows with the same key are applied in the order of their levels", async () => {
  await using db = await testDatabase();
  await db.session.query("create table t (k int primary key, v text)");
  const { outcomes } = await load(db.session, {
    ...KEYED,
    rows: [["1", "a"], ["1", "b"], ["2", "a"], ["1", "c"], ["2", "a"]],
    levels: [0, 1, 0, 2, 1],
    plan: { key: ["k"], onDuplicate: "update" },
  });
  deepStrictEqual(outcomes, ["created", "updated", "created", "updated", "skipped"]);
  deepStrictEqual(await contents(db.session), ["(1,c)", "(2,a)"]);
});

Deno.test("a file of refused rows tries a direct COPY less and less often", async () => {
  await using db = await testDatabase();
  await db.session.query(
    "create table t (k int primary key, v text); insert into t values (1, 'a')",
  );
  const history = newLoadHistory();
  const counts = countStatements(db.session);
  for (let batch = 0; batch < 20; batch++) {
    await load(db.session, { ...KEYED, rows: [["1", "b"]], history });
  }
  const direct = (counts.get("copy") ?? 0) - 20;
  ok(direct >= 2 && direct <= 6, `${direct} direct attempts in 20 batches`);
});

Deno.test("after a refused row no direct COPY is tried until a batch is clean again", async () => {
  await using db = await testDatabase();
  await db.session.query(
    "create table t (k int primary key, v text); insert into t values (0, 'a')",
  );
  const history = newLoadHistory();
  const counts = countStatements(db.session);
  const copies = async (rows: readonly (readonly [string, string])[]) => {
    counts.clear();
    await load(db.session, { columns: ["k", "v"], rows, history });
    return counts.get("copy");
  };
  const refused = [];
  for (let batch = 1; batch <= 20; batch++) {
    refused.push(await copies([["0", "refused"], [String(batch), "new"]]));
  }
  // Three COPYs: the keys and the refused row into the stage, the rest into the table. Before the
  // first, there was a direct attempt.
  deepStrictEqual(refused, [4, ...Array(19).fill(3)]);
  const clean = [];
  for (let batch = 21; batch <= 24; batch++) clean.push(await copies([[String(batch), "new"]]));
  deepStrictEqual(clean, [2, 1, 1, 1]);
  strictEqual(counts.get("create"), undefined);
});

Deno.test("a row that shares only a part of its key is no duplicate, and fails if that is unique", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table t (k int unique, l int, v text, unique (k, l)); insert into t values (1, 1, 'old')`,
  );
  const { outcomes } = await load(db.session, {
    columns: ["k", "l", "v"],
    rows: [["1", "1", "same key"], ["1", "2", "part"], ["2", "1", "new"]],
    plan: { key: ["k", "l"], onDuplicate: "skip" },
  });
  deepStrictEqual(outcomes, ["skipped", "duplicate", "created"]);
});
