/** Upserts of two statements, and what somebody else commits between them. */
import { deepStrictEqual } from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { until } from "../support/until.ts";
import { GATE, GATED } from "../run/gate.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { contents, load, type Loading } from "./loading.ts";

/** An UPDATE waits at its end for the gate. The other trigger is why there is no MERGE. */
const TWO_STATEMENTS = `
  create function keep() returns trigger language plpgsql as $$begin return new; end$$;
  create trigger keep before insert on t for each row execute function keep();
  ${GATED} create trigger gate after update on t for each statement execute function gate();`;

const TABLE = `create table t (k text primary key, v text, n int default 7);
  insert into t (k, v) values ('a', 'old'), ('b', 'old'), ('same', '1');`;

const UPSERT = {
  columns: ["k", "v"],
  rows: [["a", "1"], ["b", "1"], ["c", "1"], ["d", "1"], ["same", "1"]],
  plan: { key: ["k"], onDuplicate: "update" },
} as const satisfies Loading;

/** Loads, while somebody executes `meanwhile` between the first UPDATE and what comes after it. */
async function loadAround(db: TestDatabase, loading: Loading, meanwhile: string) {
  await using person = await Session.open(db.config);
  await person.query(`select pg_advisory_lock(${GATE})`);
  const loaded = load(db.session, loading);
  await until(db.admin, `exists (select from pg_locks where objid = ${GATE} and not granted)`);
  await person.query(meanwhile);
  await person.query(`select pg_advisory_unlock(${GATE})`);
  return (await loaded).outcomes;
}

Deno.test("a row that somebody inserts in between is updated, not skipped", async () => {
  const cases: Readonly<Record<string, string>> = {
    "by a primary key": "",
    "by a key that is not unique": "alter table t drop constraint t_pkey; create index on t (k)",
    "of which some have no key":
      "alter table t drop constraint t_pkey; create unique index on t (k)",
    "in a partition": `alter table t rename to low;
      create table t (like low including all) partition by list (k);
      alter table t attach partition low default`,
  };
  for (const [name, more] of Object.entries(cases)) {
    await using db = await testDatabase();
    await db.session.query(`${TABLE}; ${more}; ${TWO_STATEMENTS}`);
    const outcomes = await loadAround(
      db,
      UPSERT,
      "begin; savepoint s; insert into t values ('c', 'theirs', 8); release s; commit",
    );
    deepStrictEqual(outcomes, ["updated", "updated", "updated", "created", "skipped"], name);
    deepStrictEqual(
      await contents(db.session),
      ["(a,1,7)", "(b,1,7)", "(c,1,8)", "(d,1,7)", "(same,1,7)"],
      name,
    );
  }
});

Deno.test("what somebody does in between counts as if it had been done before", async () => {
  const cases: readonly (readonly [meanwhile: string, outcomes: string, table: string])[] = [
    ["insert into t values ('c', '1', 8)", "updated updated skipped created skipped", "(c,1,8)"],
    ["delete from t where k = 'same'", "updated updated created created created", "(same,1,7)"],
    [
      "update t set k = 'c', v = 'x', n = 8 where k = 'same'",
      "updated updated updated created created",
      "(c,1,8)",
    ],
    [
      "insert into t values ('c', 'x', 8), ('d', 'x', 9)",
      "updated updated updated updated skipped",
      "(c,1,8)",
    ],
    ["insert into t values ('e', 'x', 8)", "updated updated created created skipped", "(e,x,8)"],
  ];
  for (const [meanwhile, outcomes, row] of cases) {
    await using db = await testDatabase();
    await db.session.query(TABLE + TWO_STATEMENTS);
    deepStrictEqual(await loadAround(db, UPSERT, meanwhile), outcomes.split(" "), meanwhile);
    deepStrictEqual((await contents(db.session)).filter((each) => each === row), [row], meanwhile);
  }
});

