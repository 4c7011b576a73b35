/** Workbooks by real programs, row by row. What is expected was typed into them. */
import assert from "node:assert/strict";
import { readWorkbook } from "./reading.ts";

const FILES = new URL("files/", import.meta.url);

function read(name: string) {
  return readWorkbook(decodeURIComponent(new URL(name, FILES).pathname));
}

Deno.test("a workbook of LibreOffice is read as its cells show it", async () => {
  assert.deepEqual(await read("libreoffice.xlsx"), {
    header: ["No", "Customer", "Zip", "Code", "Day", "Seen", "At", "Worked", "Rate", "Total"]
      .concat("Paid", "Sum"),
    rows: [
      '4: 1|Zoë, "Z"|00501|007|2024-03-04|2024-03-04 17:05:00|17:05:00|37:30|0.125|1234.5|true|' +
      "1235.5",
      "5: cell: A cell in column L (f12) has the error #DIV/0!.",
      "7: 3|merged||||||||||-0.00001",
    ],
    notes: [
      "The names are taken from row 3; the rows above it are left out.",
      "Hidden rows are imported like all others: 1 (row 5).",
      "Hidden columns are read like all others: D.",
      "Merged cells have their value in their first cell; the others are empty: B7:C7.",
    ],
  });
});

const UNCALCULATED =
  "The program that wrote the workbook left its formulas to be calculated when " +
  "it is opened, so their values may be wrong. Open it in a spreadsheet program and save it.";
const HEADER = ["id", "name", "zip", "day", "seen", "at", "rate", "paid", "sum"];

Deno.test("a workbook of XlsxWriter, with days from 1904, is read as its cells show it", async () => {
  assert.deepEqual(await read("xlsxwriter.xlsx"), {
    header: HEADER,
    rows: [
      "2: 1| Ana\t|00501|2024-03-04|2024-03-04 17:05:00|17:05:00|0.07|true|2",
      "3: cell: A cell in column I (f9) has the error #N/A.",
    ],
    notes: [
      'Read from the sheet "Data", the only one that isn\'t hidden and has cells.',
      UNCALCULATED,
    ],
  });
});

Deno.test("a workbook of openpyxl, whose formulas nobody has calculated, is read as far as it goes", async () => {
  assert.deepEqual(await read("openpyxl.xlsx"), {
    header: HEADER,
    rows: [
      "2: cell: A formula in column I (f9) has no calculated value: open the workbook in a " +
      "spreadsheet program and save it.",
      '3: 12345678901234600|=1+1|=HYPERLINK("http://127.0.0.1")||||||',
      "4: 3|Ü & <b>||37:30:00|||||",
    ],
    notes: [
      'Read from the sheet "Data", the only one that isn\'t hidden and has cells. ' +
      'Hidden: "Hidden".',
      UNCALCULATED,
    ],
  });
});
