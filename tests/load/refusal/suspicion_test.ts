/** Errors with a SQLSTATE that doesn't say whether the row is at fault or the table. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { PostgresError } from "../../../src/db/connection_errors.ts";
import { Session } from "../../../src/db/session.ts";
import { asRefusal } from "../../../src/load/refusal/refuse.ts";
import { newLoadHistory } from "../../../src/load/load_plan.ts";
import { table } from "../../row/rows.ts";
import { testDatabase } from "../../support/database.ts";
import { countStatements } from "../count_statements.ts";
import { contents, load, type Loading, type Value } from "../loading.ts";

const DEEP = "[".repeat(100_000) + "]".repeat(100_000);

/** A trigger on `t` with this body. */
function trigger(body: string, when = "before insert or update"): string {
  return `create table t (k int primary key, v text);
    create function f() returns trigger language plpgsql as $f$ begin ${body} return new; end $f$;
    create trigger g ${when} on t for each row execute function f()`;
}

/** A function `check_it(text)`, immutable, that fails with the given SQLSTATE for a bad value. */
function checking(bad: string): string {
  return `create function check_it(v text) returns text immutable language plpgsql as
    $f$ begin if v like 'bad%' then ${bad} end if; return v; end $f$;`;
}

const NOT_FOUND = "perform from no_such_table;";

interface Case {
  readonly name: string;
  readonly tables: string;
  readonly good?: string;
  readonly bad?: string;
  readonly code?: string;
  readonly sqlstate: string;
  readonly before16?: string;
}

/** The table `t (k, v)` refuses the bad value only. */
const CASES: readonly Case[] = [
  {
    name: "a type that reports XX000",
    tables: "create extension hstore; create table t (k int primary key, v hstore)",
    ...{ good: "a=>1", bad: "a=", code: "type" },
    sqlstate: "42601",
    before16: "XX000",
  },
  {
    name: "a value that is nested too deeply",
    tables: "create table t (k int primary key, v jsonb)",
    ...{ good: "[]", bad: DEEP, code: "type", sqlstate: "54001" },
  },
  {
    name: "a domain whose function fails",
    tables: `${checking(NOT_FOUND)} create domain checked as text check (check_it(value) <> '');
      create table t (k int primary key, v checked)`,
    ...{ code: "type", sqlstate: "42P01" },
  },
  {
    name: "a CHECK whose function fails",
    tables: `${
      checking(NOT_FOUND)
    } create table t (k int primary key, v text check (check_it(v) <> ''))`,
    sqlstate: "42P01",
  },
  {
    name: "a generated column",
    tables: `${checking("perform currval('s');")} create sequence s;
      create table t (k int primary key, v text, w text generated always as (check_it(v)) stored)`,
    sqlstate: "55000",
  },
  {
    name: "an index on an expression",
    tables: `${checking("perform currval('s');")} create sequence s;
      create table t (k int primary key, v text); create index on t (check_it(v))`,
    sqlstate: "55000",
  },
  {
    name: "an exclusion constraint on an expression",
    tables: `${checking(NOT_FOUND)} create table t (k int primary key, v text,
      exclude using btree (check_it(v) with =))`,
    sqlstate: "42P01",
  },
  {
    name: "a trigger's own statement, made from the value",
    tables: `create table log_good (v text);
      ${
      trigger(
        "execute format('insert into log_%s values ($1)', coalesce(new.v, 'good')) using new.v;",
      )
    }`,
    good: "good",
    sqlstate: "42P01",
  },
  {
    name: "a trigger after the row",
    tables: trigger(
      "if new.v = 'bad' then perform from no_such_table; end if;",
      "after insert or update",
    ),
    sqlstate: "42P01",
  },
  {
    name: "a trigger that reads the value as another type",
    tables: trigger("if new.v ~ '^\\[' then perform new.v::jsonb; end if;"),
    ...{ bad: DEEP, sqlstate: "54001" },
  },
  {
    name: "a constraint trigger that waits for the commit",
    tables: trigger(
      "if new.v = 'bad' then perform currval('s'); end if;",
      "after insert or update",
    ).replace(
      "create trigger g after insert or update on t",
      `create sequence s;
      create constraint trigger g after insert or update on t deferrable initially deferred`,
    ),
    sqlstate: "55000",
  },
  ...["0A000", "40001", "40P01", "57014", "57P01", "08006", "53100", "25006", "55P03", "XX000"].map(
    (
      sqlstate,
    ) => ({
      name: `a trigger that raises ${sqlstate} itself`,
      tables: trigger(`if new.v = 'bad' then raise 'no' using errcode = '${sqlstate}'; end if;`),
      sqlstate,
    }),
  ),
];

