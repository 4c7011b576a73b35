import assert from "node:assert/strict";
import { workshop } from "./importing.ts";

const TABLES = `create table t (id int primary key, v text) with (autovacuum_enabled = off);
  create table seen (nestloop text);
  create function look() returns trigger language plpgsql as $$ begin
    insert into seen values (current_setting('enable_nestloop')); return null; end $$;
  create trigger look after update on t for each statement execute function look()`;
const FILE = `id,v\n${Array.from({ length: 40 }, (_, i) => `${i % 20},v${i}\n`).join("")}`;

Deno.test("rows that repeat keys are not joined row by row when the statistics are empty", async () => {
  const fillAndEmpty = "insert into t select i from generate_series(100, 5000) i; delete from t;";
  for (
    const [filled, expected] of [[`${fillAndEmpty} analyze t`, "off"], ["analyze t", "on"]]
  ) {
    await using shop = await workshop(`${TABLES}; ${filled}`);
    const run = await shop.create(
      "table: t\nkey: id\non_duplicate: update\noptions: { batch_rows: 10 }\n",
      FILE,
    );
    assert.equal((await shop.drive(run)).status, "completed");
    const seen = await shop.session.query("select distinct nestloop from seen");
    assert.deepEqual(seen, [{ nestloop: expected }]);
  }
});

const MISLEADING = `insert into companies (name) select 'old ' || i from generate_series(1, 5000) i;
  insert into links select i, i from generate_series(1, 5000) i;
  delete from links;
  delete from companies; analyze companies; analyze links;
  delete from seen`;
const RELATED = `create table seen (nestloop text, by text);
  create function look(by text) returns boolean language plpgsql as $$ begin
    insert into seen values (current_setting('enable_nestloop'), by); return true; end $$;
  create function look_at_table() returns trigger language plpgsql as $$ begin
    perform look(tg_table_name); return null; end $$;
  create table companies (id serial primary key, name text unique)
    with (autovacuum_enabled = off);
  create table customers (id int primary key, company_id int)
    with (autovacuum_enabled = off);
  create table links (customer_id int, company_id int, primary key (customer_id, company_id))
    with (autovacuum_enabled = off);
  create trigger look after insert on customers for each statement execute function look_at_table();
  create trigger look after delete on links for each statement execute function look_at_table()`;
const WITH_LINKS = `table: customers
key: id
on_duplicate: update
columns:
  id: id
  company_id:
    from: company
    lookup: { table: companies, match: name, where: "look('companies')" }
many:
  - from: partners
    separator: "|"
    lookup: { table: companies, match: name, create: true }
    pivot: { table: links, local: customer_id, foreign: company_id }
    sync: replace
`;

Deno.test("nor are the rows of other tables, while the table itself is read as it would be", async () => {
  for (const [filled, expected] of [[MISLEADING, "off"], ["select 1", "on"]]) {
    await using shop = await workshop(
      `${RELATED}; ${filled}; insert into companies (name) values ('A')`,
    );
    const run = await shop.create(WITH_LINKS, "id,company,partners\n1,A,B|C\n2,A,A\n");
    assert.equal((await shop.drive(run)).status, "completed");
    const seen = await shop.session.query(
      "select distinct by, nestloop from seen order by by",
    );
    assert.deepEqual(seen, [
      { by: "companies", nestloop: expected },
      { by: "customers", nestloop: "on" },
      { by: "links", nestloop: expected },
    ]);
  }
});
