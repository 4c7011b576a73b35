/** Users' mistakes, with the real program: one clear line, the right exit code. */
import assert from "node:assert/strict";
import { type Ended, ingest } from "../cli/start_program.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { encode, folderWith } from "./folder.ts";

const TABLES = `
  create table people (id int primary key, email text unique, name text not null);
  insert into people values (1, 'a@example.com', 'Ada');
  create view everybody as select * from people;
  create table "Order" (id int);`;

const GOOD = "id,email,name\n1,a@example.com,Ann\n2,b@example.com,Ben\n";

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  "good.csv": GOOD,
  "empty.csv": "",
  "blank.csv": "\n\r\n\n",
  "mark.csv": new Uint8Array([0xef, 0xbb, 0xbf]),
  "photo.csv": new Uint8Array([0x89, ...encode("PNG\r\n\x1a\n\0\0\0\rIHDR")]),
  "other.csv": "foo,bar\n1,2\n",
  "people.yaml": "table: people\nkey: [id]\n",
  "three.yaml": "table: people\nkye: [id]\non_duplicate: replace\noptions:\n  batch_rows: many\n",
  "syntax.yaml": "table: people\nkey: [id\n",
  "columns.yaml": "table: people\ncolumns:\n  id: id\n  nmae: name\n  email: email\n  name: name\n",
  "unmapped.yaml": "table: people\nkey: [email]\ncolumns:\n  id: id\n  name: name\n",
  "strict.yaml":
    "table: people\ncolumns: { id: id, name: Full Name }\noptions: { strict_headers: true }\n",
  "extra.yaml": "table: people\ncolumns: { id: id, name: name }\noptions: { unmapped: fail }\n",
  "ours.yaml": "table: ingest.runs\n",
  "system.yaml": "table: pg_catalog.pg_class\n",
};

/** The command (`@/` is the folder), how it exits, and each of the lines that it says. */
const REFUSED: readonly (readonly [string, number, ...RegExp[]])[] = [
  ["run peple --file @/good.csv", 5, /Cannot find importer "peple".*did you mean "people"\?/],
  ["status 99", 5, /There is no run 99/],
  ["wait 99", 5, /There is no run 99/],
  ["resume 99", 5, /There is no run 99/],
  ["cancel 99", 5, /There is no run 99/],
  ["rows 99", 5, /There is no run 99/],
  ["run people", 2, /No file given/],
  ["run people --file @/missing.csv", 1, /missing\.csv: there is no such file/],
  ["run people --file @/", 1, /blank\.csv: the file is empty/],
  ["run people --file /dev/null", 1, /it is not a regular file/],
  ["run people --file @/empty.csv", 1, /the file is empty/],
  ["run people --file @/blank.csv", 1, /the file is empty/],
  ["run people --file @/mark.csv", 1, /the file is empty/],
  ["run people --file -", 1, /stdin: the file is empty/],
  ["run people --file @/photo.csv", 1, /it is a PNG image, not text/],
  [
    "run people --file @/other.csv",
    1,
    /No column of the file matches a column of people: the file has foo, bar; the table has id/,
  ],
  [
    "run three --file @/good.csv",
    1,
    /three\.yaml:2: kye: unknown key; did you mean "key"\?/,
    /three\.yaml:3: on_duplicate: found "replace", expected one of skip, update/,
    /three\.yaml:5: options\.batch_rows: found "many", expected a whole number/,
  ],
  ["run syntax --file @/good.csv", 1, /syntax\.yaml:\d: not valid YAML/],
  [
    "run columns --file @/good.csv",
    1,
    /columns\.yaml:4: columns\.nmae: the table public\.people has no column "nmae"; did you mean "name"\?/,
  ],
  ["run unmapped --file @/good.csv", 1, /unmapped\.yaml:2: key\[0\]: "email" is neither/],
  ["run strict --file @/good.csv", 1, /has no column "Full Name"; it has id, email, name/],
  ["run extra --file @/good.csv", 1, /has an unmapped column: email/],
  ["run ours --file @/good.csv", 1, /"ingest\.runs" is one of ingest's own tables/],
  ["run system --file @/good.csv", 1, /"pg_catalog\.pg_class" is one of Postgres's own tables/],
  ["run --table pg_class --file @/good.csv", 1, /pg_class belongs to Postgres itself/],
  ["run --table person --file @/good.csv", 1, /There is no table person in this database/],
  ["run --table order --file @/good.csv", 1, /no table order .*did you mean "Order"\?/],
  ["run --table everybody --file @/good.csv", 1, /everybody is a view; name the table behind it/],
  ["run --table people --key nr --file @/good.csv", 1, /no column "nr"; it has id, email, name/],
  ["run people --workers 0 --file @/good.csv", 2, /Expected a whole number from 1 to 64/],
  [
    "run people --file @/good.csv --database-url postgres://127.0.0.1:1/x",
    6,
    /127\.0\.0\.1:1, database x: nothing is listening there/,
  ],
  ["status --database-url postgres://127.0.0.1:1/x", 6, /nothing is listening there/],
];

Deno.test("what can't be run is refused in a line, with the right code, and leaves no trace", async () => {
  await using db = await testDatabase();
  await using dir = await folderWith(FILES);
  await db.session.execute(TABLES);
  await ingest(["migrate"], { database: db });
  await inTurns(REFUSED, async ([line, code, ...says]) => {
    const ended = await run(line, db, dir.path);
    assertRefused(ended, code, says, line);
  });
  for (const [config, says] of wrongDatabases(db)) {
    const ended = await ingest(["runs"], { env: { DATABASE_URL: config } });
    assertRefused(ended, 6, [says], config);
  }
  assertRefused(await ingest(["run", "--table", "people", "--file", "x.csv"]), 2, [
    /No database is named\. Set DATABASE_URL/,
  ]);
  assert.deepEqual(await db.session.query("select * from people"), [
    { id: 1, email: "a@example.com", name: "Ada" },
  ]);
  assert.deepEqual(await db.session.query("select id from ingest.runs"), []);
});

function wrongDatabases({ config, url }: TestDatabase): [string, RegExp][] {
  return [
    [url.replace(`/${config.database}`, "/nowhere"), /there is no such database/],
    [
      url.replace(/\/\/[^@]*@/, "//nobody_at_all@"),
      /role "nobody_at_all" does not exist|password|authentication/,
    ],
  ];
}

function run(line: string, database: TestDatabase, folder: string): Promise<Ended> {
  const args = line.replaceAll("@/", `${folder}/`).split(" ");
  return ingest(args, { database, env: { INGEST_IMPORTERS: folder } });
}

/** As many lines as expected, each beginning with the program's name. */
function assertRefused({ code, stdout, stderr }: Ended, exit: number, says: RegExp[], what = "") {
  assert.equal(code, exit, `${what}: ${stderr}`);
  assert.equal(stdout, "", what);
  const lines = stderr.trimEnd().split("\n");
  assert.equal(lines.length, says.length, stderr);
  for (const [index, line] of lines.entries()) {
    assert.match(line, /^ingest: /);
    assert.match(line, says[index]);
  }
}

/** Two at a time: starting the program is most of the work. */
async function inTurns<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const one = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next);
  };
  await Promise.all([one(), one()]);
}
