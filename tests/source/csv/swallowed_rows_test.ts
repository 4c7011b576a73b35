import assert from "node:assert/strict";
import { Scanner } from "../../../src/kernel/scanner.ts";
import { quotesAreData } from "../../../src/source/csv/swallowed_rows.ts";
import { bytesOf, csvRecords, unknownToKernel } from "../records.ts";
import type { CsvFormat } from "../../../src/source/csv/csv_format.ts";

const format = (delimiter: string): CsvFormat => ({ type: "csv", delimiter, newline: "lf" });

Deno.test("quotes are data if they swallow rows, and none of them is needed", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["\t", 'code\ttext\n1\t"Single\n2\tNo\n3\tSingle"\n4\t"Pair of quotes"\n5\tNo\n', true],
    ["\t", 'code\ttext\n1\t"Single\n2\tSingle"\n', true],
    [";", 'code;text\n1;"Single\n2;No\n3;Single"\n', true],
    [",", 'code,text\n1,"Single\n2,No\n3,Single"\n', true],
    // Files without quoting have tabs. A quote that never closes is a bad row elsewhere.
    ["\t", 'code\ttext\n1\t"open\n2\tNo\n', true],
    ["\t", 'code\ttext\n1\t"Hello" he said\n2\tNo\n', true],
    [",", 'code,text\n1,"open\n2,No\n', false],
    // Quotes that enclose a delimiter, a quote or a line break; or the header, or most rows.
    ["\t", 'code\ttext\n1\t"open\n2\t"a\tb"\n', false],
    ["\t", 'code\ttext\n1\t"open\n2\t"5"" pipe"\n', false],
    ["\t", 'code\ttext\n1\t"two\nlines"\n2\t"open\n', false],
    ["\t", '"code"\t"text"\n1\t"open\n2\tx\n', false],
    ["\t", 'code\ttext\n1\t"a"\n2\t"b"\n3\t"c"\n4\t"open\n', false],
    // Letters.
    [",", 'code,text\n1,"Dear X,\nyours, Y"\n', false],
    [",", 'code,text\n1,"Dear X,\n7,eleven\nbye"\n', false],
    // That may be rows, so it is told; but it may be a letter.
    [",", 'code,text\n1,"a\n2,b"\n3,c\n', false],
    // One column, no quotes, nothing at all.
    ["\t", 'text\n"a\nb"\n', false],
    [",", "code,text\n1,2\n", false],
    [",", "", false],
  ];
  for (const [delimiter, text, expected] of cases) {
    assert.equal(quotesAreData(bytesOf(text), format(delimiter)), expected, JSON.stringify(text));
  }
});

Deno.test("the planner sees which quoted values hold lines that look like rows, whoever reads them", () => {
  const cases: readonly (readonly [string, number, number])[] = [
    ['1,a\n2,"b\n3,c\n4,d"\n5,"x\ny"\n6,"e\n\n7,f\n8,g"\n', 1, 1],
    ['"1,a\n2,b\n3",c\n1,"a\n2,b\n3,c"\n', 2, 0],
    ['1,"a,\n2,b\n3,c"\n', 0, 0],
    ['"a\nb\nc"\n', 0, 0],
    // Two lines that each begin with a number; an address does not.
    ['1,"a\n2,b"\n', 1, 0],
    ['"1","a\n2,b"\n1,"Main St. 1\nTown, 5"\n1,"x\n2nd,y"\n1,"x\n,y"\n', 0, 0],
  ];
  for (const [text, count, line] of cases) {
    const csv = csvRecords(format(","), 2);
    for (const records of [csv, unknownToKernel(csv)]) {
      for (const keys of [null, { keys: [], hash: () => assert.fail() }]) {
        const bytes = bytesOf(text);
        const scanner = new Scanner(records, keys, { rows: 99, bytes: 1000 }, bytes.length);
        scanner.window.set(bytes);
        const cut = scanner.cut(0, bytes.length, true, 1);
        assert.equal(cut?.suspects.count, count, text);
        if (count > 0) assert.equal(cut?.suspects.line, line, text);
        scanner.window.set(bytesOf("x,y\n"));
        assert.equal(scanner.cut(0, 4, true, 9)?.suspects.count, 0);
      }
    }
  }
});
