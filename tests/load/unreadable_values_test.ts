import { deepStrictEqual, rejects } from "node:assert/strict";
import { newLoadHistory } from "../../src/load/load_plan.ts";
import { testDatabase } from "../support/database.ts";
import { load } from "./loading.ts";

/** A type, a valid value, an invalid one, and the SQLSTATE of its error. */
const TYPES: readonly (readonly [string, string, string, string])[] = [
  ["tsvector", "a b", "'", "42601"],
  ["regclass", "pg_class", "nothing", "42P01"],
  ["regtype", "integer", "nothing", "42704"],
  ["bytea", "\\xff", "\\xzz", "22023"],
  ["inet", "10.0.0.1", "here", "22P02"],
];

for (const [type, good, bad, sqlstate] of TYPES) {
  Deno.test(`text that is no ${type} fails only its row, whatever the SQLSTATE`, async () => {
    await using db = await testDatabase();
    await db.session.query(`create table t (k int primary key, v ${type})`);
    for (const onDuplicate of ["fail", "update"] as const) {
      await db.session.query("truncate t");
      const history = newLoadHistory();
      // The second round goes through the staging table.
      if (onDuplicate === "update") history.refusedInRow = 5;
      const { outcomes, errors } = await load(db.session, {
        columns: ["k", "v"],
        rows: [["1", good], ["2", bad], ["3", good]],
        plan: { key: ["k"], onDuplicate },
        history,
      });
      deepStrictEqual(outcomes, ["created", "type", "created"]);
      deepStrictEqual(errors.get(1), {
        code: "type",
        message: `The v field must be a valid ${type}.`,
        column: "v",
        value: bad,
        sqlstate,
      });
    }
  });
}

Deno.test("a broken trigger fails the run, not row after row", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table t (k int primary key);
     create function look() returns trigger language plpgsql as $$
     begin perform from nothing; return new; end $$;
     create trigger look before insert on t for each row execute function look()`,
  );
  await rejects(load(db.session, { columns: ["k"], rows: [["1"]] }), { code: "42P01" });
});

Deno.test("an exclusion constraint's refusal shows the row's own value", async () => {
  await using db = await testDatabase();
  await db.session.query("create table t (r int4range, exclude using gist (r with &&))");
  const { errors } = await load(db.session, { columns: ["r"], rows: [["[1,5)"], ["[3,8)"]] });
  deepStrictEqual(errors.get(1)?.value, "[3,8)");
});
