/** `init`: a definition for a file and its table. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { oneSheet, textRow } from "../source/xlsx/workbook.ts";
import { testDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { ingest } from "./start_program.ts";

const TABLE = `
  create type mood as enum ('happy', 'sad');
  create table companies (id int primary key);
  insert into companies values (1), (2);
  create table people (
    id bigint generated always as identity primary key,
    email text not null unique,
    born date not null,
    balance numeric,
    active boolean,
    mood mood,
    company_id int references companies,
    zip varchar(5),
    plan text,
    seen timestamptz
  )`;

const BORN: Readonly<Record<number, string>> = { 17: "unknown", 40: "31.02.2020", 60: "n/a" };

/** Line 1 is the header. */
function people(rows = 100): string {
  const lines = Array.from({ length: rows }, (_, at) => {
    const line = at + 2;
    return [
      `u${line}@example.com`,
      BORN[line] ?? (line % 2 === 0 ? "15.07.1990" : "1991-08-16"),
      ["1.234,50", "7", "-"][line % 3],
      line % 2 === 0 ? "ja" : "nein",
      line % 2 === 0 ? "Happy" : "Sad",
      1 + line % 2,
      "01067",
      ["free", "pro"][line % 2],
      "2024-01-01T10:00:00Z",
      "x",
    ].join(";");
  });
  const header = "E-Mail;Born;Balance;Active;Mood;Company-ID;ZIP;Plan;Seen;Fax";
  return [header, ...lines, ""].join("\n");
}

async function workplace(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await Deno.mkdir(`${folder.path}/${name}`.replace(/\/[^/]*$/u, ""), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(`${folder.path}/${name}`, content);
    else await Deno.writeFile(`${folder.path}/${name}`, content);
  }
  return folder;
}

