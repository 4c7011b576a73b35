import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { newLoadHistory } from "../../src/load/load_plan.ts";
import { testDatabase } from "../support/database.ts";
import { countStatements } from "./count_statements.ts";
import { contents, load } from "./loading.ts";

const KEYED = { columns: ["k", "v"], plan: { key: ["k"] } } as const;

Deno.test("each kind of refusal fails only its row, with SQLSTATE and constraint", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table company (id int primary key); insert into company values (1);
     create domain positive as int constraint is_positive check (value > 0);
     create table t (k int primary key, e text constraint one_e unique, n int not null,
       c int constraint small check (c < 100), r int constraint works_at references company,
       d positive, w varchar(3), m numeric(4,2), i inet)`,
  );
  const columns = ["k", "e", "n", "c", "r", "d", "w", "m", "i"];
  const good = (k: number): (string | null)[] => {
    return [String(k), `e${k}`, "1", "1", "1", "1", "abc", "1.5", "10.0.0.1"];
  };
  const bad: readonly (readonly [string, string | null, string, string, string | undefined])[] = [
    ["e", "e1", "duplicate", "23505", "one_e"],
    ["n", null, "not_null", "23502", undefined],
    ["c", "100", "check", "23514", "small"],
    ["r", "2", "foreign_key", "23503", "works_at"],
    ["d", "0", "check", "23514", "is_positive"],
    ["w", "abcd", "too_long", "22001", undefined],
    ["m", "100", "out_of_range", "22003", undefined],
    ["i", "somewhere", "type", "22P02", undefined],
    ["k", "99999999999", "out_of_range", "22003", undefined],
  ];
  const rows = [good(1)];
  for (const [column, value] of bad) {
    const row = good(rows.length + 1);
    row[columns.indexOf(column)] = value;
    rows.push(row, good(rows.length + 2));
  }
  for (const onDuplicate of ["fail", "update"] as const) {
    await db.session.query("truncate t");
    // The second round goes through the staging table.
    const history = newLoadHistory();
    if (onDuplicate === "update") history.refusedInRow = 5;
    const { outcomes, errors } = await load(db.session, {
      columns,
      rows,
      plan: { key: ["k"], onDuplicate },
      history,
    });
    strictEqual(outcomes.filter((outcome) => outcome === "created").length, bad.length + 1);
    for (const [index, [column, value, code, sqlstate, constraint]] of bad.entries()) {
      const error = errors.get(2 * index + 1);
      deepStrictEqual(
        [error?.code, error?.sqlstate, error?.constraint],
        [code, sqlstate, constraint],
        `${column} ${value}: ${error?.message}`,
      );
    }
  }
});

Deno.test("deferred constraints fail their row, not the batch's commit", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table company (id int primary key);
     create table t (k int primary key, v int references company deferrable initially deferred,
       e text unique deferrable initially deferred);
     create function odd() returns trigger language plpgsql as
       $$ begin if new.k % 2 = 0 then raise 'even' using errcode = 'XX123'; end if; return null; end $$;
     create constraint trigger only_odd after insert on t deferrable initially deferred
       for each row execute function odd()`,
  );
  const { outcomes, errors } = await load(db.session, {
    columns: ["k", "v", "e"],
    rows: [["1", null, "a"], ["2", null, "b"], ["3", "9", "c"], ["5", null, "a"], ["7", null, "d"]],
  });
  deepStrictEqual(outcomes, ["created", "database", "foreign_key", "duplicate", "created"]);
  // An error is the row's fault even if its code is the trigger's own.
  deepStrictEqual(errors.get(1), {
    code: "database",
    message: "The t table refuses this row: even.",
    column: null,
    value: null,
    sqlstate: "XX123",
  });
});

