/** Where it takes too long to find what a value that isn't there was to mean. */
import assert from "node:assert/strict";
import { workshop } from "./importing.ts";

/** It sleeps when it is asked for the values around another, and counts how often it was. */
const SLOW = `
create table companies (id int primary key, name text);
insert into companies values (1, 'Acme');
create table people (name text, company int);
create sequence looks;
create function look() returns boolean language plpgsql volatile as $$
begin
  if current_query() like '%m is not null%' then
    perform nextval('looks');
    perform pg_sleep(3600);
  end if;
  return true;
end $$`;

const DEFINITION = `
table: people
columns:
  name: Name
  company:
    from: Company
    lookup: { table: companies, match: name, where: look() }
options: { batch_rows: 1 }
`;

Deno.test("a worker waits only once for suggestions that take too long, and loads without them", async () => {
  await using shop = await workshop(SLOW);
  const file = "Name,Company\na,Acme\nb,Acmee\nc,Acmee\nd,Acmee\n";
  const run = await shop.drive(await shop.create(DEFINITION, file), 1);
  assert.equal(run.status, "completed_with_errors");
  const failed = await shop.session.query<{ row: number; hint: string | null }>(
    `select row_number as row, errors -> 'details' -> 0 ->> 'hint' as hint from ingest.rows
     where status = 'failed' order by 1`,
  );
  assert.deepEqual(failed, [2, 3, 4].map((row) => ({ row, hint: null })));
  const [{ looks }] = await shop.session.query<{ looks: number }>(
    "select last_value as looks from looks",
  );
  assert.equal(looks, 1);
});