const WAYS: readonly (readonly [string, Partial<Loading>])[] = [
  ["copied", {}],
  ["foreseen", { history: { ...newLoadHistory(), refusedInRow: 5 } }],
  ["staged", { plan: { key: ["k"], onDuplicate: "update" } }],
];

for (const { name, tables, good = "good", bad = "bad", code = "database", ...each } of CASES) {
  Deno.test(`only the row at fault fails: ${name}`, async () => {
    await using db = await testDatabase();
    const isOld = db.session.serverVersion < 160_000;
    const sqlstate = isOld ? each.before16 ?? each.sqlstate : each.sqlstate;
    await db.session.query(`${tables}; create table before as table t`);
    for (const [way, loading] of WAYS) {
      await db.session.query("truncate t");
      const rows = [["1", good], ["2", bad], ["3", good.replace("1", "2")], ["4", null]];
      if (name.startsWith("an exclusion")) rows.splice(2, 1);
      const { outcomes, errors } = await load(db.session, {
        columns: ["k", "v"],
        rows,
        ...loading,
      });
      const expected = rows.map((row) => row[1] === bad ? code : "created");
      deepStrictEqual(outcomes, expected, way);
      strictEqual(errors.get(1)?.sqlstate, sqlstate, way);
      strictEqual((await contents(db.session)).length, rows.length - 1);
    }
  });
}

const ROWS = Array.from({ length: 1000 }, (_, k): Value[] => [String(k), "bad"]);

for (const [way, loading] of WAYS) {
  Deno.test(`an error of every row fails the load, not a thousand rows: ${way}`, async () => {
    await using db = await testDatabase();
    await db.session.query(
      `${trigger("perform currval('s');")}; create sequence s`,
    );
    const counts = countStatements(db.session);
    await rejects(load(db.session, { columns: ["k", "v"], rows: ROWS, ...loading }), {
      code: "55000",
    });
    const total = [...counts.values()].reduce((sum, count) => sum + count);
    ok(total < 1500, `${total} statements`);
  });

  Deno.test(`many rows at fault come first, and the others are loaded: ${way}`, async () => {
    await using db = await testDatabase();
    await db.session.query(
      `${trigger("if new.v = 'bad' then perform currval('s'); end if;")}; create sequence s`,
    );
    const rows = ROWS.map(([k, v]) => [k, Number(k) < 300 ? v : "good"]);
    const { outcomes } = await load(db.session, { columns: ["k", "v"], rows, ...loading });
    deepStrictEqual(
      outcomes.map((outcome) => outcome === "created"),
      rows.map(([, v]) => v === "good"),
    );
    strictEqual((await contents(db.session)).length, 700);
  });

  Deno.test(`code that fails for the only rows there are fails the load: ${way}`, async () => {
    await using db = await testDatabase();
    await db.session.query(trigger(NOT_FOUND));
    const rows = ROWS.slice(0, 2);
    await rejects(load(db.session, { columns: ["k", "v"], rows, ...loading }), { code: "42P01" });
    // The row is at fault after all if the run has written others.
    const { outcomes } = await load(db.session, {
      columns: ["k", "v"],
      rows,
      runHasWritten: true,
      ...loading,
    });
    deepStrictEqual(outcomes, ["database", "database"]);
  });
}

Deno.test("a read-only server and somebody's lock are no row's fault", async () => {
  await using db = await testDatabase();
  await db.session.query("create table t (k int primary key, v text)");
  const loading = { columns: ["k", "v"], rows: [["1", "a"], ["2", "b"]] };
  await db.session.query("set default_transaction_read_only = on");
  await rejects(load(db.session, loading), { code: "25006" });
  await db.session.query("set default_transaction_read_only = off; set lock_timeout = 10");
  await using other = await Session.open(db.config);
  await other.query("begin; lock table t");
  await rejects(load(db.session, loading), { code: "55P03" });
});

Deno.test("a full disk, lost memory, a shutdown and corrupt data are no row's fault", () => {
  const where = 'COPY t, line 2, column v: "x"';
  for (const code of ["53100", "53200", "53400", "58030", "57P01", "57P04", "XX001", "08P01"]) {
    const error = new PostgresError("trouble");
    Object.assign(error, { code, where, routine: "mdwrite", severity: "ERROR" });
    let thrown: unknown = null;
    try {
      asRefusal(table([]))(error);
    } catch (error) {
      thrown = error;
    }
    strictEqual(thrown, error, code);
  }
});
