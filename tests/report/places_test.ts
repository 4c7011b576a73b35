import assert from "node:assert/strict";
import { errorSummary, samplesOf, sumErrors } from "../../src/report/error_summary.ts";
import { failureText } from "../../src/report/failure_text.ts";
import { readAs } from "../../src/report/read_as.ts";
import { rowReports } from "../../src/report/row_reports.ts";
import { workshop } from "../run/importing.ts";
import { oneSheet, textRow } from "../source/xlsx/workbook.ts";

const DEFINITION = `table: people
columns: { id: No, name: Name, age: { from: Age, min: 18 } }
options: { log_rows: all }`;

/** The table begins at B3. */
const BOOK = oneSheet(
  '<row r="1"><c r="B1" t="str"><v>A title</v></c></row>' +
    `<row r="3">${cellsFrom("B", "No", "Name", "Age")}</row>` +
    `<row r="4">${cellsFrom("B", "1", "Ana", "20")}</row>` +
    `<row r="7">${cellsFrom("B", "x", "Bob", "7")}</row>` +
    `<row r="8"><c r="B8"><v>3</v></c><c r="C8" t="e"><v>#REF!</v></c></row>`,
);

function cellsFrom(first: string, ...texts: readonly string[]): string {
  const cells = textRow(...texts).replace(/^<row>|<\/row>$/gu, "");
  return cells.replace("<c ", `<c r="${first}1" `);
}

Deno.test("wrong values of a workbook are named by their cells", async () => {
  await using shop = await workshop("create table people (id int, name text, age int)");
  const run = await shop.drive(await shop.create(DEFINITION, BOOK));
  assert.equal(run.status, "completed_with_errors");
  const filter = { status: "failed" as const, after: 0, limit: 10 };
  const { rows } = await rowReports(shop.ledger, run, filter);
  assert.deepEqual(rows.map(({ row_number, line }) => [row_number, line]), [[2, 7], [3, 8]]);
  assert.deepEqual(rows.map(({ errors }) => failureText(errors!)), [
    "B7: The No field (id) must be a whole number. D7: The Age field (age) must be at least 18.",
    "A cell in column C (Name) has the error #REF!.",
  ]);
  assert.deepEqual(
    rows[0].errors!.details.map(({ cell, source_column }) => [cell, source_column]),
    [["B7", "No"], ["D7", "Age"]],
  );
  assert.equal(rows[1].errors!.details[0].value, "C8: #REF!");
  const groups = await sumErrors(shop.ledger, run);
  const samples = await samplesOf(shop.ledger, run, [...groups.rows, ...groups.validation]);
  assert.deepEqual([...samples.values()].map(({ cells }) => cells).sort(), [
    ["B7"],
    ["D7"],
    ["sheet row 7"],
    ["sheet row 8"],
  ]);
  assert.equal((await errorSummary(shop.ledger, run)).total_failed_rows, 2);
  assert.deepEqual(readAs(run.source).sheet, "Data");
});

Deno.test("wrong values of a text have no cells", async () => {
  await using shop = await workshop("create table people (id int, name text, age int)");
  const run = await shop.drive(await shop.create(DEFINITION, "No,Name,Age\nx,Bob,20\n"));
  const { rows } = await rowReports(shop.ledger, run, { status: "failed", after: 0, limit: 10 });
  assert.equal(failureText(rows[0].errors!), "The No field (id) must be a whole number.");
  assert.ok(!("cell" in rows[0].errors!.details[0]));
  assert.ok(!("sheet" in readAs(run.source)));
});