Deno.test("only a newer row updates one that has appeared", async () => {
  await using db = await testDatabase();
  await db.session.query(TABLE + TWO_STATEMENTS);
  const plan = {
    key: ["k"],
    onDuplicate: "update_if_newer",
    compare: { target: "v", extra: false },
  } as const;
  await db.session.query("update t set v = '0'");
  const outcomes = await loadAround(
    db,
    { ...UPSERT, plan },
    "insert into t values ('c', '0', 8), ('d', '2', 9)",
  );
  deepStrictEqual(outcomes, ["updated", "updated", "updated", "skipped", "updated"]);
  deepStrictEqual((await contents(db.session)).slice(2, 4), ["(c,1,8)", "(d,2,9)"]);
});

Deno.test("where nothing is inserted, a row that appears is updated, too", async () => {
  for (const onMissing of ["skip", "fail"] as const) {
    await using db = await testDatabase();
    await db.session.query(TABLE + TWO_STATEMENTS);
    const outcomes = await loadAround(
      db,
      { ...UPSERT, plan: { ...UPSERT.plan, onMissing } },
      "insert into t values ('c', 'theirs', 8)",
    );
    const missing = onMissing === "skip" ? "skipped" : "lookup";
    deepStrictEqual(outcomes, ["updated", "updated", "updated", missing, "skipped"]);
    deepStrictEqual((await contents(db.session))[2], "(c,1,8)");
  }
});

Deno.test("a role that may not read a row's number updates rows that appear, too", async () => {
  const role = `"narrow ${GATE}"`;
  const policies = `alter table t enable row level security;
    create policy seen on t for select using (true);
    create policy added on t for insert with check (true);
    create policy hidden on t for update using (k <> 'b')`;
  for (const hides of [false, true]) {
    for (const granted of ["select (k, v)", "select"]) {
      await using db = await testDatabase();
      await db.session.query(
        `${
          TABLE + TWO_STATEMENTS
        } create role ${role}; grant insert, update, ${granted} on t to ${role};
         grant temporary on database ${db.config.database} to ${role};
         ${hides ? policies : ""}; set role ${role}`,
      );
      try {
        const outcomes = await loadAround(db, UPSERT, "insert into t values ('c', 'theirs', 8)");
        const hidden = hides ? "skipped" : "updated";
        deepStrictEqual(outcomes, ["updated", hidden, "updated", "created", "skipped"], granted);
      } finally {
        await db.session.query(`reset role; drop owned by ${role}; drop role ${role}`);
      }
    }
  }
});

Deno.test("rows that a trigger changes or takes are not tried again and again", async () => {
  const cases: Readonly<
    Record<string, readonly [tables: string, outcomes: string, count: number]>
  > = {
    // As soon as one row is set, the trigger resets another that is in the file, too.
    "changed by a trigger": [
      `create function reset() returns trigger language plpgsql as
           $$begin update t set v = 'reset' where k = 'same' and v <> 'reset'; return null; end$$;
         create trigger reset after update on t for each row when (new.k = 'a')
           execute function reset()`,
      "updated updated created created skipped",
      2,
    ],
    "taken by a trigger": [
      `create function take() returns trigger language plpgsql as
           $$begin if new.k = 'b' then return null; end if; return new; end$$;
         create trigger take before update on t for each row execute function take()`,
      "updated taken created created skipped",
      1,
    ],
  };
  for (const [name, [tables, outcomes, attempts]] of Object.entries(cases)) {
    await using db = await testDatabase();
    await db.session.query(
      `${TABLE + TWO_STATEMENTS} create sequence attempts;
       create function counted() returns trigger language plpgsql as
         $$begin perform nextval('attempts'); return null; end$$;
       create trigger counted after insert on t for each statement execute function counted();
       ${tables}`,
    );
    const loaded = await load(db.session, UPSERT);
    deepStrictEqual(loaded.outcomes, outcomes.split(" "), name);
    const [{ count }] = await db.session.query<{ count: number }>(
      "select last_value as count from attempts",
    );
    deepStrictEqual(count, attempts, name);
  }
});
