/** What an edited export changes, and what is refused because only a spreadsheet can have done it. */
import assert from "node:assert/strict";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { runReport } from "../../../src/report/run_report.ts";
import { type Workshop, workshop } from "../importing.ts";
import { exported, logged, retry, tryRetry } from "../retrying.ts";

const PEOPLE = `create table people (
  id int, zip text, ean text, born date, email text check (email like '%@%'))`;
const FILE = `id,zip,ean,born,email
007,01234,4006381333931,2024-07-15,ann(at)x.de
008,00777,4006381333948,2024-07-16,bob(at)x.de
`;

async function failed(shop: Workshop, file = FILE, definition = "table: people\n"): Promise<Run> {
  return await shop.drive(await shop.create(definition, file));
}

async function loaded({ session }: Workshop): Promise<string[]> {
  const rows = await session.query<{ row: string }>(
    "select concat_ws('|', id, zip, ean, born, email) as row from people order by id",
  );
  return rows.map(({ row }) => row);
}

/** As Excel in Germany saves the export after somebody has mended the addresses. */
function throughExcel(text: string): string {
  return text.replaceAll("(at)", "@").replace(
    "007,01234,4006381333931,2024-07-15",
    () => "7,1234,4.00638E+12,15.07.2024",
  );
}

Deno.test("what a spreadsheet did to cells that nobody meant to touch is refused", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await failed(shop);
  const file = throughExcel(await exported(shop, run));
  await assert.rejects(tryRetry(shop, run.id, { file }), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, /^Cannot retry run 1: a spreadsheet seems to have changed cells/);
    assert.match(
      error.message,
      /"zip": leading zeros gone in 1 cell \(line 2: "01234" became "1234"\)/,
    );
    assert.match(error.message, /"ean": a number in exponent form in 1 cell/);
    assert.match(error.message, /"born": a date re-written in 1 cell/);
    assert.match(error.message, /--accept-changes/);
    // 7 and 007 are the same number to the table's column.
    assert.doesNotMatch(error.message, /"id"|"email"|\n/);
    return true;
  });
  assert.deepEqual(await loaded(shop), []);
  const [{ runs }] = await shop.session.query<{ runs: number }>(
    "select count(*)::int as runs from ingest.runs",
  );
  assert.equal(runs, 1);
});

Deno.test("--accept-changes takes the cells as they are, and the run says which", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await failed(shop);
  const file = throughExcel(await exported(shop, run)).replace("15.07.2024", "2024-07-15");
  const second = await retry(shop, run.id, { file, acceptChanges: true });
  assert.equal(second.status, "completed");
  assert.deepEqual(await loaded(shop), [
    "7|1234|4.00638E+12|2024-07-15|ann@x.de",
    "8|00777|4006381333948|2024-07-16|bob@x.de",
  ]);
  assert.match(second.warnings.join("\n"), /spreadsheet seems to have changed cells.*"zip"/);
  const { changed_cells: changed = [] } = await runReport(shop.ledger, second.id, { rows: 0 });
  assert.deepEqual(
    changed.map(({ column, cells, by_spreadsheet }) => [column, cells, by_spreadsheet]),
    [["id", 1, 0], ["zip", 1, 1], ["ean", 1, 1], ["email", 2, 0]],
  );
  assert.deepEqual(changed.at(-1)?.samples, [
    { line: 2, before: "ann(at)x.de", after: "ann@x.de" },
    { line: 3, before: "bob(at)x.de", after: "bob@x.de" },
  ]);
});

Deno.test("a dry run shows what a spreadsheet did, and isn't refused", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await failed(shop);
  const file = throughExcel(await exported(shop, run));
  const dry = await retry(shop, run.id, { file, dryRun: true });
  assert.match(dry.warnings.join("\n"), /"zip".*A retry that loads them needs --accept-changes/);
  const { changed_cells: changed = [] } = await runReport(shop.ledger, dry.id, { rows: 0 });
  assert.equal(changed.length, 5);
});

Deno.test("what a person has changed is taken, and told by column", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await failed(shop);
  const file = (await exported(shop, run)).replaceAll("(at)", "@").replace("01234", "04321");
  const second = await retry(shop, run.id, { file });
  assert.deepEqual([second.status, second.warnings], ["completed", []]);
  const { changed_cells: changed = [] } = await runReport(shop.ledger, second.id, { rows: 0 });
  assert.deepEqual(changed.map(({ column, cells }) => [column, cells]), [["zip", 1], ["email", 2]]);
});