Deno.test("a trigger may defer constraints: a violation still fails its row, not the commit", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table company (id int primary key);
     create table t (k int primary key, v int references company deferrable, e text unique deferrable);
     create function later() returns trigger language plpgsql as
       $$ begin set constraints all deferred; return new; end $$;
     create trigger later before insert or update on t for each row execute function later()`,
  );
  for (const onDuplicate of ["fail", "update"] as const) {
    const { outcomes } = await load(db.session, {
      columns: ["k", "v", "e"],
      rows: [["1", null, "a"], ["3", "9", "c"], ["5", null, "a"], ["7", null, "d"]],
      plan: { key: onDuplicate === "fail" ? [] : ["k"], onDuplicate },
    });
    deepStrictEqual(outcomes, ["created", "foreign_key", "duplicate", "created"]);
    await db.session.query("truncate t");
  }
});

Deno.test("row-level security: rows are inserted, and a row that a policy refuses fails alone", async () => {
  await using db = await testDatabase();
  const role = `limited_${crypto.randomUUID().slice(0, 8)}`;
  await db.session.query(
    `create role ${role}; create table t (k int primary key, v text);
     alter table t enable row level security;
     create policy p on t using (v <> 'hidden') with check (v <> 'secret');
     grant all on t to ${role}; insert into t values (5, 'hidden'); set role ${role}`,
  );
  try {
    const { outcomes, errors } = await load(db.session, {
      ...KEYED,
      rows: [["1", "a"], ["2", "secret"], ["3", "c"], ["5", "d"]],
      plan: { key: ["k"], onDuplicate: "update" },
    });
    deepStrictEqual(outcomes, ["created", "database", "created", "duplicate"]);
    strictEqual(errors.get(1)?.sqlstate, "42501");
    ok(errors.get(1)?.message.startsWith("The t table refuses this row: "));
  } finally {
    await db.session.query(`reset role; drop table t; drop role ${role}`);
  }
});

Deno.test("a missing privilege is not a row's fault and fails the load", async () => {
  await using db = await testDatabase();
  const role = `limited_${crypto.randomUUID().slice(0, 8)}`;
  await db.session.query(
    `create role ${role}; create table t (k int primary key, v text);
     grant select on t to ${role}; set role ${role}`,
  );
  try {
    await rejects(load(db.session, { ...KEYED, rows: [["1", "a"]] }), { code: "42501" });
  } finally {
    await db.session.query(`reset role; drop table t; drop role ${role}`);
  }
});

Deno.test("a row that refers to a row of its own table waits, if it may", async () => {
  await using db = await testDatabase();
  await db.session.query("create table t (k int primary key, v int references t)");
  const rows = [["1", "7"], ["2", null], ["3", "2"], ["4", "4"]];
  const waiting = await load(db.session, { ...KEYED, rows, selfReferencesMayWait: true });
  deepStrictEqual(waiting.outcomes, ["waiting", "created", "created", "created"]);
  const final = await load(db.session, { ...KEYED, rows });
  deepStrictEqual(final.outcomes, ["foreign_key", "skipped", "skipped", "skipped"]);
});

Deno.test("a foreign key to a partitioned table is satisfied by rows of any partition", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table r (id int primary key) partition by range (id);
     create table r_1 partition of r for values from (0) to (10);
     create table r_2 partition of r for values from (10) to (20);
     insert into r values (1), (11);
     create table t (k int primary key, v int references r)`,
  );
  const { outcomes } = await load(db.session, {
    ...KEYED,
    rows: [["1", "1"], ["2", "11"], ["3", "12"]],
    plan: { key: ["k"], onDuplicate: "fail" },
  });
  deepStrictEqual(outcomes, ["created", "created", "foreign_key"]);
  deepStrictEqual(await contents(db.session), ["(1,1)", "(2,11)"]);
});

Deno.test("names with quotes, spaces and commas work like any other", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create schema "My ""Schema"; create table "My ""Schema"."a, line 1" ("the ""key""" int primary key,
       "select" text, constraint "isn't" check ("select" <> 'x'))`,
  );
  const loading = {
    table: '"My ""Schema"."a, line 1"',
    columns: ['the "key"', "select"],
    plan: { key: ['the "key"'], onDuplicate: "update" },
  } as const;
  const first = await load(db.session, { ...loading, rows: [["1", "a"], ["2", "x"], ["y", "b"]] });
  deepStrictEqual(first.outcomes, ["created", "check", "type"]);
  strictEqual(first.errors.get(2)?.column, 'the "key"');
  const second = await load(db.session, { ...loading, rows: [["1", "b"], ["3", "c"]] });
  deepStrictEqual(second.outcomes, ["updated", "created"]);
});

Deno.test("k bad rows of many cost few statements", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table t (k int primary key, v int);
     create function f() returns trigger language plpgsql as
       $$ begin if new.v = 13 then raise 'thirteen'; end if; return null; end $$;
     create trigger g after insert on t for each row execute function f()`,
  );
  const rows = Array.from({ length: 2000 }, (_, k) => [String(k), k % 700 === 5 ? "13" : "1"]);
  const counts = countStatements(db.session);
  const { outcomes } = await load(db.session, { ...KEYED, rows, plan: { key: [] } });
  deepStrictEqual(
    outcomes.flatMap((outcome, row) => outcome === "database" ? [row] : []),
    [5, 705, 1405],
  );
  const total = [...counts.values()].reduce((sum, count) => sum + count);
  ok(total < 350, `${total} statements for 3 bad rows of 2000`);
});
