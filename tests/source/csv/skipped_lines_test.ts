import assert from "node:assert/strict";
import { Scanner } from "../../../src/kernel/scanner.ts";
import { bytesOf, COMMA, csvRecords, readAll, unknownToKernel } from "../records.ts";
import type { CsvFormat } from "../../../src/source/csv/csv_format.ts";

const SKIPPING: CsvFormat = { ...COMMA, skip_empty_rows: true, comment: "#" };
const FILE = '#first\n1,a\n,\n , \t,\r\n#"x\n\n   \n2,#b\n,c\n"",\n#end';

Deno.test("rows without values and comments are no records, and count as lines", () => {
  assert.deepEqual(readAll(FILE, SKIPPING, 2).map(({ line, fields }) => [line, fields]), [
    [2, ["1", "a"]],
    [8, ["2", "#b"]],
    [9, ["", "c"]],
    // Somebody has written this one.
    [10, ["", ""]],
  ]);
});

Deno.test("they are records if the format doesn't say otherwise", () => {
  assert.equal(readAll(FILE, COMMA, 2).length, 10);
});

Deno.test("in a tab file, a blank is a space", () => {
  const tabs: CsvFormat = { ...SKIPPING, delimiter: "\t" };
  assert.deepEqual(readAll("\t \t\n \n,\tx\n", tabs).map(({ fields }) => fields), [[",", "x"]]);
});

Deno.test("a comment may begin with several characters", () => {
  const slashes: CsvFormat = { ...SKIPPING, comment: "//" };
  const fields = readAll("//a\n/,b\n// c", slashes).map((record) => record.fields);
  assert.deepEqual(fields, [["/", "b"]]);
  assert.deepEqual(readAll("x\n/", slashes).map((record) => record.fields), [["x"], ["/"]]);
});

Deno.test("the planner counts what is skipped, whoever reads it", () => {
  const csv = csvRecords(SKIPPING, 2);
  for (const records of [csv, unknownToKernel(csv)]) {
    const bytes = bytesOf(FILE);
    const scanner = new Scanner(records, null, { rows: 99, bytes: 1000 }, bytes.length);
    scanner.window.set(bytes);
    const cut = scanner.cut(0, bytes.length, true, 1);
    assert.deepEqual([cut?.rows, cut?.skipped], [4, { emptyRows: 3, comments: 3 }]);
  }
});
