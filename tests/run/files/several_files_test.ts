/** Several files in one run: what is read of them, and where their rows are said to be. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rowReports } from "../../../src/report/row_reports.ts";
import { SourceError } from "../../../src/source/error.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { folderOf } from "./several_files.ts";

const TABLE = "create table people (id int primary key, name text, age int)";
const YAML = "table: people\nkey: id\non_duplicate: update\n";

/** File, line and reason of each failed row. */
async function failures({ ledger }: Workshop, run: Run): Promise<string[]> {
  const { rows } = await rowReports(ledger, run, { status: "failed", after: 0, limit: 100 });
  return rows.map(({ file, line, errors }) => `${file}:${line} ${errors?.details[0].code}`);
}

Deno.test("rows of several files keep their own lines, and say in which file they are", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf({
    "a-10.csv": "id,name,age\n3,Cid,31\n\n4,Dan,x\n5,Eve,1",
    "a-2.csv": 'id,name,age\n1,"Ann\nA.",30\n2,Bob,x\n',
    "b.csv": "\ufeffid,name,age\r\n6,Fay,1\r\n7,Gus,x\r\n",
    "empty.csv": "id,name,age\n",
  });
  const run = await shop.drive(await folder.create(shop, YAML));
  assert.equal(run.status, "completed_with_errors");
  assert.equal(run.original_filename, "a-2.csv and 3 other files");
  assert.equal(run.total_rows, 7);
  assert.deepEqual(await failures(shop, run), [
    "a-2.csv:4 type",
    "a-10.csv:4 type",
    "b.csv:3 type",
  ]);
  assert.deepEqual(await shop.session.query("select id, name from people order by id"), [
    { id: 1, name: "Ann\nA." },
    { id: 3, name: "Cid" },
    { id: 5, name: "Eve" },
    { id: 6, name: "Fay" },
  ]);
});

Deno.test("columns are found by name where a file has them in another order or form", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf({
    "a.csv": "id,name,age\n1,Ann,30\n",
    "b.csv": 'age;note;name;id\n31;"a;b";"B\n\nob";2\nx;;Cid;3\n',
    "c.csv": "name\tid\tage\nD,an\t4\t32\n",
  });
  const run = await shop.drive(await folder.create(shop, YAML));
  assert.deepEqual(await failures(shop, run), ["b.csv:5 type"]);
  assert.deepEqual(await shop.session.query("select * from people order by id"), [
    { id: 1, name: "Ann", age: 30 },
    { id: 2, name: "B\n\nob", age: 31 },
    { id: 4, name: "D,an", age: 32 },
  ]);
});

Deno.test("the later file wins where files repeat a key", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf({
    "2.csv": "id,name,age\n1,two,2\n",
    "10.csv": "id,name,age\n1,ten,10\n",
    "1.csv": "id,name,age\n1,one,1\n2,one,1\n",
  });
  await shop.drive(await folder.create(shop, YAML));
  assert.deepEqual(await shop.session.query("select id, name from people order by id"), [
    { id: 1, name: "ten" },
    { id: 2, name: "one" },
  ]);
});

Deno.test("a quote that is open at a file's end swallows nothing of the next file", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf({
    "a.csv": 'id,name,age\n1,"Ann,1\n',
    "b.csv": 'id,name,age\n2,"Bob",2\n3,"C""id",3\n',
    "c.csv": 'id,name,age\n4,"Dan',
    "d.csv": 'id,name,age\n5,Eve",5\n6,Fay,6\n',
  });
  const run = await shop.drive(await folder.create(shop, YAML));
  assert.deepEqual(await failures(shop, run), ["a.csv:2 malformed", "c.csv:2 malformed"]);
  assert.deepEqual(await shop.session.query("select id, name from people order by id"), [
    { id: 2, name: "Bob" },
    { id: 3, name: 'C"id' },
    { id: 5, name: 'Eve"' },
    { id: 6, name: "Fay" },
  ]);
});

Deno.test("a row that can't be read is none, whatever form the other files have", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf({
    "a.csv": "id,name,age\n1,Ann,1\n",
    "b.csv": "age;name;id\n2;Bob;2;3\n7;8\n3;Cid;3\n",
  });
  const run = await shop.drive(await folder.create(shop, YAML));
  assert.deepEqual(await failures(shop, run), ["b.csv:2 malformed", "b.csv:3 malformed"]);
  assert.equal(await count(shop.session, "people"), 2);
});

