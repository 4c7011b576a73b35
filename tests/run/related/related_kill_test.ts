/** Connections are lost at any instant: a row and what belongs to it are there together, and once. */
import assert from "node:assert/strict";
import { workshop } from "../importing.ts";

const TABLES = `
  create table orders (id int generated always as identity primary key, no int unique);
  create table items (order_id int not null references orders, line int, primary key (order_id, line));
  create table tags (id int generated always as identity primary key, name text unique);
  create table order_tags (o int references orders, t int references tags, primary key (o, t));
  create table seen (n int);
  create function cut() returns trigger language plpgsql as $$ begin
    -- Now and then, the server ends the connection that writes.
    if random() < 0.01 then perform pg_terminate_backend(pg_backend_pid()); end if;
    return null; end $$;
  create trigger cut after insert on items for each row execute function cut();`;

const DEFINITION = `
table: orders
source: { format: ndjson }
columns: { no: no }
many:
  - from: tags
    lookup: { table: tags, match: name, create: true }
    pivot: { table: order_tags, local: o, foreign: t }
nested:
  - { from: items, table: items, foreign_key: { order_id: id }, key: [order_id, line], columns: { line: line } }
options: { batch_rows: 20 }
`;

Deno.test("whatever is cut off in the middle, each row is loaded once, with its links and its children", async () => {
  await using shop = await workshop(TABLES);
  const rows = Array.from({ length: 300 }, (_, no) => ({
    no,
    tags: [`t${no % 7}`, `u${no % 3}`],
    items: [{ line: 1 }, { line: 2 }],
  }));
  const file = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const run = await shop.drive(await shop.create(DEFINITION, file), 3);
  assert.deepEqual([run.status, run.summary?.created], ["completed", 300]);
  const [found] = await shop.session.query<Record<string, number>>(
    `select (select count(*) from orders)::int as orders, (select count(*) from items)::int as items,
       (select count(*) from order_tags)::int as links, (select count(*) from tags)::int as tags,
       (select count(*) from orders o where 2 = (select count(*) from order_tags where o.id = o)
         and 2 = (select count(*) from items where order_id = o.id))::int as whole`,
  );
  assert.deepEqual(found, { orders: 300, items: 600, links: 600, tags: 10, whole: 300 });
  assert.deepEqual(run.summary?.related, {
    items: { created: 600, updated: 0, skipped: 0 },
    order_tags: { added: 600, removed: 0 },
  });
});
