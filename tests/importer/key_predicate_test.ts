import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { isSameCondition, keyPredicate, onlyPredicate } from "../../src/importer/key_predicate.ts";
import { introspect } from "../../src/load/catalog/introspect.ts";
import { testDatabase } from "../support/database.ts";

/** Conditions as people write them, on the columns of the test's table. */
const CONDITIONS: readonly string[] = [
  "deleted_at is null",
  "DELETED_AT IS NULL",
  "(deleted_at is null) and active",
  "not deleted",
  "active = true and deleted_at is null",
  "status = 'active'",
  "status <> 'it''s  gone'",
  "status != 'gone'",
  "status in ('active', 'new')",
  "status not in ('gone', 'lost')",
  'amount > 1.5 and "Odd Name" is not null',
  "amount > 7",
  "lower(status) = 'x'",
  "status like 'a%'",
  "status not like 'a%'",
  "status ilike 'a%'",
  "amount between 2 and 5",
  "deleted_at is null and (active or amount > 1)",
  "kind = 'a'",
  "status::text = 'a'",
];

Deno.test("a condition is recognised in the words that people use for it", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(
    `create type kind as enum ('a', 'b');
     create table t (email text, deleted_at timestamp, active boolean, deleted boolean,
       status varchar(10), amount numeric, "Odd Name" int, kind kind)`,
  );
  for (const condition of CONDITIONS) {
    await session.query(`create unique index one on t (email) where ${condition}`);
    const table = await introspect(session, "t", "ingest");
    const { predicate } = table.uniqueIndexes[0];
    deepStrictEqual(keyPredicate(table, ["email"], condition), { predicate }, condition);
    deepStrictEqual(keyPredicate(table, ["email"], predicate!), { predicate }, condition);
    strictEqual(onlyPredicate(table, ["email"]), predicate);
    for (const other of CONDITIONS) {
      const same = other.toLowerCase() === condition.toLowerCase() || other === condition;
      if (!same) strictEqual(isSameCondition(predicate!, other), false, `${predicate}: ${other}`);
    }
    await session.query("drop index one");
  }
});

Deno.test("a condition that no index has is refused with those that there are", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query("create table t (email text, tenant int, deleted_at timestamp)");
  const found = async (key: readonly string[], where: string) =>
    keyPredicate(await introspect(session, "t", "ingest"), key, where);
  deepStrictEqual(await found(["email"], "deleted_at is null"), {
    sentence: "public.t has no unique index on email with a condition; " +
      "create unique index on public.t (email) where deleted_at is null",
  });
  await session.query(
    `create unique index on t (email) where deleted_at is null;
     create unique index on t (tenant, email) where tenant > 0`,
  );
  deepStrictEqual(await found(["email"], "deleted_at is not null"), {
    sentence: 'no unique index on email has the condition "deleted_at is not null"; ' +
      "there is (deleted_at IS NULL)",
  });
  deepStrictEqual(await found(["email", "tenant"], "tenant > 0"), { predicate: "(tenant > 0)" });
  // Postgres may write a constant otherwise. Its own words are in the message.
  await session.query("create unique index on t (tenant) where deleted_at < '2020-01-01'");
  const words = "(deleted_at < '2020-01-01 00:00:00'::timestamp without time zone)";
  deepStrictEqual(await found(["tenant"], "deleted_at < '2020-01-01'"), {
    sentence: "no unique index on tenant has the condition \"deleted_at < '2020-01-01'\"; " +
      `there is ${words}`,
  });
  deepStrictEqual(await found(["tenant"], words), { predicate: words });
  const table = await introspect(session, "t", "ingest");
  strictEqual(onlyPredicate(table, ["email"]), "(deleted_at IS NULL)");
  strictEqual(onlyPredicate(table, ["tenant", "email"]), "(tenant > 0)");
  strictEqual(onlyPredicate(table, ["deleted_at"]), null);
  await session.query("create unique index on t (email)");
  strictEqual(onlyPredicate(await introspect(session, "t", "ingest"), ["email"]), null);
});
