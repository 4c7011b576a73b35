import assert from "node:assert/strict";
import { checkWords } from "../../../src/load/refusal/check_words.ts";
import { introspect } from "../../../src/load/catalog/introspect.ts";
import { testDatabase } from "../../support/database.ts";

/** The condition as somebody writes it, and what the owner of a spreadsheet reads. */
const CHECKS: readonly (readonly [string, string])[] = [
  ["balance >= 0", "balance is at least 0"],
  ["balance > -1.5", "balance is more than -1.5"],
  ["age between 0 and 150", "age is at least 0 and age is at most 150"],
  ["status in ('new', 'paid', 'it''s')", "status is one of new, paid, it's"],
  ["code in ('a', 'b') and age > 1", "code is one of a, b and age is more than 1"],
  ["age in (1, 2)", "age is one of 1, 2"],
  ["status <> ''", "status is not "],
  ["ends > begins", "ends is more than begins"],
  ["status is not null", "status is not empty"],
  ["ends >= '2020-01-01'", "ends is at least 2020-01-01"],
  ["length(code) = 3", "length(code) = 3"],
  ["age > 0 or status is null", "(age > 0) OR (status IS NULL)"],
  ["status ~ '^[A-Z]+$'", "status ~ '^[A-Z]+$'"],
  ["status like 'a%'", "status LIKE 'a%'"],
  ["not (age > 0 and balance > 0)", "NOT ((age > 0) AND (balance > 0))"],
];

Deno.test("a CHECK is in words where it is simple, and else in SQL without casts", async () => {
  await using db = await testDatabase();
  const checks = CHECKS.map(([sql], i) => `constraint c${i + 10} check (${sql})`).join(", ");
  await db.session.query(
    `create table t (balance numeric(10,2), age int, status varchar(20), code text,
       begins timestamp(3), ends date, ${checks})`,
  );
  const table = await introspect(db.session, "t", "ingest");
  const words = table.checks.map(({ expression }) => checkWords(expression));
  assert.deepEqual(words, CHECKS.map(([, expected]) => expected));
});
