/** Tables that others inherit from. Their unique indexes and foreign keys ignore the others' rows. */
import { deepStrictEqual } from "node:assert/strict";
import type { Session } from "../../src/db/session.ts";
import { type LoadPlan, newLoadHistory } from "../../src/load/load_plan.ts";
import { mergeStatements } from "../../src/load/merge/merge.ts";
import { introspect } from "../../src/load/catalog/introspect.ts";
import { testDatabase } from "../support/database.ts";
import { contents, load, type Loading } from "./loading.ts";

/** `t` has the row 1, and its child the rows 2 and 3. */
const TABLES = `create table t (k int primary key, v text);
  create table child (primary key (k)) inherits (t);
  insert into t values (1, 'own'); insert into child values (2, 'child'), (3, 'child');`;

/** Ways to the table: straight by COPY, foreseeing refused rows, through the stage, one by one. */
const WAYS: Readonly<Record<string, Partial<Loading>>> = {
  direct: {},
  foreseen: { history: { ...newLoadHistory(), refusedInRow: 6 } },
  levels: { levels: [0, 1, 1] },
  repeated: { plan: { keysMayRepeat: true } },
};

const ROWS = [["2", "file"], ["4", "file"], ["1", "file"]];

async function outcomes(session: Session, plan: Partial<LoadPlan>) {
  const found: Record<string, unknown> = {};
  for (const [way, more] of Object.entries(WAYS)) {
    await session.query("truncate t cascade; " + TABLES.slice(TABLES.indexOf("insert")));
    const loaded = await load(session, {
      columns: ["k", "v"],
      rows: ROWS,
      ...more,
      plan: { ...plan, ...more.plan },
    });
    found[way] = [
      loaded.outcomes,
      await contents(session, "only t"),
      await contents(session, "child"),
    ];
  }
  return found;
}

function always(result: unknown): unknown {
  return Object.fromEntries(Object.keys(WAYS).map((way) => [way, result]));
}

const CHILD = ["(2,child)", "(3,child)"];

Deno.test("a row of a child table is no duplicate, whichever way the batch is loaded", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(TABLES);
  const own = ["(1,own)", "(2,file)", "(4,file)"];
  deepStrictEqual(
    await outcomes(session, {}),
    always([["created", "created", "duplicate"], own, CHILD]),
  );
  const key = ["k"];
  deepStrictEqual(
    await outcomes(session, { key, onDuplicate: "fail" }),
    always([["created", "created", "duplicate"], own, CHILD]),
  );
  deepStrictEqual(
    await outcomes(session, { key, onDuplicate: "skip" }),
    always([["created", "created", "skipped"], own, CHILD]),
  );
  deepStrictEqual(
    await outcomes(session, { key, onDuplicate: "update" }),
    always([["created", "created", "updated"], ["(1,file)", "(2,file)", "(4,file)"], CHILD]),
  );
});

Deno.test("a lookup finds no row of a child table, and updates none", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(TABLES);
  for (const onMissing of ["skip", "fail"] as const) {
    const missing = onMissing === "skip" ? "skipped" : "lookup";
    deepStrictEqual(
      await outcomes(session, { key: ["k"], onDuplicate: "update", onMissing }),
      always([[missing, missing, "updated"], ["(1,file)"], CHILD]),
    );
  }
});

Deno.test("a server before Postgres 17 updates no row of a child table either", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(
    `${TABLES} create temporary table "ingest stage" as select 0 as "ingest position", * from only t;
     delete from "ingest stage"; insert into "ingest stage" values (0, 2, 'file'), (1, 1, 'file')`,
  );
  const { update, insert } = mergeStatements({
    table: await introspect(session, "t", "ingest"),
    columns: ["k", "v"],
    onlyCompared: [],
    kept: [],
    keyPredicate: null,
    key: ["k"],
    onDuplicate: "update",
    onMissing: "insert",
    compare: null,
    keysMayRepeat: false,
  }, 160_000);
  const [{ since, ...updated }] = await session.query<{ since: string }>(update?.sql ?? "", [
    0,
    2,
    2,
  ]);
  deepStrictEqual(updated, { updated: 1, rows: [1], taken: [] });
  const fresh = await session.query(insert, [0, 2, [1], since]);
  deepStrictEqual(fresh, [{ rows: [0], written: 1, taken: [], appeared: [] }]);
  deepStrictEqual(await contents(session, "child"), CHILD);
});

Deno.test("a foreign key finds no row of a child table, whichever way the batch is loaded", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(
    `${TABLES} create table u (k int primary key, v int references t);
     create table part (k int primary key) partition by range (k);
     create table part_1 partition of part for values from (1) to (10); insert into part values (2);
     create table w (k int primary key, v int references part)`,
  );
  const rows = [["1", "1"], ["2", "2"], ["3", "9"]];
  for (const [way, more] of Object.entries(WAYS)) {
    await session.query("truncate u, w");
    const into = async (table: string) =>
      (await load(session, { table, columns: ["k", "v"], rows, ...more })).outcomes;
    deepStrictEqual(await into("u"), ["created", "foreign_key", "foreign_key"], way);
    deepStrictEqual(await into("w"), ["foreign_key", "created", "foreign_key"], way);
  }
});
