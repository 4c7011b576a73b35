import { deepStrictEqual } from "node:assert/strict";
import { testDatabase } from "../support/database.ts";
import { newLoadHistory } from "../../src/load/load_plan.ts";
import { load } from "./loading.ts";

const TABLES = `create table parents (id int primary key); insert into parents values (1), (2);
  create table t (k int primary key, p int references parents, v text check (v <> 'bad'));`;

const LOADING = {
  columns: ["k", "p", "v"],
  rows: [["1", "1", "a"], ["2", "2", "bad"], ["3", "9", "c"], ["4", "2", "d"]],
};

Deno.test("a row is good if Postgres sees its parent, even if we can't", async (t) => {
  const cases = {
    "without the privilege to read it": "",
    "hidden by a policy":
      "alter table parents enable row level security; grant select on parents to",
  };
  for (const [name, hide] of Object.entries(cases)) {
    await t.step(name, async () => {
      await using db = await testDatabase();
      const role = `limited_${crypto.randomUUID().slice(0, 8)}`;
      await db.session.query(
        `${TABLES} create role ${role}; grant all on t to ${role};
         ${hide && `${hide} ${role};`} set role ${role}`,
      );
      try {
        for (const key of [[], ["k"]]) {
          const { outcomes } = await load(db.session, { ...LOADING, plan: { key } });
          const good = key.length === 0 ? "created" : "skipped";
          deepStrictEqual(outcomes, [good, "check", "foreign_key", good]);
        }
      } finally {
        await db.session.query(`reset role; drop table t, parents; drop role ${role}`);
      }
    });
  }
});

Deno.test("a foreign key that Postgres doesn't enforce refuses no row", async () => {
  await using db = await testDatabase();
  await db.session.query(`${TABLES} alter table t disable trigger all`);
  const { outcomes } = await load(db.session, LOADING);
  deepStrictEqual(outcomes, ["created", "check", "created", "created"]);
});

Deno.test("a foreign key between columns of two collations refuses only the row without a parent", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table parents (id text collate "C" primary key); insert into parents values ('a');
     create table t (k int primary key, p text collate "ucs_basic" references parents)`,
  );
  for (const onDuplicate of ["fail", "update"] as const) {
    await db.session.query("truncate t");
    const { outcomes } = await load(db.session, {
      columns: ["k", "p"],
      rows: [["1", "a"], ["2", "b"], ["3", null]],
      plan: { key: ["k"], onDuplicate },
      history: { ...newLoadHistory(), refusedInRow: 5 },
    });
    deepStrictEqual(outcomes, ["created", "foreign_key", "created"]);
  }
});
