/** Values that come from the names of files, wherever rows are read. */
import assert from "node:assert/strict";
import { SourceError } from "../../../src/source/error.ts";
import { workshop } from "../importing.ts";
import { retry } from "../retrying.ts";
import { folderOf } from "./several_files.ts";

const TABLE =
  "create table sales (id int primary key, region text, day date, source text, n int check (n < 100))";
const YAML = `
table: sales
source: { file_name: "s-{region}-{day}.csv" }
key: id
options: { batch_rows: 4 }
columns:
  id: {}
  region: { value: "\${file.region}" }
  day: { value: "\${file.day}", type: date }
  source: { value: "\${file.name}, row \${row.number}" }
  n: {}
`;

function sales(first: number): string {
  const rows = [0, 1, 2].map((i) => `${first + i},${i === 2 ? 200 : i}\n`);
  return `id,n\n${rows.join("")}`;
}

Deno.test("each row has the words of its own file", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf({
    "s-eu-20240131.csv": sales(1),
    "s-us-20240201.csv": sales(11),
    "s-us-20240202.csv": sales(21),
    "s-zz-20240301.csv": "id,n\n",
  });
  const { session } = shop;
  const run = await shop.drive(await folder.create(shop, YAML));
  assert.equal(run.status, "completed_with_errors", run.error?.message);
  const read = () => session.query("select id, region, day::text, source from sales order by id");
  const of = (id: number, region: string, day: string, row: number) => {
    const name = `s-${region}-${day.replaceAll("-", "")}.csv`;
    return { id, region, day, source: `${name}, row ${row}` };
  };
  const loaded = [
    of(1, "eu", "2024-01-31", 1),
    of(2, "eu", "2024-01-31", 2),
    of(11, "us", "2024-02-01", 4),
    of(12, "us", "2024-02-01", 5),
    of(21, "us", "2024-02-02", 7),
    of(22, "us", "2024-02-02", 8),
  ];
  assert.deepEqual(await read(), loaded);
  // Now the failed rows can be loaded, from the log, where nothing tells of files.
  await session.query("alter table sales drop constraint sales_n_check");
  await retry(shop, run.id);
  assert.deepEqual(await read(), [
    ...loaded.slice(0, 2),
    of(3, "eu", "2024-01-31", 3),
    ...loaded.slice(2, 4),
    of(13, "us", "2024-02-01", 6),
    ...loaded.slice(4),
    of(23, "us", "2024-02-02", 9),
  ]);
});

Deno.test("one file by itself has a name, too; and a file that is called differently is refused", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf({
    "s-eu-20240131.csv": sales(1),
    "sales.csv": sales(11),
  });
  await shop.drive(await folder.create(shop, YAML, ["s-eu-20240131.csv"]));
  const [{ region }] = await shop.session.query<{ region: string }>(
    "select distinct region from sales",
  );
  assert.equal(region, "eu");
  for (const names of [["sales.csv"], ["s-eu-20240131.csv", "sales.csv"]]) {
    await assert.rejects(
      folder.create(shop, YAML, names),
      (error) =>
        error instanceof SourceError &&
        /Cannot import sales\.csv: .* expects names such as s-\{region\}/u.test(error.message),
    );
  }
  assert.deepEqual([...Deno.readDirSync(`${folder.path}/../spool`)], []);
});

Deno.test("constants say where in its file a row is, and a retry's are those of the first run", async () => {
  await using shop = await workshop(
    "create table items (id int primary key, place text, began text, n int check (n < 100))",
  );
  await using folder = await folderOf({
    "a.csv": "id,n\n1,1\n2,200\n",
    "b.csv": "id,n\n3,200\n4,1\n",
  });
  const { session } = shop;
  const yaml = `
table: items
columns:
  id: {}
  place: { value: "\${file.number}:\${file.row} (\${row.number}) \${run.date}" }
  began: { value: "\${run.started_at}" }
  n: {}
`;
  const run = await shop.drive(await folder.create(shop, yaml));
  await session.query("alter table items drop constraint items_n_check");
  await session.query(
    "update ingest.runs set created_at = '2020-02-29 12:00+00' where id = $1",
    [run.id],
  );
  await retry(shop, run.id);
  const rows = await session.query<{ id: number; place: string; began: string }>(
    "select * from items order by id",
  );
  const today = rows[0].place.slice(-10);
  assert.deepEqual(rows.map(({ place }) => place), [
    `1:1 (1) ${today}`,
    "1:2 (2) 2020-02-29",
    "2:1 (3) 2020-02-29",
    `2:2 (4) ${today}`,
  ]);
  assert.equal(rows[1].began, "2020-02-29T12:00:00.000Z");
});

Deno.test("several files can't be imported by the names of their sheets", async () => {
  await using shop = await workshop("create table items (id int, sheet text)");
  await using folder = await folderOf({ "a.csv": "id\n1\n", "b.csv": "id\n2\n" });
  const yaml = 'table: items\ncolumns: { id: {}, sheet: { value: "${file.sheet}" } }\n';
  await assert.rejects(folder.create(shop, yaml), {
    message:
      "Cannot import 2 files in one run: the definition fills sheet with ${file.sheet}, and " +
      "their sheets may differ. Import them one after the other.",
  });
});
