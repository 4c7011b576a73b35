/** `run --create`: a table is made for a file. */
import assert from "node:assert/strict";
import type { TestDatabase } from "../support/database.ts";
import { testDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { ingest } from "./start_program.ts";

const FILE = 'Zip,Order,Born,Price\n01067,1,15.07.2024,"1,50"\n99999,2,01.02.2024,"2,00"\n';

async function withFile(content: string, name = "data.csv") {
  const folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/${name}`, content);
  return folder;
}

async function columnsOf({ session }: TestDatabase, table: string) {
  const found = await session.query<{ name: string; type: string }>(
    `select column_name as name, data_type as type from information_schema.columns
     where table_name = $1 order by ordinal_position`,
    [table],
  );
  return found.map(({ name, type }) => `${name} ${type}`);
}

Deno.test("run --create makes the table, loads the file, and another run loads into it", async () => {
  await using db = await testDatabase();
  await using folder = await withFile(FILE);
  const options = { database: db, cwd: folder.path };
  const args = ["run", "--table", "user", "--file", "data.csv", "--key", "Order"];
  const first = await ingest([...args, "--create", "--yes"], options);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /create table "user" \(/u);
  assert.match(first.stderr, /zip text, .*because "01067" would not stay what it is/u);
  assert.deepEqual(await columnsOf(db, "user"), [
    "zip text",
    "order bigint",
    "born date",
    "price numeric",
  ]);
  const rows = await db.session.query(
    `select zip, "order"::int as order, born::text, price::text from "user" order by 2`,
  );
  assert.deepEqual(rows.map((row) => ({ ...row })), [
    { zip: "01067", order: 1, born: "2024-07-15", price: "1.50" },
    { zip: "99999", order: 2, born: "2024-02-01", price: "2.00" },
  ]);
  const again = await ingest([...args, "--create", "--yes"], options);
  assert.equal(again.code, 1);
  assert.match(
    again.stderr,
    /Cannot create user: it is there already\. Load into it without --create/u,
  );
  await Deno.writeTextFile(
    `${folder.path}/more.csv`,
    "order,zip,born\n2,1,2024-01-01\n3,1,2024-01-01\n",
  );
  const more = await ingest(
    ["run", "--table", "user", "--file", "more.csv", "--key", "order", "--json"],
    options,
  );
  const { created, skipped } = JSON.parse(more.stdout).data.progress;
  assert.deepEqual({ created, skipped }, { created: 1, skipped: 1 });
});

Deno.test("without a terminal and without --yes nothing is created, and the statement is printed", async () => {
  await using db = await testDatabase();
  await using folder = await withFile(FILE);
  const options = { database: db, cwd: folder.path };
  const refused = await ingest(["run", "--table", "t", "--create", "--file", "data.csv"], options);
  assert.equal(refused.code, 2);
  assert.match(refused.stdout, /^create table t \(\n {2}zip text,/u);
  assert.match(refused.stderr, /t was not created: this is no terminal, so say --yes/u);
  const dry = await ingest(
    ["run", "--table", "t", "--create", "--dry-run", "--file", "data.csv"],
    options,
  );
  assert.equal(dry.code, 0);
  assert.equal(dry.stdout, refused.stdout);
  assert.match(dry.stderr, /Dry run: t was not created, so its rows were not tried\./u);
  assert.deepEqual(await columnsOf(db, "t"), []);
  // What is printed is right as it is.
  await db.session.query(refused.stdout);
  assert.equal((await columnsOf(db, "t")).length, 4);
});

Deno.test("run --create reads standard input, workbooks of other encodings and packed files to their end", async () => {
  await using db = await testDatabase();
  await using folder = await withFile("");
  const packed = new Response(
    new Blob([FILE]).stream().pipeThrough(new CompressionStream("gzip")),
  );
  await Deno.writeFile(`${folder.path}/data.csv.gz`, await packed.bytes());
  const utf16 = [
    0xff,
    0xfe,
    ...new Uint8Array(Uint16Array.from(FILE, (c) => c.charCodeAt(0)).buffer),
  ];
  await Deno.writeFile(`${folder.path}/utf16.csv`, Uint8Array.from(utf16));
  const options = { database: db, cwd: folder.path };
  for (const [table, file, stdin] of [["a", "data.csv.gz"], ["b", "utf16.csv"], ["c", "-", FILE]]) {
    const ended = await ingest(["run", "--table", table, "--create", "--yes", "--file", file], {
      ...options,
      stdin,
    });
    assert.equal(ended.code, 0, ended.stderr);
    const [{ count }] = await db.session.query<{ count: number }>(
      `select count(*)::int as count from ${table} where zip like '0%' or zip like '9%'`,
    );
    assert.equal(count, 2);
  }
});

for (
  const [what, content, args, code, message] of [
    ["an empty file", "", [], 1, /the file is empty/u],
    ["a file with only a header", "a,b\n", [], 1, /a header and no rows/u],
    ["a schema that isn't there", "a\n1\n", ["--table", "crm.t"], 1, /Create the schema first/u],
    ["--yes alone", "a\n1\n", ["--no-create"], 2, /--yes answers what --create asks/u],
    [
      "an address",
      "a\n1\n",
      ["--file", "https://example.com/a.csv"],
      2,
      /reads all of the file first: download it/u,
    ],
    ["a table of Postgres", "a\n1\n", ["--table", "pg_class"], 1, /it is there already/u],
    ["a table of ingest", "a\n1\n", ["--table", "ingest.t"], 1, /ingest\.t/u],
  ] as const
) {
  Deno.test(`run --create refuses ${what}, and creates nothing`, async () => {
    await using db = await testDatabase();
    await using folder = await withFile(content);
    const given: readonly string[] = args;
    const isAlone = given.includes("--no-create");
    const own = isAlone ? [] : given;
    const create = isAlone ? [] : ["--create"];
    const table = own.includes("--table") ? [] : ["--table", "t"];
    const file = own.includes("--file") ? [] : ["--file", "data.csv"];
    const ended = await ingest(["run", ...create, "--yes", ...table, ...file, ...own], {
      database: db,
      cwd: folder.path,
    });
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, message);
    const left = await db.session.query(
      "select 1 from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
    );
    assert.equal(left.length, 0);
  });
}

Deno.test("a table that no run came of is dropped again", async () => {
  await using db = await testDatabase();
  await using folder = await withFile(FILE);
  // Whoever runs this database adds a column that the file doesn't have.
  await db.session.query(
    `create function add_column() returns event_trigger language plpgsql as
       $$ begin alter table if exists t add column tenant int not null; end $$;
     create event trigger adds_column on ddl_command_end when tag in ('CREATE TABLE')
       execute function add_column()`,
  );
  const args = ["run", "--table", "t", "--create", "--yes", "--file", "data.csv"];
  const ended = await ingest(args, { database: db, cwd: folder.path });
  assert.equal(ended.code, 1, ended.stderr);
  assert.match(ended.stderr, /nothing fills tenant/u);
  assert.deepEqual(await columnsOf(db, "t"), []);
});
