/** An undo of several tables whose process is killed goes on in another one: children before their rows. */
import assert from "node:assert/strict";
import { ingest, startIngest } from "../cli/start_program.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { untilHeldUp } from "./until_held_up.ts";

const ORDERS = 4_000;

const TABLES = `
  create table tags (id int primary key, name text unique);
  insert into tags values (1, 'red'), (2, 'blue');
  create table orders (id int generated always as identity primary key, no int unique, note text);
  create table items (id int generated always as identity primary key,
    order_id int not null references orders, line int not null, qty int, unique (order_id, line));
  create table links (o int not null references orders, tag int not null references tags,
    unique (o, tag));
  insert into orders (no, note) select n, 'before' from generate_series(1, 500) n;
  insert into items (order_id, line, qty) select id, 1, 0 from orders;
  insert into links select id, 2 from orders;`;

const DEFINITION = `
table: orders
source: { format: ndjson }
key: [no]
on_duplicate: update
columns: { no: no, note: note }
many:
  - { from: tags, lookup: { table: tags, match: name }, sync: replace, pivot: { table: links, local: o, foreign: tag } }
nested:
  - { from: items, table: items, foreign_key: { order_id: id }, key: [order_id, line], on_duplicate: update, columns: { line: line, qty: qty } }
options: { undo: updates, batch_rows: 700 }
`;

Deno.test("an undo of rows, children and links that is killed again and again takes back all of them", async () => {
  await using database = await testDatabase();
  const { session } = database;
  await session.query(TABLES);
  const before = await contents(database);
  const folder = await Deno.makeTempDir();
  try {
    const rows = Array.from({ length: ORDERS }, (_, index) => ({
      no: index + 1,
      note: "new",
      tags: ["red"],
      items: [{ line: 1, qty: 1 }, { line: 2, qty: 2 }],
    }));
    const file = `${folder}/orders.ndjson`;
    await Deno.writeTextFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    await Deno.writeTextFile(`${folder}/orders.yaml`, DEFINITION);
    const run = ["run", "orders", "--file", file, "--importers", folder, "--quiet"];
    assert.equal((await ingest(run, { database })).code, 0);
    // Each of these rows is held up while somebody holds this lock.
    await session.query(
      `create function hold() returns trigger language plpgsql as $$ begin
         perform pg_advisory_xact_lock_shared(7);
         return case tg_op when 'DELETE' then old else new end; end $$;
       create trigger hold before delete or update on items for each row
         when (old.id % 3001 = 0 or old.id = 300) execute function hold();
       create trigger hold before delete or update on orders for each row
         when (old.id % 1999 = 0 or old.id = 300) execute function hold();
       create trigger hold before insert on links for each row
         when (new.o = 300) execute function hold()`,
    );
    // Before a program starts: however slow the test is, it comes to no end.
    await session.query("select pg_advisory_lock(7)");
    let program = startIngest(["undo", "1", "--workers", "2"], { database });
    let kills = 0;
    for (let i = 0; i < 4; i++) {
      await untilHeldUp(database, program);
      program.kill("SIGKILL");
      if ((await program.ended).code === 137) kills++;
      // Lets go of what the dead program has begun.
      await session.query("select pg_advisory_unlock(7)");
      await session.query("select pg_advisory_lock(7)");
      program = startIngest(["resume", "2", "--workers", String(1 + i % 2)], { database });
    }
    await session.query("select pg_advisory_unlock(7)");
    const { code, stdout } = await program.ended;
    assert.deepEqual([code, kills], [0, 4], stdout);
    assert.deepEqual(await contents(database), before);
    const [{ summary }] = await session.query<{ summary: { related: unknown } }>(
      "select summary from ingest.runs where id = 2",
    );
    assert.deepEqual(summary.related, {
      orders: { deleted: ORDERS - 500, restored: 500, kept: 0 },
      items: { deleted: 2 * ORDERS - 500, restored: 500, kept: 0 },
      links: { deleted: ORDERS, restored: 500, kept: 0 },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function contents({ session }: TestDatabase): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const table of ["orders", "items", "links"]) {
    const [{ rows }] = await session.query<{ rows: string }>(
      `select coalesce(string_agg(x::text, E'\\n' order by x::text collate "C"), '') as rows from ${table} x`,
    );
    all[table] = rows;
  }
  return all;
}
