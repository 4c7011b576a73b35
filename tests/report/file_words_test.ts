/** Messages and rows in the words of the file that somebody has sent. */
import assert from "node:assert/strict";
import { errorSummary } from "../../src/report/error_summary.ts";
import { rowReports } from "../../src/report/row_reports.ts";
import { runReport } from "../../src/report/run_report.ts";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { type Workshop, workshop } from "../run/importing.ts";
import { exported } from "../run/retrying.ts";

const TABLE = `create table people (
  id int primary key, email text unique, full_name text, age int, status text, ref int, code text,
  constraint people_status_check check (status in ('new', 'paid')),
  constraint people_age_check check (age >= 0),
  constraint people_ref_fkey foreign key (ref) references people,
  unique (full_name, code))`;
const DEFINITION = `table: people
columns:
  id: ID
  email: { from: [Mail, E-Mail], required: true }
  full_name: { from: [First, Last], concat: " " }
  age: Age in years
  status: status
  ref: { from: "see" }
  code: code
`;
const HEADER = "code,status,see,Age in years,Last,First,E-Mail,ID";

async function failing(shop: Workshop, rows: readonly string[]): Promise<Run> {
  return await shop.drive(await shop.create(DEFINITION, [HEADER, ...rows, ""].join("\n")));
}

Deno.test("messages name the file's column beside the table's, where they differ", async () => {
  await using shop = await workshop(TABLE);
  const run = await failing(shop, [
    "a,new,,1,L,F,a@x,1",
    "a,new,,1,L,F,b@x,2",
    "b,new,,x,L,F,,3",
    "c,old,,1,L,F,c@x,4",
    "d,new,9,1,L,F,d@x,5",
    "e,new,,1,L,F,a@x,6",
  ]);
  const { error_summary, validation_summary } = await errorSummary(shop.ledger, run);
  assert.deepEqual(error_summary.map(({ message }) => message).sort(), [
    "Duplicate entry found for key 'E-Mail (email)'.",
    "Duplicate entry found for key 'First, Last (full_name), code'.",
    "The given data was invalid.",
    "The people table refuses this row: people_status_check.",
    "The see field (ref) refers to a row that is not in people.",
  ]);
  assert.deepEqual(validation_summary.map(({ message }) => message).sort().reverse(), [
    "email: The E-Mail field (email) is required.",
    "age: The Age in years field (age) must be a whole number.",
  ]);
  const { rows } = await rowReports(shop.ledger, run, { status: "failed", after: 2, limit: 2 });
  const [invalid, refused] = rows;
  assert.deepEqual(invalid.errors?.validation, {
    email: ["The E-Mail field (email) is required."],
    age: ["The Age in years field (age) must be a whole number."],
  });
  assert.deepEqual(
    invalid.errors?.details.map(({ column, source_column }) => [column, source_column]),
    [["email", "E-Mail"], ["age", "Age in years"]],
  );
  assert.equal(refused.errors?.details[0].check, "status is one of new, paid");
  assert.deepEqual(Object.keys(invalid.data), HEADER.split(","));
  const shown = await runReport(shop.ledger, run.id, { rows: 100 });
  assert.deepEqual(shown.rows?.find(({ row_number }) => row_number === 3), invalid);
});

Deno.test("the file of failed rows begins with the reason, and says what a CHECK wants", async () => {
  await using shop = await workshop(TABLE);
  const run = await failing(shop, ["c,old,,1,L,F,c@x,4", "c,new,,-1,L,F,,5"]);
  assert.deepEqual((await exported(shop, run)).split("\r\n"), [
    `_error_message,${HEADER},_row_number,_run_id`,
    '"The people table refuses this row: people_status_check. It wants: status is one of new, paid."' +
    ",c,old,,1,L,F,c@x,4,1,1",
    "The E-Mail field (email) is required.,c,new,,-1,L,F,,5,2,1",
    "",
  ]);
});

Deno.test("columns that the file calls the same keep their messages, mapped by name or not", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(
    await shop.create("table: people", "id,Full Name,age\n1,a,x\ny,b,2\n"),
  );
  const { validation_summary } = await errorSummary(shop.ledger, run);
  assert.deepEqual(validation_summary.map(({ message }) => message), [
    "age: The age field must be a whole number.",
    "id: The id field must be a whole number.",
  ]);
});

Deno.test("a row's columns are in the file's order, even if their names are numbers", async () => {
  await using shop = await workshop("create table t (name text, a int)");
  const header = ["name", "2024", "1999", "__proto__", "a", "10"];
  const run = await shop.drive(
    await shop.create("table: t", `${header.join(",")}\nn,1,2,3,x,4\nn,1,2,3,x,4,5,6\n`),
  );
  const { rows } = await rowReports(shop.ledger, run, { status: null, after: 0, limit: 9 });
  const names = (text: string) => [...text.matchAll(/"([^"]*)":/gu)].map(([, name]) => name);
  assert.deepEqual(names(JSON.stringify(rows[0].data)), header);
  assert.equal(JSON.parse(JSON.stringify(rows[0].data))["1999"], "2");
  assert.deepEqual(names(JSON.stringify(rows[1].data)), [...header, "column_7", "column_8"]);
});

