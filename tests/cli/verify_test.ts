import assert from "node:assert/strict";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { oneSheet } from "../source/xlsx/workbook.ts";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { startInTerminal } from "./start_in_terminal.ts";
import { ingest, startIngest } from "./start_program.ts";
import { until } from "../support/until.ts";

async function imported(db: TestDatabase, folder: string): Promise<void> {
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(`${folder}/c.csv`, customers(40, true));
  const arguments_ = ["run", "--table", "customers", "--key", "email", "--file", `${folder}/c.csv`];
  const run = await ingest([...arguments_, "--on-duplicate", "update", "--quiet"], {
    database: db,
  });
  assert.equal(run.code, 3, run.stderr);
}

Deno.test("verify prints what it has found, and its exit code tells whether something differs", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await imported(db, dir.path);
  const clean = await ingest(["verify", "1"], { database: db });
  assert.equal(clean.code, 0, clean.stderr);
  assert.equal(clean.stdout, "40 as written · 1 set aside\n");
  assert.equal(clean.stderr, "");

  await db.session.query(
    `update customers set age = null, name = '' where email = 'u7@example.com';
     delete from customers where email = 'u30@example.com'`,
  );
  const found = await ingest(["verify", "1"], { database: db });
  assert.equal(found.code, 7, found.stderr);
  assert.deepEqual(found.stdout.split("\n").map((line) => line.trimEnd()), [
    "38 as written · 1 set aside · 1 changed since · 1 gone",
    "",
    "row  line  key              column  file                                      table",
    "  8     9  u7@example.com   name    User 7                                    ''",
    "                            age     7                                         NULL",
    " 32    33  u30@example.com  (gone)  email: u30@example.com, name: User 30, …",
    "",
  ]);
  const json = await ingest(["verify", "1", "--json"], { database: db });
  assert.equal(json.code, 7);
  const { data } = JSON.parse(json.stdout);
  assert.deepEqual([data.rows.changed, data.rows.gone, data.samples.length], [1, 1, 2]);

  const none = await ingest(["verify", "9"], { database: db });
  assert.deepEqual([none.code, none.stdout], [5, ""]);
});

Deno.test("verify says of each of several tables what it has found, and into which a row went", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute("create table a (id int primary key, v text)");
  await db.session.execute("create table b (id int primary key, v text)");
  await Deno.writeTextFile(
    `${dir.path}/two.yaml`,
    "key: [id]\ncolumns: { id: id, v: v }\ntables:\n" +
      "  - { table: a, when: { column: w, equals: a } }\n  - { table: b }\n",
  );
  await Deno.writeTextFile(`${dir.path}/two.csv`, "w,id,v\na,1,x\nb,2,y\na,3,z\n");
  const files = ["--file", `${dir.path}/two.csv`, "--importers", dir.path];
  const run = await ingest(["run", "two", ...files, "--quiet"], { database: db });
  assert.equal(run.code, 0, run.stderr);
  await db.session.execute("update b set v = 'other'");
  const found = await ingest(["verify", "1"], { database: db });
  assert.equal(found.code, 7, found.stderr);
  assert.deepEqual(found.stdout.split("\n").map((line) => line.trimEnd()), [
    "2 as written · 1 changed since",
    "In a: 2 as written",
    "In b: 0 as written · 1 changed since",
    "",
    "row  line  into  key  column  file  table",
    "  2     3  b     2    v       y     other",
    "",
  ]);
  const { data } = JSON.parse((await ingest(["verify", "1", "--json"], { database: db })).stdout);
  assert.deepEqual(data.tables[1], {
    table: "b",
    rows: { as_written: 0, skipped: 0, replaced: 0, changed: 1, gone: 0, not_found: 0 },
    differs: true,
    found_by: ["id"],
    not_compared: [],
  });
  assert.equal(data.samples[0].table, "b");
});