Deno.test("a cell that was refused may be re-written in any way", async () => {
  await using shop = await workshop("create table people (born date, zip varchar(4))");
  const run = await failed(shop, "born,zip\n15.07.2024,1234\n2024-07-16,01234\n");
  const file = (await exported(shop, run)).replace("15.07.2024", "2024-07-15")
    .replace(",01234", ",1234");
  const second = await retry(shop, run.id, { file });
  assert.equal(second.status, "completed");
});

Deno.test("a row that was short and comes back with all its cells is whole", async () => {
  await using shop = await workshop("create table people (id int, name text, city text)");
  const run = await failed(
    shop,
    "id,name,city\n1,Ann\n2,Bob,Rome\n3\n4,Dan,Oslo,x\n",
    "table: people\noptions: { log_rows: all }\n",
  );
  const file = (await exported(shop, run)).replace("3,,", "3,Cem,Bonn");
  const second = await retry(shop, run.id, { file });
  assert.deepEqual(await logged(shop, second.id), ["1/2 created", "3/4 created", "4/5 failed"]);
  assert.match(second.warnings.join(), /has all cells of 2 rows that had too few fields before/);
  const rows = await shop.session.query<{ row: string }>(
    "select format('%s %s %s', id, name, coalesce(city, 'NULL')) as row from people order by id",
  );
  assert.deepEqual(rows.map(({ row }) => row), ["1 Ann NULL", "2 Bob Rome", "3 Cem Bonn"]);
});

Deno.test("an apostrophe that the export put before a cell doesn't stay when the cell is edited", async () => {
  await using shop = await workshop("create table people (id int, phone text)");
  const file = "id,phone\nx1,+49 30 1\nx2,+49 30 2\nx3,'t Hart\nx4,'=2\nx5,-a\n";
  const run = await failed(shop, file);
  const edited = (await exported(shop, run)).replaceAll(",x", ",")
    .replace("'+49 30 1", "'0049 30 1").replace("'-a", "-b");
  const second = await retry(shop, run.id, { file: edited });
  assert.deepEqual([second.status, second.warnings], ["completed", []]);
  const rows = await shop.session.query<{ phone: string }>("select phone from people order by id");
  assert.deepEqual(rows.map(({ phone }) => phone), [
    "0049 30 1",
    "+49 30 2",
    "'t Hart",
    "'=2",
    "-b",
  ]);
});

Deno.test("a surplus cell that was removed is told", async () => {
  await using shop = await workshop("create table people (id int, name text)");
  const run = await failed(shop, "id,name\n1,Ann,x\n");
  const file = (await exported(shop, run)).replace("Ann,x", "Ann,");
  const second = await retry(shop, run.id, { file });
  const { changed_cells: changed = [] } = await runReport(shop.ledger, second.id, { rows: 0 });
  assert.deepEqual(
    changed.map(({ column, samples: [cell] }) => [column, cell.before, cell.after]),
    [
      ["column_3", "x", ""],
    ],
  );
});

Deno.test("a row that nobody touched is tried with its own bytes", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await failed(shop, `id,zip,ean,born,email\n1,"01234","x",2024-07-15,"ann"\n`);
  const second = await retry(shop, run.id, { file: await exported(shop, run) });
  const raw = await shop.session.query<{ raw: string }>(
    `select convert_from(raw, 'utf8') as raw from ingest.rows where run_id = ${second.id}`,
  );
  assert.deepEqual(raw, [{ raw: '1,"01234","x",2024-07-15,"ann"' }]);
});

Deno.test("a row that was edited keeps the quotes of its other cells", async () => {
  await using shop = await workshop("create table people (id int, name text, note text)");
  const run = await failed(
    shop,
    'id,name,note\nx,"",\ny,,"a ""b"""\n',
    'table: people\nsource: { null_values: { unquoted: [""] } }\n',
  );
  const file = (await exported(shop, run)).replace("x,", "1,").replace("y,", "2,");
  const second = await retry(shop, run.id, { file });
  assert.equal(second.status, "completed");
  const rows = await shop.session.query<{ row: string }>(
    `select concat_ws('|', id, coalesce(name, 'NULL'), coalesce(note, 'NULL')) as row
     from people order by id`,
  );
  assert.deepEqual(rows.map(({ row }) => row), ["1||NULL", '2|NULL|a "b"']);
});