Deno.test("many small files are few batches, with the rows of each", async () => {
  await using shop = await workshop(TABLE);
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, file) => {
      const rows = Array.from({ length: 5 }, (_, row) => {
        const id = 5 * file + row;
        return `${id},"n ${id}",${row === 3 ? "x" : id}\n`;
      });
      return [`${file}.csv`, `id,name,age\n${rows.join("")}`];
    }),
  );
  await using folder = await folderOf(files);
  const run = await shop.drive(await folder.create(shop, YAML));
  assert.ok(await count(shop.session, "ingest.batches") < 10);
  assert.equal(await count(shop.session, "people where name = 'n ' || id and age = id"), 240);
  assert.deepEqual(
    await failures(shop, run),
    Array.from({ length: 60 }, (_, file) => `${file}.csv:5 type`),
  );
});

Deno.test("a column that is read has to be in every file; others need not be", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf({
    "a.csv": "id,name,age,note\n1,Ann,1,x\n",
    "b.csv": "id,name,age\n2,Bob,2\n",
    "c.csv": "id,age\n3,3\n",
  });
  await assert.rejects(folder.create(shop, YAML), (error) => {
    assert.ok(error instanceof SourceError);
    assert.match(error.message, /the column "name" is missing in c\.csv\. Add what is missing/u);
    return true;
  });
  assert.equal(await count(shop.session, "ingest.runs"), 0);
  assert.deepEqual([...Deno.readDirSync(`${folder.path}/../spool`)], []);
  const run = await shop.drive(await folder.create(shop, YAML, ["a.csv", "b.csv"]));
  assert.equal(run.status, "completed");
});

Deno.test("the checksum of several files is that of the list of theirs", async () => {
  await using shop = await workshop(TABLE);
  const files = { "a.csv": "id,name,age\n1,Ann,1\n", "b.csv": "id,name,age\n2,Bob,2\n" };
  await using folder = await folderOf(files);
  const run = await folder.create(shop, YAML);
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const list = Object.values(files).map((content) => `${sha256(content)}\n`).join("");
  assert.equal(run.checksum, sha256(list));
});

Deno.test("one file in a folder is read where it lies", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf({ "a.csv": "id,name,age\n1,Ann,x\n" });
  const run = await shop.drive(await folder.create(shop, YAML));
  assert.equal(run.original_filename, "a.csv");
  assert.equal(run.source.path, `${folder.path}/a.csv`);
  assert.deepEqual(await failures(shop, run), ["undefined:2 type"]);
});

Deno.test("JSON is read by name in each file, and keeps what is null, empty, or not there", async () => {
  await using shop = await workshop(
    "create table people (id int primary key, name text, more jsonb)",
  );
  await using folder = await folderOf({
    "a.json": '[{"id": 1, "name": "", "more": {"a": [1, null]}},\n {"id": "x", "name": "n"}]\n',
    "b.json": '{"items": [{"more": null, "id": 2}, {"more": "text", "id": 3, "name": "a,\\"b"}]}',
    "c.json": "[]",
    "d.json": '[{"name": null, "id": 4}\n,\n{"id": "y"}]',
  });
  const run = await shop.drive(await folder.create(shop, YAML));
  assert.deepEqual(await failures(shop, run), ["a.json:2 type", "d.json:3 type"]);
  assert.deepEqual(
    await shop.session.query("select id, name, more::text from people order by id"),
    [
      { id: 1, name: "", more: '{"a": [1, null]}' },
      { id: 2, name: null, more: null },
      { id: 3, name: 'a,"b', more: '"text"' },
      { id: 4, name: null, more: null },
    ],
  );
});

Deno.test("lines of NDJSON are not taken together with an array", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf({
    "a.json": '[{"id": 1}]',
    "b.ndjson": '{"id": 2}\n{"id": 3}\n',
  });
  await assert.rejects(folder.create(shop, YAML), /one is JSON, the other NDJSON/u);
});

Deno.test("files of 0 bytes among others have no rows and lack no column, and are named", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf({
    "a.csv": "",
    "b.csv": "id,name,age\n1,Ann,30\n2,Bob,x\n",
    "c.csv": "",
    "d.csv": "age;name;id\n31;Cid;3\nx;Dan;4\n",
    "e.csv": "",
  });
  const run = await shop.drive(await folder.create(shop, YAML));
  assert.equal(run.status, "completed_with_errors");
  assert.deepEqual(await failures(shop, run), ["b.csv:3 type", "d.csv:3 type"]);
  assert.equal(await count(shop.session, "people"), 2);
  for (const name of ["a.csv", "c.csv", "e.csv"]) {
    assert.ok(run.warnings.includes(`${name}: The file is empty (0 bytes): it has no rows.`), name);
  }
  await using empty = await folderOf({ "a.csv": "", "b.csv": "" });
  await assert.rejects(empty.create(shop, YAML), /a\.csv: the file is empty/);
});