Deno.test("verify says where in a row a child or a link is that differs", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute("create table orders (id int primary key)");
  await db.session.execute("create table items (o int, line int, qty int, primary key (o, line))");
  await db.session.execute("create table tags (o int, tag text, primary key (o, tag))");
  await Deno.writeTextFile(
    `${dir.path}/orders.yaml`,
    `table: orders
source: { format: ndjson }
key: [id]
on_duplicate: update
columns: { id: id }
many: [{ from: tags, pivot: { table: tags, local: o, foreign: tag }, sync: replace }]
nested:
  - from: lines
    table: items
    foreign_key: { o: id }
    key: [o, line]
    columns: { line: line, qty: qty }
`,
  );
  const rows = [{ id: 1, tags: ["a"], lines: [{ line: 1, qty: 2 }, { line: 2, qty: 3 }] }];
  await Deno.writeTextFile(`${dir.path}/o.ndjson`, `${JSON.stringify(rows[0])}\n`);
  const files = ["--file", `${dir.path}/o.ndjson`, "--importers", dir.path];
  const run = await ingest(["run", "orders", ...files, "--quiet"], { database: db });
  assert.equal(run.code, 0, run.stderr);
  await db.session.execute("update items set qty = 9 where line = 2");
  await db.session.execute("insert into tags values (1, 'b')");
  const found = await ingest(["verify", "1"], { database: db });
  assert.equal(found.code, 7, found.stderr);
  assert.deepEqual(found.stdout.split("\n").map((line) => line.trimEnd()), [
    "1 as written",
    "In orders: 1 as written",
    "In tags: 1 as written · 1 added since",
    "In items: 1 as written · 1 changed since",
    "",
    "row  line  into             key   column   file  table",
    "  1     1  tags (tags)      1, b  (added)",
    "  1     1  items (lines 2)  1, 2  qty      3     9",
    "",
  ]);
});

/** SQL: somebody waits for a table. */
const WAITING = `exists (select from pg_locks where not granted and locktype = 'relation'
  and database = (select oid from pg_database where datname = current_database()))`;

function untilItWaits({ session }: TestDatabase): Promise<void> {
  return until(session, WAITING);
}

Deno.test("a signal ends verify at once, even if it waits for the table", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await imported(db, dir.path);
  await db.session.execute("begin");
  await db.session.execute("lock table customers");
  const verify = startIngest(["verify", "1"], { database: db });
  await untilItWaits(db);
  verify.kill("SIGINT");
  const { code, stdout, stderr } = await verify.ended;
  await db.session.execute("commit");
  assert.equal(code, 4, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /^ingest: Stopped: run 1 was not verified to its end\.\n$/);
});

Deno.test("on a terminal, verify shows how far it is, and leaves only the result", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await imported(db, dir.path);
  const verify = startInTerminal(["verify", "1"], { database: db });
  await verify.says("/ 41 rows compared");
  const { code, shown } = await verify.ended;
  assert.equal(code, 0, shown);
  assert.match(shown, /40 as written · 1 set aside\r?\n$/);
});

Deno.test("verify says where a differing value is: in which cell of a workbook, or in which of the files", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  const cell = (at: string, text: string) =>
    `<c r="${at}" t="inlineStr"><is><t>${text}</t></is></c>`;
  const row = (number: number, ...texts: string[]) =>
    `<row r="${number}">${
      texts.map((text, i) => cell(`${"BCD"[i]}${number}`, text)).join("")
    }</row>`;
  const rows = row(3, "email", "name", "age") + row(4, "a@x.com", "A", "1") +
    row(7, "b@x.com", "B", "2");
  await Deno.writeFile(`${dir.path}/book.xlsx`, oneSheet(rows));
  await Deno.mkdir(`${dir.path}/in`);
  for (const name of ["c", "d"]) {
    await Deno.writeTextFile(`${dir.path}/in/${name}.csv`, `email,name,age\n${name}@x.com,N,3\n`);
  }
  for (const file of ["book.xlsx", "in"]) {
    const run = ["run", "--table", "customers", "--key", "email", "--file", `${dir.path}/${file}`];
    assert.equal((await ingest(run, { database: db })).code, 0);
  }
  await db.session.query(
    "update customers set name = 'other' where email in ('b@x.com', 'd@x.com')",
  );
  const book = await ingest(["verify", "1"], { database: db });
  assert.deepEqual(book.stdout.split("\n").slice(2, 4), [
    "row  sheet row  key      column     file  table",
    "  2          7  b@x.com  name (C7)  B     other",
  ]);
  const document = JSON.parse((await ingest(["verify", "1", "--json"], { database: db })).stdout);
  assert.deepEqual(
    [document.data.sheet, document.data.samples[0].values[0].cell],
    ["Data", "C7"],
  );
  const several = await ingest(["verify", "2"], { database: db });
  assert.deepEqual(several.stdout.split("\n").slice(2, 4), [
    "in     row  line  key      column  file  table",
    "d.csv    2     2  d@x.com  name    N     other",
  ]);
});
