/** What a run is told instead of its definition: `--map`, `--set`, `--limit` and how its file is read. */
import assert from "node:assert/strict";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { ingest } from "./start_program.ts";

const DEFINITION = `table: people
key: id
columns:
  id: Id
  name: Name
  age: { from: Age, type: integer }
`;
const FILE = "Id;Full Name;Age;Note\n1;Ann;30;x\n2;Bob;old;y\n3;Cy;50;z\n";

async function workplace(db: TestDatabase) {
  await db.session.query("create table people (id int primary key, name text, age int, note text)");
  const folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/importers`);
  await Deno.writeTextFile(`${folder.path}/importers/people.yaml`, DEFINITION);
  await Deno.writeTextFile(`${folder.path}/people.csv`, FILE);
  return folder;
}

async function rowsOf({ session }: TestDatabase) {
  const rows = await session.query<{ row: string }>(
    "select people::text as row from people order by id",
  );
  return rows.map(({ row }) => row);
}

Deno.test("a run is told other columns and only the first rows; status and the retry know it", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db);
  const options = { database: db, cwd: folder.path };
  const told = ["--map", "Full Name=name", "--map", "=age", "--limit", "2", "--delimiter", ";"];
  const run = await ingest(["run", "people", "--file", "people.csv", ...told, "--json"], options);
  assert.equal(run.code, 0, run.stderr);
  const { overridden, progress, warnings } = JSON.parse(run.stdout).data;
  assert.deepEqual(overridden, {
    "source.delimiter": ";",
    limit: 2,
    "columns.name.from": "Full Name",
    "columns.age.from": null,
  });
  assert.deepEqual([progress.total, progress.created], [2, 2]);
  assert.match(warnings.join(" "), /Only the first 2 rows of the file/u);
  assert.deepEqual(await rowsOf(db), ["(1,Ann,,)", "(2,Bob,,)"]);
  const status = await ingest(["status", "1"], options);
  assert.match(
    status.stdout,
    /instead of the definition: source\.delimiter: ";", limit: 2, columns\.name\.from: "Full Name"/u,
  );
});

Deno.test("a retry reads the rows as the run was told to, with the definition as it is now", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db);
  const options = { database: db, cwd: folder.path };
  const text = "Id,Name,Age\n1,'A,nn',30\n2,'B,ob',old\n";
  await Deno.writeTextFile(`${folder.path}/people.csv`, text);
  const run = await ingest(["run", "people", "--file", "people.csv", "--quote", "'"], options);
  assert.equal(run.code, 3, run.stderr);
  await Deno.writeTextFile(
    `${folder.path}/importers/people.yaml`,
    DEFINITION.replace("{ from: Age, type: integer }", "{ from: Age, map: { old: 99 } }"),
  );
  const retry = await ingest(["retry", "1", "--json"], options);
  assert.equal(retry.code, 0, retry.stderr);
  assert.deepEqual(JSON.parse(retry.stdout).data.overridden, { "source.quote": "'" });
  assert.deepEqual(await rowsOf(db), ['(1,"A,nn",30,)', '(2,"B,ob",99,)']);
});

Deno.test("a run is told other values for keys; status, resume and retry know them", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db);
  const options = { database: db, cwd: folder.path };
  await Deno.writeTextFile(`${folder.path}/people.csv`, "Id,Name,Age\n1,Ann,1x\n2,Bob,2\n");
  const told = [
    ...["--set", "columns.note.value=a: b", "--set", "columns.name.transform=[upper]"],
    ...["--set", "on_duplicate=update", "--set", "options.batch_rows=1", "--set", "key=Id"],
  ];
  const wrong = ["--set", "columns.note.value=a: b"];
  const unread = await ingest(["run", "people", "--file", "people.csv", ...wrong], options);
  assert.match(unread.stderr, /--set: columns\.note\.value: found a mapping, expected text/u);
  told[1] = 'columns.note.value="a: b"';
  const run = await ingest(["run", "people", "--file", "people.csv", ...told, "--json"], options);
  assert.equal(run.code, 3, run.stderr);
  const overridden = {
    "columns.note.value": '"a: b"',
    "columns.name.transform": "[upper]",
    on_duplicate: "update",
    "options.batch_rows": "1",
    key: "Id",
  };
  assert.deepEqual(JSON.parse(run.stdout).data.overridden, overridden);
  assert.deepEqual(await rowsOf(db), ['(2,BOB,2,"a: b")']);
  await Deno.writeTextFile(
    `${folder.path}/importers/people.yaml`,
    DEFINITION.replace("type: integer", "transform: [digits]"),
  );
  const retry = await ingest(["retry", "1", "--json"], options);
  assert.equal(retry.code, 0, retry.stderr);
  assert.deepEqual(JSON.parse(retry.stdout).data.overridden, overridden);
  assert.deepEqual(await rowsOf(db), ['(1,ANN,1,"a: b")', '(2,BOB,2,"a: b")']);
});

Deno.test("a column that is set to a constant loses its source, and the other way round", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db);
  const options = { database: db, cwd: folder.path };
  await Deno.writeTextFile(`${folder.path}/people.csv`, "Id,Name,Age\n1,Ann,1\n");
  await Deno.writeTextFile(
    `${folder.path}/importers/people.yaml`,
    DEFINITION.replace("{ from: Age, type: integer }", "{ from: Age, max: 3 }") +
      "  note: { value: x }\n",
  );
  const told = ["--set", "columns.age.value=7", "--set", "columns.note.from=Name"];
  const run = await ingest(["run", "people", "--file", "people.csv", ...told], options);
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(await rowsOf(db), ["(1,Ann,7,Ann)"]);
  const beside = ["--set", "columns.note.min=7"];
  const refused = await ingest(["run", "people", "--file", "people.csv", ...beside], options);
  assert.match(refused.stderr, /--set: columns\.note\.min: can't be combined with `value`/u);
  const wrong = ["--set", "columns.age.min=9"];
  const other = await ingest(["run", "people", "--file", "people.csv", ...wrong], options);
  assert.match(other.stderr, /--set: columns\.age\.min: found 9, expected at most `max`/u);
  const key = ["--set", "columns.id=null"];
  const gone = await ingest(["run", "people", "--file", "people.csv", ...key], options);
  assert.match(gone.stderr, /importers\/people\.yaml:2: key: "id" is neither/u);
});

Deno.test("a retry says which run was told what the definition no longer takes", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db);
  const options = { database: db, cwd: folder.path };
  await Deno.writeTextFile(`${folder.path}/people.csv`, "Id,Name,Age\n1,Ann,1x\n");
  await ingest(
    ["run", "people", "--file", "people.csv", "--set", "columns.age.min=5"],
    options,
  );
  await Deno.writeTextFile(
    `${folder.path}/importers/people.yaml`,
    DEFINITION.replace("{ from: Age, type: integer }", "{ from: Age, max: 3 }"),
  );
  const retry = await ingest(["retry", "1"], options);
  assert.equal(retry.code, 1);
  assert.match(retry.stderr, /run 1: columns\.age\.min: found 5, expected at most `max`/u);
});

Deno.test("a file that was loaded in part is loaded with --once, and its rows are those that were left", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db);
  const options = { database: db, cwd: folder.path };
  const args = ["run", "people", "--file", "people.csv", "--once", "--map", "Full Name=name"];
  assert.equal((await ingest([...args, "--limit", "1"], options)).code, 0);
  assert.deepEqual(await rowsOf(db), ["(1,Ann,30,)"]);
  const again = await ingest([...args, "--limit", "1"], options);
  assert.match(again.stderr, /Run 1 has loaded the same bytes/u);
  const all = await ingest([...args, "--json"], options);
  const { created, skipped, failed } = JSON.parse(all.stdout).data.progress;
  assert.deepEqual({ created, skipped, failed }, { created: 1, skipped: 1, failed: 1 });
});

Deno.test("--limit takes the first rows of every format", async () => {
  const files: Readonly<Record<string, string>> = {
    "a.json": '{"data": [{"id": 1}, {"id": 2},\n {"id": 3}]}',
    "a.ndjson": '{"id": 1}\n{"id": 2}\n{"id": 3}\n',
    "a.csv": 'id,name\n1,"a\nb"\n\n2,"c\nd"\n3,e\n',
    "a.sql": "COPY public.people (id) FROM stdin;\n1\n2\n3\n\\.\n",
  };
  for (const [name, content] of Object.entries(files)) {
    await using db = await testDatabase();
    await using folder = await workplace(db);
    await Deno.writeTextFile(`${folder.path}/${name}`, content);
    for (const [limit, ids] of [["2", [1, 2]], ["9", [1, 2, 3]]] as const) {
      await db.session.query("truncate people");
      const args = ["run", "--table", "people", "--file", name, "--limit", limit];
      const run = await ingest(args, { database: db, cwd: folder.path });
      assert.equal(run.code, 0, `${name}: ${run.stderr}`);
      const found = await db.session.query<{ id: number }>("select id from people order by id");
      assert.deepEqual(found.map(({ id }) => id), ids, name);
    }
  }
});

for (
  const [what, args, code, message] of [
    ["a column that the file lacks", ["--map", "Nmae=name"], 1, /no column "Nmae" for name/u],
    ["a column that the table lacks", ["--map", "Note=nte"], 1, /no column "nte".*note/u],
    ["a mapping without =", ["--map", "Note"], 2, /a column of the file and one of the table/u],
    ["two columns for one", ["--map", "Note=name", "--map", "Id=name"], 2, /got two/u],
    ["a key that isn't one", ["--set", "options"], 2, /such as options\.batch_rows=100/u],
    ["a key that is set twice", ["--set", "key=Id", "--set", "key=Name"], 2, /set twice/u],
    ["an unknown key", ["--set", "options.batch_row=1"], 1, /did you mean "batch_rows"/u],
    ["an unknown key at the top", ["--set", "option.batch_rows=1"], 1, /did you mean "options"/u],
    ["a wrong value", ["--set", "options.batch_rows=no"], 1, /expected a whole number, 1 or more/u],
    ["a value that is no YAML", ["--set", "key=[Id"], 1, /--set: key: not valid YAML/u],
    ["a key below a text", ["--set", "key.where=x"], 1, /set it as a whole/u],
    ["what fits nothing", ["--set", "on_absent=delet"], 1, /--set: on_absent: .*keep/u],
    ["a path", ["--set", "source.path=/etc/hosts"], 1, /only what says how a file is read/u],
    ["a secret", ["--set", "source.headers.A=b"], 1, /only what says how a file is read/u],
    ["another slug", ["--set", "slug=x"], 1, /can't be set for one run/u],
    ["no row at all", ["--limit", "0"], 2, /from 1/u],
    ["a part of several files", ["--limit", "1", "--file", "people.csv"], 1, /name one file/u],
  ] as const
) {
  Deno.test(`run refuses ${what}, and loads nothing`, async () => {
    await using db = await testDatabase();
    await using folder = await workplace(db);
    await Deno.writeTextFile(`${folder.path}/more.csv`, FILE);
    const file = what === "a part of several files" ? "more.csv" : "people.csv";
    const run = await ingest(["run", "people", "--file", file, ...args], {
      database: db,
      cwd: folder.path,
    });
    assert.equal(run.code, code, run.stderr);
    assert.match(run.stderr, message);
    assert.deepEqual(await rowsOf(db), []);
  });
}
