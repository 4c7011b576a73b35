import { deepStrictEqual, ok } from "node:assert/strict";
import type { Session } from "../../src/db/session.ts";
import { newLoadHistory } from "../../src/load/load_plan.ts";
import { testDatabase } from "../support/database.ts";
import { countStatements } from "./count_statements.ts";
import { contents, load, type Value } from "./loading.ts";

const COLUMNS = ["k", "v"];

/** A trigger `take` before each row of `t`. In `body`, `return null` takes the row. */
function trigger(body: string, events = "insert"): string {
  return `create function take() returns trigger language plpgsql as $$ begin ${body} end $$;
    create trigger take before ${events} on t for each row execute function take();`;
}

const REJECTS = `create table rejects (like t); ${
  trigger(
    "if new.v like 'bad%' then insert into rejects values (new.*); return null; end if; " +
      "new.v := upper(new.v); return new;",
  )
}`;

async function insertOneByOne(session: Session, rows: readonly (readonly Value[])[]) {
  for (const [k, v] of rows) await session.query("insert into t values ($1, $2)", [k, v]);
}

function numbered(count: number, value: (k: number) => string): [string, string][] {
  return Array.from({ length: count }, (_, k) => [String(k), value(k)]);
}

Deno.test("what a trigger puts elsewhere stays there, as with INSERT", async () => {
  const cases: Readonly<Record<string, readonly [tables: string, others: readonly string[]]>> = {
    "a table for rejects": [`create table t (k int, v text); ${REJECTS}`, ["rejects"]],
    "partitions by trigger": [
      `create table t (k int, v text); create table even () inherits (t);
       create table odd () inherits (t); ${
        trigger(
          "if new.k % 2 = 0 then insert into even values (new.*); " +
            "else insert into odd values (new.*); end if; return null;",
        )
      }`,
      ["even", "odd"],
    ],
    "an upsert by trigger": [
      `create table t (k int primary key, v text); insert into t values (3, 'old'); ${
        trigger(
          "update t set v = t.v || new.v where k = new.k; " +
            "if found then return null; end if; return new;",
        )
      }`,
      [],
    ],
    "a trigger of one partition": [
      `create table t (k int, v text) partition by range (k);
       create table low partition of t for values from (0) to (50);
       create table high partition of t for values from (50) to (1000);
       create table rejects (like t);
       create function take() returns trigger language plpgsql as
         $$ begin insert into rejects values (new.*); return null; end $$;
       create trigger take before insert on low for each row execute function take()`,
      ["rejects"],
    ],
    "a trigger that raises and catches errors": [
      `create table t (k int, v text); create table rejects (like t); ${
        trigger(
          "begin perform 1 / (new.k % 3); return new; exception when division_by_zero " +
            "then insert into rejects values (new.*); return null; end;",
        )
      }`,
      ["rejects"],
    ],
  };
  for (const [name, [tables, others]] of Object.entries(cases)) {
    const rows = numbered(100, (k) => k % 7 === 0 ? `bad${k}` : `v${k}`);
    const seen: unknown[] = [];
    for (const way of ["ingest", "insert"]) {
      await using db = await testDatabase();
      await db.session.query(tables);
      if (way === "insert") await insertOneByOne(db.session, rows);
      else await load(db.session, { columns: COLUMNS, rows });
      seen.push(await Promise.all(["t", ...others].map((table) => contents(db.session, table))));
    }
    deepStrictEqual(seen[0], seen[1], name);
  }
});