Deno.test("long values are cut in reports, which say so; the file of failed rows has them whole", async () => {
  await using shop = await workshop("create table t (id int, a text, b text)");
  const long = "é".repeat(3_000_000);
  const lines = Array.from({ length: 14 }, (_, i) => `x${i},${long},short`);
  const run = await shop.drive(
    await shop.create("table: t", `id,a,b\nx,1,2\n${lines.join("\n")}\n`),
  );
  const pages: number[] = [];
  let after = 0;
  for (let more = true; more;) {
    const page = await rowReports(shop.ledger, run, { status: "failed", after, limit: 100 });
    const bytes = JSON.stringify(page.rows).length;
    assert.ok(bytes < 1_000_000, `${bytes} bytes`);
    for (const { row_number, data, cut } of page.rows) {
      if (row_number === 1) assert.equal(cut, undefined);
      else assert.deepEqual([cut, data.a, data.b], [["a"], `${"é".repeat(1_000)}…`, "short"]);
    }
    pages.push(page.rows.length);
    after = page.rows[page.rows.length - 1].row_number;
    more = page.more;
  }
  assert.equal(pages.reduce((sum, rows) => sum + rows, 0), 15);
  assert.ok(pages.length > 1, "Postgres doesn't read all of them for one page");
  const report = await runReport(shop.ledger, run.id, { rows: 100 });
  assert.ok(JSON.stringify(report).length < 1_000_000);
  assert.ok((await exported(shop, run)).length > 14 * long.length);
});

Deno.test("a row of many columns is cut to a size, too, and its short values are whole", async () => {
  const columns = Array.from({ length: 500 }, (_, i) => `c${i}`);
  await using shop = await workshop(`create table t (id int, ${columns.join(" text, ")} text)`);
  const row = ["x", ...columns.map((_, i) => i % 2 === 0 ? "y".repeat(900) : "z".repeat(100))];
  const run = await shop.drive(
    await shop.create("table: t", `id,${columns.join(",")}\n${row.join(",")}\n`),
  );
  const { rows: [{ data, cut }] } = await rowReports(shop.ledger, run, {
    ...{ status: null, after: 0, limit: 1 },
  });
  assert.equal(data.c0, `${"y".repeat(127)}…`);
  assert.equal(data.c1, "z".repeat(100));
  assert.deepEqual(cut?.slice(0, 2), ["c0", "c2"]);
});

Deno.test("a list is called what the file calls it", async () => {
  await using shop = await workshop(`
    create table t (id int primary key, n text unique);
    create table tags (id int primary key, name text unique);
    create table t_tags (t_id int references t, tag_id int references tags)`);
  const definition = `table: t
key: id
columns: { id: id, n: n }
many:
  - from: [Tags, Labels]
    lookup: { table: tags, match: name }
    pivot: { table: t_tags, local: t_id, foreign: tag_id }
    required: true
`;
  const run = await shop.drive(await shop.create(definition, "id,n,Labels\n1,a,\n"));
  const { validation_summary } = await errorSummary(shop.ledger, run);
  assert.deepEqual(validation_summary.map(({ message }) => message), [
    "Tags: The Labels field (Tags) is required.",
  ]);
  assert.match((await exported(shop, run)).split("\n")[0], /Labels/u);
});

Deno.test("a column that several tables have is named by each table's column of the file", async () => {
  await using shop = await workshop(`
    create table orders (no text primary key, placed date);
    create table refunds (refund text primary key, no text references orders, placed date)`);
  const definition = `tables:
  - table: orders
    when: { column: Kind, equals: order }
    key: no
    columns: { no: Number, placed: { from: Day, type: date } }
  - table: refunds
    when: { column: Kind, equals: refund }
    key: refund
    columns: { refund: Number, no: Of, placed: { from: Day, type: date } }
`;
  const rows = ["Kind,Number,Of,Day", "order,A,,2026-01-01", "refund,R,B,2026-01-01", "order,C,,x"];
  const run = await shop.drive(await shop.create(definition, [...rows, ""].join("\n")));
  const { error_summary, validation_summary } = await errorSummary(shop.ledger, run);
  assert.deepEqual(
    [error_summary, validation_summary].map((groups) =>
      groups.map(({ message }) => message).sort()
    ),
    [
      [
        "The Number or Of field (no) refers to a row that is not in orders.",
        "The given data was invalid.",
      ],
      ["placed: The Day field (placed) must be a date (yyyy-MM-dd)."],
    ],
  );
});

Deno.test("messages about a look-up of several columns name all of them", async () => {
  await using shop = await workshop(
    `create table sites (id int primary key, company text, floor int, unique (company, floor));
     create table people (id int primary key, site_id int)`,
  );
  const definition = `table: people
columns:
  id: ID
  site_id: { from: [Company, Floor], lookup: { table: sites, match: [company, floor] } }
`;
  const run = await shop.drive(
    await shop.create(definition, "ID,Company,Floor\n1,Acme,second\n2,Acme,2\n"),
  );
  const { rows } = await rowReports(shop.ledger, run, { status: "failed", after: 0, limit: 2 });
  assert.deepEqual(rows.map(({ errors }) => errors?.validation), [
    { site_id: ["The Company, Floor field (site_id) must be a whole number."] },
    { site_id: ["No sites row has this company and floor."] },
  ]);
  assert.deepEqual(rows.map(({ errors }) => errors?.details[0].source_column), [
    "Company, Floor",
    "Company, Floor",
  ]);
});
