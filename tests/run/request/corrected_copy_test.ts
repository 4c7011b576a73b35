/** A batch of a file, with some of its rows corrected: all others stay what they are, to the byte. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { assertSameRows } from "../../../src/run/plan/same_rows.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { withRows } from "../../../src/run/request/correct/corrected_copy.ts";
import { recordFormat, type SourceFormat } from "../../../src/source/format.ts";

const CSV: SourceFormat = {
  ...{ type: "csv", delimiter: ",", quote: '"', escape: '"', newline: "lf" },
} as SourceFormat;
const RECORDS = recordFormat(CSV, ["a", "b"]);
const START = { offset: 0, line: 1, row: 1 };

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (made: Uint8Array) => new TextDecoder().decode(made);

function corrected(content: string, rows: readonly (readonly [number, string, string])[]): string {
  const given = rows.map(([row_number, own, corrected]) => ({
    row_number,
    own: bytes(own),
    corrected: bytes(corrected),
  }));
  return text(withRows(RECORDS, bytes(content), START, given, "Cannot"));
}

Deno.test("only the corrected rows are others, whatever ends the lines", () => {
  for (const end of ["\n", "\r\n"]) {
    const content = ["1,a", '2,"b', 'b"', "", "3,c"].join(end);
    const own = `2,"b${end}b"`;
    assert.equal(
      corrected(content, [[2, own, "2,longer than it was"], [3, "3,c", '3,"c\nd"']]),
      ["1,a", "2,longer than it was", "", '3,"c\nd"'].join(end),
    );
  }
});

Deno.test("what would not be one row is refused", () => {
  const content = "1,a\n2,b\n3,c\n";
  for (const wrong of ["2,b\n2,b", ""]) {
    assert.throws(
      () => corrected(content, [[2, "2,b", wrong]]),
      (error) =>
        error instanceof Refused && /row 2, as it was corrected, would not be/u.test(error.message),
      JSON.stringify(wrong),
    );
  }
});

Deno.test("rows that are not where they were are refused", () => {
  const content = "1,a\n2,b\n";
  assert.throws(() => corrected(content, [[2, "2,x", "2,y"]]), /row 2 is not found/u);
  assert.throws(() => corrected(content, [[3, "3,c", "3,d"]]), /not all of its failed rows/u);
});

const cell = fc.string({
  unit: fc.constantFrom("a", "é", " ", ",", '"', "\n", "\r\n"),
  maxLength: 6,
});
const row = fc.tuple(cell, cell).map((cells) =>
  // A record without anything in it would be an empty line.
  cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(",")
);

Deno.test("random rows are replaced in their places", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ own: row, corrected: fc.option(row) }), { minLength: 1, maxLength: 12 }),
      fc.constantFrom("\n", "\r\n"),
      (rows, end) => {
        const content = rows.map(({ own }) => own).join(end);
        const changed = rows.flatMap(({ own, corrected }, i) =>
          corrected === null ? [] : [[i + 1, own, corrected] as const]
        );
        const expected = rows.map(({ own, corrected }) => corrected ?? own).join(end);
        assert.equal(corrected(content, changed), expected);
      },
    ),
    { seed: 7, numRuns: 500 },
  );
});

Deno.test("a quote that takes rows of later batches along fails the plan", () => {
  const run = { source: { completes: { run: 12, first: 12, rows: 1_000 } } } as unknown as Run;
  assertSameRows(run, { bytes: 9_000, rows: 1_000, lines: 1_001 });
  assert.throws(
    () => assertSameRows(run, { bytes: 9_000, rows: 980, lines: 1_001 }),
    /the file of run 12 has 980 rows instead of 1,000/u,
  );
  assertSameRows({ source: {} } as Run, { bytes: 9_000, rows: 980, lines: 1_001 });
});
