import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { introspect, TargetError } from "../../src/load/catalog/introspect.ts";
import { testDatabase } from "../support/database.ts";

Deno.test("a table is found on the search path, by its schema, and by a quoted name", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create schema crm; create table crm.t (a int); create table "My Table" (a int);
     set search_path = crm, public`,
  );
  const found = [];
  for (const name of ["t", "crm.t", '"My Table"', 'public."My Table"']) {
    const { schema, name: bare } = await introspect(db.session, name, "ingest");
    found.push(`${schema}.${bare}`);
  }
  deepStrictEqual(found, ["crm.t", "crm.t", "public.My Table", "public.My Table"]);
});

Deno.test("a target that rows can't be loaded into is refused, with a reason in one line", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create schema ingest; create table ingest.runs (id int);
     create schema crm; create table crm.orders (id int);
     create table customers (id int); create view v as select 1 as a;
     create materialized view m as select 1 as a; create sequence s; create index i on customers (id);
     create type pair as (a int, b int);
     create extension postgres_fdw; create server elsewhere foreign data wrapper postgres_fdw;
     create foreign table f (a int) server elsewhere`,
  );
  const table = "Rows can be loaded only into tables.";
  const refusals: readonly (readonly [string, string])[] = [
    ["v", `v is a view; name the table behind it. ${table}`],
    ["m", `m is a materialized view; name the table behind it. ${table}`],
    ["f", `f is a foreign table; import on the server that holds it. ${table}`],
    ["s", `s is a sequence. ${table}`],
    ["i", `i is an index. ${table}`],
    ["pair", `pair is a composite type. ${table}`],
    [
      "ingest.runs",
      "ingest.runs is in the schema ingest, which is ingest's own; an import can't write to it. " +
      "For a table of another schema, write its name with the schema: public.runs.",
    ],
    ["pg_class", "pg_class belongs to Postgres itself; an import can't write to it."],
    [
      "pg_catalog.pg_class",
      "pg_catalog.pg_class belongs to Postgres itself; an import can't write to it.",
    ],
    [
      "information_schema.sql_parts",
      "information_schema.sql_parts belongs to Postgres itself; an import can't write to it.",
    ],
    ["customer", "There is no table customer in this database; did you mean customers?"],
    ["custmers", "There is no table custmers in this database; did you mean customers?"],
    ["crm.odrers", "There is no table crm.odrers in this database; did you mean crm.orders?"],
    ["run", "There is no table run in this database."],
    ["orders", "There is no table orders in this database; did you mean crm.orders?"],
    [
      "nowhere.customers",
      "There is no table nowhere.customers in this database; did you mean customers?",
    ],
    ["something_else", "There is no table something_else in this database."],
  ];
  for (const [name, message] of refusals) {
    await rejects(
      introspect(db.session, name, "ingest"),
      (error) => error instanceof TargetError && (strictEqual(error.message, message), true),
      name,
    );
  }
});