Deno.test("each row that a trigger takes is known, whether some rows, all or none are taken", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(`create table t (k int, v text); ${REJECTS}`);
  const history = newLoadHistory();
  const loading = (rows: readonly Value[][]) => load(session, { columns: COLUMNS, rows, history });
  deepStrictEqual((await loading([["1", "a"], ["2", "b"]])).outcomes, ["created", "created"]);
  deepStrictEqual((await loading([["3", "bad"], ["4", "bad"]])).outcomes, ["taken", "taken"]);
  deepStrictEqual(
    (await loading([["5", "bad"], ["6", "c"], ["7", "bad"], ["8", "d"], ["9", "e"]])).outcomes,
    ["taken", "created", "taken", "created", "created"],
  );
  // Also after the worker has learnt that the trigger takes some rows.
  deepStrictEqual((await loading([["10", "f"], ["11", "bad"]])).outcomes, ["created", "taken"]);
  deepStrictEqual(await contents(session), ["(1,A)", "(10,F)", "(2,B)", "(6,C)", "(8,D)", "(9,E)"]);
  deepStrictEqual((await contents(session, "rejects")).length, 5);
});

Deno.test("rows that Postgres refuses fail beside those that a trigger takes", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(
    `create table t (k int check (k <> 4), v text); create unique index on t (k); ${REJECTS}`,
  );
  const rows = [["1", "a"], ["2", "bad"], ["3", "b"], ["4", "c"], ["5", "bad"], ["3", "d"], [
    "x",
    "bad",
  ]];
  for (const history of [newLoadHistory(), { ...newLoadHistory(), triggersTakeSome: true }]) {
    await session.query("truncate t, rejects");
    deepStrictEqual(
      (await load(session, { columns: COLUMNS, rows, history })).outcomes,
      ["created", "taken", "created", "check", "taken", "duplicate", "type"],
    );
    deepStrictEqual(await contents(session), ["(1,A)", "(3,B)"]);
    // The trigger ran once for each row whose effect stays.
    deepStrictEqual(await contents(session, "rejects"), ["(2,bad)", "(5,bad)"]);
  }
});

Deno.test("a trigger sees only rows that are to be written: the key is looked up first", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(
    `create table t (k int primary key, v text); create table seen (like t); ${
      trigger(
        "insert into seen values (new.*); if new.v like 'bad%' then return null; end if; " +
          "return new;",
        "insert or update",
      )
    }
     create view all_seen as select k, v from seen;
     alter table t disable trigger take;
     insert into t values (1, 'same'), (2, 'old'), (3, 'old'); alter table t enable trigger take`,
  );
  const rows = [["1", "same"], ["2", "new"], ["3", "bad"], ["4", "bad"], ["5", "new"]];
  const outcomes = {
    skip: ["skipped", "skipped", "skipped", "taken", "created"],
    fail: ["duplicate", "duplicate", "duplicate", "taken", "created"],
    update: ["skipped", "updated", "taken", "taken", "created"],
  };
  for (const onDuplicate of ["skip", "fail", "update"] as const) {
    const loading = { columns: COLUMNS, rows, plan: { key: ["k"], onDuplicate } };
    deepStrictEqual((await load(session, loading)).outcomes, outcomes[onDuplicate], onDuplicate);
    deepStrictEqual(
      await contents(session, "all_seen"),
      rows.filter((_, row) => /created|taken|updated/.test(outcomes[onDuplicate][row]))
        .map((row) => `(${row.join(",")})`),
      onDuplicate,
    );
    await session.query("delete from t where k > 3; truncate seen");
  }
});

Deno.test("which of many rows a trigger takes is found by a few statements", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(`create table t (k int primary key, v text); ${REJECTS}`);
  const rows = numbered(2_000, (k) => k % 3 === 0 ? "bad" : "good");
  for (const plan of [{}, { key: ["k"], onDuplicate: "update" as const }]) {
    const counts = countStatements(session);
    const { outcomes } = await load(session, { columns: COLUMNS, rows, plan });
    deepStrictEqual(outcomes, rows.map(([, v]) => v === "bad" ? "taken" : "created"));
    const sent = counts.values().reduce((sum, count) => sum + count, 0);
    ok(sent < 25, `${sent} messages`);
    await session.query("truncate t, rejects");
  }
});