Deno.test("init writes a definition that passes check, and the lines that it names are those that fail", async () => {
  await using db = await testDatabase();
  await db.session.query(TABLE);
  await using folder = await workplace({ "people.csv": people() });
  const options = { database: db, cwd: folder.path };
  const init = await ingest(["init", "--from", "people.csv"], options);
  assert.equal(init.code, 0, init.stderr);
  const text = await Deno.readTextFile(`${folder.path}/importers/people.yaml`);
  assert.deepEqual(parse(text), {
    table: "people",
    source: { delimiter: ";", null_values: ["", "-", "n/a"] },
    key: ["email"],
    columns: {
      email: "E-Mail",
      born: { from: "Born", format: ["yyyy-MM-dd", "dd.MM.yyyy"] },
      balance: { from: "Balance", decimal: ",", thousands: "." },
      active: { from: "Active", true: ["ja"], false: ["nein"] },
      mood: { from: "Mood", transform: ["lower"] },
      company_id: "Company-ID",
      zip: "ZIP",
      plan: "Plan",
      seen: "Seen",
    },
  });
  assert.match(
    text,
    /# "Born": 97\.97 % dates yyyy-MM-dd, dd\.MM\.yyyy; exceptions in lines 17, 40 \("unknown" …\); "n\/a" in 1 row/u,
  );
  assert.match(text, /# plan: \{ from: Plan, one_of: \[free, pro\] \}/u);
  assert.match(text, /# email: \{ from: E-Mail, type: email \}/u);
  assert.match(text, /# {3}"Fax": always "x"/u);
  const check = await ingest(["check", "people", "--file", "people.csv"], options);
  assert.equal(check.code, 0, check.stdout);
  const run = await ingest(["run", "people", "--file", "people.csv", "--json"], options);
  assert.equal(run.code, 3, run.stderr);
  const failed = await db.session.query<{ line: number; codes: string }>(
    `select line::int as line, errors->'details'->0->>'code' as codes from ingest.rows
     where status = 'failed' order by row_number`,
  );
  assert.deepEqual(failed.map(({ line, codes }) => [line, codes]), [
    [17, "type"],
    [40, "type"],
    [60, "required"],
  ]);
});

Deno.test("init never overwrites a definition without --force, nor another file of the importer", async () => {
  await using folder = await workplace({
    "people.csv": people(),
    "importers/people.yaml": "table: x\n",
  });
  const options = { cwd: folder.path };
  const file = `${folder.path}/importers/people.yaml`;
  const refused = await ingest(["init", "--from", "people.csv"], options);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /importers\/people\.yaml is there already.*--force/u);
  assert.equal(await Deno.readTextFile(file), "table: x\n");
  const forced = await ingest(["init", "--from", "people.csv", "--force"], options);
  assert.equal(forced.code, 0, forced.stderr);
  assert.equal(parse(await Deno.readTextFile(file)).table, "people");
  await Deno.rename(file, `${folder.path}/importers/people.json`);
  await Deno.writeTextFile(`${folder.path}/importers/people.json`, '{"table": "x"}');
  const other = await ingest(["init", "--from", "people.csv", "--force"], options);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /people\.json is the importer people already/u);
  assert.deepEqual([...Deno.readDirSync(`${folder.path}/importers`)].map(({ name }) => name), [
    "people.json",
  ]);
});

Deno.test("without a database, init says what the table could be like", async () => {
  await using folder = await workplace({ "people.csv": people(), "ingest.schema.json": "{}" });
  const init = await ingest(["init", "crm", "--from", "people.csv", "--json"], {
    cwd: folder.path,
  });
  assert.equal(init.code, 0, init.stderr);
  const { data } = JSON.parse(init.stdout);
  assert.equal(data.table_found, false);
  const text = await Deno.readTextFile(`${folder.path}/importers/crm.yaml`);
  assert.equal(data.text, text);
  assert.match(text, /^# yaml-language-server: \$schema=\.\.\/ingest\.schema\.json\n/u);
  const statement = text.split("\n").filter((line) => line.startsWith("#")).map((line) =>
    line.slice(2)
  )
    .join("\n");
  await using db = await testDatabase();
  await db.session.query(statement.slice(statement.indexOf("create table people")));
  const run = await ingest(["run", "crm", "--file", "people.csv"], {
    database: db,
    cwd: folder.path,
  });
  assert.equal(run.code, 0, run.stderr);
});

const ROWS = [["1", "Ann", "01067"], ["2", "Bob", "99999"]];
const CSV = `id,name,zip\n${ROWS.map((row) => row.join(",")).join("\n")}\n`;
const OBJECTS = ROWS.map(([id, name, zip]) => ({ id: Number(id), name, zip }));

async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(stream).bytes();
}

Deno.test("init reads every format that a run reads", async () => {
  const files: Readonly<Record<string, string | Uint8Array>> = {
    "a.csv": CSV,
    "a.tsv": CSV.replaceAll(",", "\t"),
    "a.json": JSON.stringify({ data: { items: OBJECTS } }),
    "a.ndjson": OBJECTS.map((each) => JSON.stringify(each)).join("\n"),
    "a.xlsx": oneSheet([["id", "name", "zip"], ...ROWS].map((row) => textRow(...row)).join("")),
    "a.csv.gz": await gzip(CSV),
    "a.sql": `COPY public.t (id, name, zip) FROM stdin;\n${
      ROWS.map((row) => row.join("\t")).join("\n")
    }\n\\.\n`,
  };
  for (const name of Object.keys(files)) {
    await using db = await testDatabase();
    await db.session.query("create table t (id int primary key, name text, zip text)");
    await using folder = await workplace(files);
    const options = { database: db, cwd: folder.path };
    const init = await ingest(["init", "--from", name, "--table", "t"], options);
    assert.equal(init.code, 0, `${name}: ${init.stderr}`);
    const run = await ingest(["run", "t", "--file", name], options);
    assert.equal(run.code, 0, `${name}: ${run.stderr}`);
    const rows = await db.session.query<{ id: number; name: string; zip: string }>(
      "select id::text, name, zip from t order by 1",
    );
    assert.deepEqual(rows.map(({ id, name, zip }) => [id, name, zip]), ROWS, name);
  }
});

Deno.test("init reads several files, and standard input", async () => {
  await using db = await testDatabase();
  await db.session.query("create table t (id int primary key, name text, zip text)");
  await using folder = await workplace({ "in/1.csv": CSV, "in/2.csv": "zip,name,id\n1,Cy,n/a\n" });
  const options = { database: db, cwd: folder.path };
  const several = await ingest(["init", "s", "--from", "in/*.csv", "--table", "t"], options);
  assert.equal(several.code, 0, several.stderr);
  const text = await Deno.readTextFile(`${folder.path}/importers/s.yaml`);
  assert.match(text, /3 rows and 3 columns, all of them read/u);
  assert.match(text, /null_values: \["", n\/a\]/u);
  const stdin = await ingest(["init", "--from", "-", "--table", "t"], { ...options, stdin: CSV });
  assert.equal(stdin.code, 0, stdin.stderr);
  assert.match(await Deno.readTextFile(`${folder.path}/importers/t.yaml`), /from "-": 2 rows/u);
});

const ODD = [
  "true",
  "null",
  "- a",
  "# b: c",
  "a: {b}",
  "😀",
  "ä".repeat(100),
  'q"q',
  "a\\b",
  "a\nb",
  "y",
  "@x",
  "%z",
  "",
];

Deno.test("names that mean something to YAML stay names", async () => {
  const header = ODD.map((name) => `"${name.replaceAll('"', '""')}"`).join(",");
  await using folder = await workplace({
    "odd.csv": `${header}\n${ODD.map((_, at) => at).join(",")}\n`,
  });
  const init = await ingest(["init", "--from", "odd.csv"], { cwd: folder.path });
  assert.equal(init.code, 0, init.stderr);
  const { columns } = parse(await Deno.readTextFile(`${folder.path}/importers/odd.yaml`));
  const sources = Object.values(columns).map((rule) =>
    typeof rule === "string" ? rule : (rule as { from: string }).from
  );
  assert.deepEqual(sources.slice(0, 13), ODD.slice(0, 13));
  const check = await ingest(["check", "odd", "--file", "odd.csv"], { cwd: folder.path });
  assert.equal(check.code, 0, check.stdout + check.stderr);
});

for (
  const [what, args, code, message] of [
    ["no file", [], 2, /init needs a file to look at/u],
    ["a file that isn't there", ["--from", "none.csv"], 1, /there is no such file/u],
    ["an empty file", ["--from", "empty.csv"], 1, /the file is empty/u],
    ["a file with only a header", ["--from", "header.csv"], 1, /a header and no rows/u],
    ["an address", ["--from", "https://example.com/a.csv"], 2, /download it first/u],
    ["a name that is none", ["A B", "--from", "people.csv"], 2, /can't be an importer's name/u],
    ["standard input without a table", ["--from", "-"], 2, /needs --table/u],
    [
      "a table that isn't there",
      ["--from", "people.csv", "--table", "nope"],
      1,
      /There is no table nope\. Create it first, or let a run do that: ingest run --table nope --create/u,
    ],
    [
      "a table with other columns",
      ["--from", "people.csv", "--table", "other"],
      1,
      /No column of people\.csv is called like one of other/u,
    ],
  ] as const
) {
  Deno.test(`init refuses ${what}, and writes nothing`, async () => {
    await using db = await testDatabase();
    await db.session.query("create table other (x int)");
    await using folder = await workplace({
      "people.csv": people(),
      "empty.csv": "",
      "header.csv": "a,b\n",
    });
    const ended = await ingest(["init", ...args], { database: db, cwd: folder.path });
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, message);
    await assert.rejects(Deno.stat(`${folder.path}/importers`));
  });
}

Deno.test("a key with repeated or missing values is only a comment", async () => {
  await using db = await testDatabase();
  await db.session.query("create table t (a int, b int, c int, primary key (a), unique (b, c))");
  await using folder = await workplace({ "t.csv": "a,b,c\n1,1,1\n1,1,2\n2,2,1\n" });
  const options = { database: db, cwd: folder.path };
  const init = await ingest(["init", "--from", "t.csv"], options);
  assert.equal(init.code, 0, init.stderr);
  const text = await Deno.readTextFile(`${folder.path}/importers/t.yaml`);
  assert.match(text, /# The primary key \(a\) is no key of this file: line 3 repeats one\./u);
  assert.deepEqual(parse(text).key, ["b", "c"]);
});
