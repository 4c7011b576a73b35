/** Which sheet and which cells of a workbook are the table, and what the run says about it. */
import assert from "node:assert/strict";
import { readWorkbook } from "./reading.ts";
import { oneSheet, type SheetXml, textRow, workbook } from "./workbook.ts";

const TABLE = textRow("id", "name") + textRow("1", "Ana");
const READ = { header: ["id", "name"], rows: ["2: 1|Ana"] };

function sheet(name: string, rows = TABLE, more: Partial<SheetXml> = {}): SheetXml {
  return { name, rows, ...more };
}

async function refused(
  content: Uint8Array,
  reason: string,
  rule: Parameters<typeof readWorkbook>[1] = {},
) {
  await assert.rejects(readWorkbook(content, rule), {
    name: "SourceError",
    message: `Cannot import book.xlsx: ${reason}`,
  });
}

Deno.test("the only sheet that isn't hidden and has cells is read", async () => {
  const sheets = [
    sheet("Old", TABLE, { state: "hidden" }),
    sheet("Chart", "", { type: "chartsheet" }),
    sheet("Coloured", '<row><c s="1"/><c/></row>'),
    sheet("Orders"),
    sheet("Secret", TABLE, { state: "veryHidden" }),
  ];
  assert.deepEqual(await readWorkbook(workbook({ sheets })), {
    ...READ,
    notes: [
      `Read from the sheet "Orders", the only one that isn't hidden and has cells. ` +
      `Hidden: "Old", "Secret".`,
    ],
  });
  assert.deepEqual((await readWorkbook(oneSheet(TABLE))).notes, []);
});

Deno.test("two sheets that could be meant are an error that names them", async () => {
  const sheets = [sheet("Orders"), sheet("Empty", ""), sheet("Lines & more")];
  await refused(
    workbook({ sheets }),
    'it has 2 sheets that could be meant: "Orders", "Lines & more". Say which, such as ' +
      '--sheet "Orders".',
  );
  await refused(
    workbook({ sheets: [sheet("H", TABLE, { state: "hidden" }), sheet("E", "")] }),
    'all its sheets with cells are hidden: "H". Say which, such as --sheet "H".',
  );
  await refused(
    workbook({ sheets: [sheet("E", "")] }),
    "its sheets are empty. Open it in a spreadsheet program and save it again as .xlsx, or " +
      "export it as CSV.",
  );
});

Deno.test("a sheet is named in any case, or by its number among all sheets", async () => {
  const other = textRow("x") + textRow("7");
  const sheets = [
    sheet("H", other, { state: "hidden" }),
    sheet("Orders"),
    sheet("2024", other),
    sheet("Chart", "", { type: "chartsheet" }),
  ];
  const book = workbook({ sheets });
  for (const name of ["Orders", "orders ", 2, "2"]) {
    assert.deepEqual((await readWorkbook(book, { sheet: name })).rows, READ.rows);
  }
  for (const name of ["2024", 2024, 3]) {
    assert.deepEqual((await readWorkbook(book, { sheet: name })).rows, ["2: 7"]);
  }
  assert.deepEqual((await readWorkbook(book, { sheet: "H" })).notes, ['The sheet "H" is hidden.']);
  await refused(book, 'it has no sheet "Order", but "H", "Orders", "2024", "Chart".', {
    sheet: "Order",
  });
  await refused(book, 'it has no sheet 9, but "H", "Orders", "2024", "Chart".', { sheet: 9 });
  await assert.rejects(
    readWorkbook(book, { sheet: 4 }),
    /its sheet "Chart" is a chart or a dialog and has no rows/,
  );
});

Deno.test("titles above the names are left out, and rows keep their numbers", async () => {
  const rows = textRow("Orders of March") + '<row r="3">' + textRow("", "a", "b", "c").slice(5) +
    '<row r="7">' + textRow("", "1", "two\nlines", "3").slice(5) +
    '<row r="9">' + textRow("", "4").slice(5);
  assert.deepEqual(await readWorkbook(oneSheet(rows)), {
    header: ["a", "b", "c"],
    rows: ["7: 1|two\nlines|3", "9: 4||"],
    notes: ["The names are taken from row 3; the rows above it are left out."],
  });
  const said = await readWorkbook(oneSheet(rows), { skip_lines: 3 });
  assert.deepEqual(said.header, ["1", "two lines", "3"]);
});

