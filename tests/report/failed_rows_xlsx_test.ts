/** What is in a workbook of failed rows; real_office_test.ts says what LibreOffice makes of it. */
import assert from "node:assert/strict";
import { countUnresolvedUpTo } from "../../src/ledger/rows/rows.ts";
import { writeFailedWorkbook } from "../../src/report/failed_rows_xlsx.ts";
import { isCut, workbookCell } from "../../src/report/spreadsheet.ts";
import { cellXml } from "../../src/report/workbook/cell_xml.ts";
import { ZipWriter } from "../../src/report/workbook/zip_writer.ts";
import { workshop } from "../run/importing.ts";
import { exportedWorkbook } from "../run/retrying.ts";
import { oneSheet, textRow } from "../source/xlsx/workbook.ts";
import { unzip } from "./workbook/unzip.ts";

const TABLE = "create table t (id int primary key, note text)";
const DEFINITION = "table: public.t\ncolumns: { id: id, note: { from: note, max_length: 9 } }\n";

Deno.test("the wrong cells have a colour and a comment; the reason comes first", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(DEFINITION, "id,note\n1,good\n007,much too long\nx,\n");
  await shop.drive(run);
  const parts = unzip(await exportedWorkbook(shop, run));
  assert.equal(Object.keys(parts)[0], "[Content_Types].xml");
  const sheet = parts["xl/worksheets/sheet1.xml"];
  const cell = (text: string) => new RegExp(`<c r="([A-Z]+\\d+)" s="(\\d)" [^>]*><is><t>${text}<`);
  const [long, , wrong] = ["much too long", "007", "x"].map((text) => sheet.match(cell(text)));
  assert.deepEqual([long?.[1], wrong?.[1]], ["C2", "B3"]);
  assert.equal(long?.[2], wrong?.[2]);
  assert.notEqual(long?.[2], sheet.match(cell("007"))?.[2]);
  assert.match(sheet, /<c r="A1" [^>]*><is><t>_error_message</);
  assert.match(sheet, /state="frozen"/);
  assert.match(sheet, /<autoFilter ref="A1:E3"\/>/);
  const comments = [...parts["xl/comments1.xml"].matchAll(/ref="(\w+)".*?<t [^>]*>(.*?)<\/t>/gu)]
    .map(([, place, text]) => [place, text]);
  assert.deepEqual(comments.slice(1), [
    ["C2", "The note field must not be longer than 9 characters."],
    ["B3", "The id field must be a whole number."],
  ]);
  assert.equal(comments[0][0], "A1");
  assert.equal(parts["xl/drawings/vmlDrawing1.vml"].match(/<x:Row>/gu)?.length, 3);
});

Deno.test("no more than a thousand cells have comments, and the header says so", async () => {
  await using shop = await workshop(TABLE);
  const rows = Array.from({ length: 1_200 }, (_, i) => `x${i},n`).join("\n");
  const run = await shop.create(DEFINITION, `id,note\n${rows}\n`);
  await shop.drive(run);
  const { "xl/comments1.xml": comments, "xl/worksheets/sheet1.xml": sheet } = unzip(
    await exportedWorkbook(shop, run),
  );
  assert.equal(comments.match(/<comment /gu)?.length, 1_001);
  assert.match(comments, /ref="A1".*Only the first 1000 wrong cells have a comment/);
  const [, style] = sheet.match(/<c r="B2" s="(\d)"/u)!;
  assert.ok(sheet.includes(`<c r="B1201" s="${style}"`), "the last one has its colour");
});

Deno.test("characters that XML can't hold are escaped, and so is what looks like an escape", () => {
  assert.equal(
    cellXml("A1", 1, "\0\u001f_x0041_ _x_\r<&>\ufffe"),
    '<c r="A1" s="1" t="inlineStr"><is><t>_x0000__x001F__x005F_x0041_ _x__x000D_' +
      "&lt;&amp;&gt;_xFFFE_</t></is></c>",
  );
  assert.match(cellXml("A1", 1, " a"), /xml:space="preserve"/);
});

Deno.test("a text that is too long for a cell is cut at a whole character, and says so", () => {
  const fits = "a".repeat(32_000);
  assert.equal(workbookCell(fits), fits);
  for (const long of [`${fits}b`, `${fits.slice(1)}😀`]) {
    const cell = workbookCell(long);
    assert.ok(cell.length <= 32_767 && cell.isWellFormed() && isCut(cell), cell.slice(-60));
  }
});

Deno.test("nothing is written for a run without failed rows", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(DEFINITION, "id,note\n1,good\n");
  await shop.drive(run);
  assert.equal((await exportedWorkbook(shop, run)).length, 0);
});

Deno.test("more columns than a sheet has are refused before anything is written", async () => {
  await using shop = await workshop(TABLE);
  const names = Array.from({ length: 16_400 }, (_, i) => `c${i}`);
  const run = await shop.create(DEFINITION, `id,note,${names}\nx,n,${names}\n`);
  await shop.drive(run);
  await assert.rejects(
    writeFailedWorkbook(shop.ledger, run, () => assert.fail("it was written")),
    { name: "ExportTooLarge", message: /its file has 16,402 columns.* Export them as CSV/ },
  );
});

Deno.test("rows that are left are counted no further than asked", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(DEFINITION, "id,note\nx,1\ny,2\nz,3\n");
  await shop.drive(run);
  const of = { run: run.id, root: run.id };
  assert.equal(await countUnresolvedUpTo(shop.ledger, of, 2, null), 2);
  assert.equal(await countUnresolvedUpTo(shop.ledger, of, 9, null), 3);
  assert.equal(await countUnresolvedUpTo(shop.ledger, of, 9, [2, 7]), 1);
});

Deno.test("what the archive's reader throws ends it", async () => {
  const zip = new ZipWriter(() => Promise.reject(new Error("the disk is full")));
  await assert.rejects(zip.add("a", "b"), /the disk is full/);
});

Deno.test("the cells of a key of several columns are wrong together, and a cell with an error", async () => {
  await using shop = await workshop(
    "create table k (a int, b text, c int, primary key (a, b)); insert into k values (1, 'x', 0)",
  );
  const yaml = "table: k\nkey: [a, b]\non_duplicate: fail\ncolumns: { a: a, b: B, c: c }\n";
  const book = oneSheet(
    textRow("", "c", "B", "a") + textRow("", "5", "x", "1") +
      '<row><c/><c t="e"><v>#N/A</v></c><c t="str"><v>y</v></c><c><v>2</v></c></row>',
  );
  const run = await shop.create(yaml, book);
  await shop.drive(run);
  const { "xl/comments1.xml": comments } = unzip(await exportedWorkbook(shop, run));
  const places = [...comments.matchAll(/ref="(\w+)"/gu)].map(([, place]) => place);
  assert.deepEqual(places.toSorted(), ["A1", "B3", "C2", "D2"]);
});