Deno.test("names that the definition gives are those of the first columns", async () => {
  const rows = textRow("1", "Ana") + textRow("2", "");
  const header = ["id", "name", "note"];
  assert.deepEqual(await readWorkbook(oneSheet(rows), { header }), {
    header,
    rows: ["1: 1|Ana|", "2: 2||"],
    notes: [],
  });
});

Deno.test("columns without a name belong to the table, and remarks beside it don't", async () => {
  const rows = textRow("", "id", "name") + textRow("0", "1", "Ana", "x") +
    textRow("1", "2", "Bob", "", "", "", "a remark") + textRow("2", "3", "Zoë", "", "", "", "one");
  assert.deepEqual(await readWorkbook(oneSheet(rows)), {
    header: ["column_1", "id", "name", "column_4"],
    rows: ["2: 0|1|Ana|x", "3: 1|2|Bob|", "4: 2|3|Zoë|"],
    notes: ["Left out, as they are not in the table's columns A to D: 2 cells (G3 …)."],
  });
});

Deno.test("two tables in a sheet are doubted", async () => {
  const beside = textRow("a", "b", "", "c") + textRow("1", "2", "", "3");
  assert.deepEqual((await readWorkbook(oneSheet(beside))).notes, [
    "Column C is empty, between columns with names: there may be two tables side by side, " +
    "which are read as one.",
  ]);
  const below = textRow("id", "name") + "<row><c><v>1</v></c></row><row><c><v>2</v></c></row>" +
    '<row r="6">' + textRow("country", "capital").slice(5);
  assert.deepEqual((await readWorkbook(oneSheet(below))).notes, [
    "Row 6 comes after an empty row and looks like the header of another table. All rows are " +
    "read as one table.",
  ]);
});

Deno.test("hidden rows and columns are imported, merged cells have one value, and both are told", async () => {
  const rows = textRow("id", "name") +
    '<row hidden="1"><c><v>1</v></c><c t="str"><v>Ana</v></c></row>' +
    "<row><c><v>2</v></c><c/></row>";
  const book = workbook({
    sheets: [{
      ...{ name: "Data", rows },
      before: '<cols><col min="2" max="2" hidden="1"/><col min="9" max="9" hidden="1"/></cols>',
      after: '<mergeCells><mergeCell ref="B2:B3"/></mergeCells>',
    }],
  });
  assert.deepEqual(await readWorkbook(book), {
    header: ["id", "name"],
    rows: ["2: 1|Ana", "3: 2|"],
    notes: [
      "Hidden rows are imported like all others: 1 (row 2).",
      "Hidden columns are read like all others: B.",
      "Merged cells have their value in their first cell; the others are empty: B2:B3.",
    ],
  });
});

Deno.test("moments that are not shown as a whole are told, and so are formulas left to others", async () => {
  const rows = textRow("d") + '<row><c s="1"><f>NOW()</f><v>45355.5</v></c></row>';
  const book = oneSheet(rows, {
    formats: ["dd.mm.yyyy"],
    calculation: '<calcPr fullCalcOnLoad="1"/>',
  });
  assert.deepEqual(await readWorkbook(book), {
    header: ["d"],
    rows: ["2: 2024-03-04"],
    notes: [
      "Dates and times are read as the sheet shows them. More than that is in 1 cell (A2).",
      "The program that wrote the workbook left its formulas to be calculated when it is opened, " +
      "so their values may be wrong. Open it in a spreadsheet program and save it.",
    ],
  });
});

Deno.test("rows that are no data are left out by the same keys as in text", async () => {
  const rows = textRow("id", "name") + textRow("unit", "text") + textRow("1", "Ana") +
    textRow("Total", "1\n2") + textRow("2", "Bob") + textRow("# 3", "x") + textRow("sum", "a\nb");
  const { rows: read } = await readWorkbook(oneSheet(rows), {
    ...{ skip_after_header: 1, skip_footer: 1, skip_rows: ["^Total,"], comment: "#" },
  });
  assert.deepEqual(read, ["3: 1|Ana", "5: 2|Bob"]);
});
