import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type BatchLimits, type Cut, Scanner } from "../../src/kernel/scanner.ts";
import { csvRecords } from "../source/records.ts";

const FORMAT = { type: "csv", delimiter: ",", newline: "lf", grammar: 2 } as const;
const encoder = new TextEncoder();

/** Cuts all of a text through a window of `windowBytes` that grows when it is too short. */
function cuts(text: string, limits: BatchLimits, windowBytes = Infinity): Cut[] {
  const bytes = encoder.encode(text);
  const scanner = new Scanner(csvRecords(FORMAT, 2), null, limits, bytes.length);
  scanner.window.set(bytes);
  const found: Cut[] = [];
  let [start, end] = [0, Math.min(windowBytes, bytes.length)];
  for (;;) {
    const isLast = end === bytes.length;
    const cut = scanner.cut(start, end, isLast, 1);
    if (cut === null) {
      if (isLast) return found;
      end = Math.min(bytes.length, end + 1);
    } else {
      found.push(cut);
      start = cut.end;
    }
  }
}

/** There is nothing to say about the records. */
const USUAL = {
  suspects: { count: 0, line: 0 },
  repeats: { count: 0, line: 0 },
  skipped: { emptyRows: 0, comments: 0 },
  fittedRows: 0,
  long: null,
  endsUnusually: false,
};

function textOf(text: string, cut: Cut): string {
  return new TextDecoder().decode(encoder.encode(text).subarray(cut.start, cut.end));
}

Deno.test("a batch ends at its limit of rows or of bytes, whichever comes first", () => {
  const text = "aa\nbb\ncc\ndd\n";
  const rows = cuts(text, { rows: 3, bytes: 1000 });
  deepStrictEqual(rows, [
    { start: 0, end: 9, rows: 3, lines: 3, ...USUAL },
    { start: 9, end: 12, rows: 1, lines: 1, ...USUAL },
  ]);
  // The row that reaches the limit of bytes is included.
  deepStrictEqual(cuts(text, { rows: 100, bytes: 4 }).map(({ rows }) => rows), [2, 2]);
  deepStrictEqual(cuts(text, { rows: 100, bytes: 1 }).map(({ rows }) => rows), [1, 1, 1, 1]);
});

Deno.test("records with line breaks in quotes are not cut apart", () => {
  const text = '"a\nb",1\nc,2\n"d\n\n\ne",3\n';
  const found = cuts(text, { rows: 1, bytes: 1000 });
  deepStrictEqual(found.map((cut) => textOf(text, cut)), ['"a\nb",1\n', "c,2\n", '"d\n\n\ne",3\n']);
  deepStrictEqual(found.map(({ lines }) => lines), [2, 1, 4]);
});

Deno.test("a last row without a line end is a row, and there is nothing after the end", () => {
  deepStrictEqual(cuts("a\nb", { rows: 5, bytes: 100 }), [
    { start: 0, end: 3, rows: 2, lines: 2, ...USUAL },
  ]);
  deepStrictEqual(cuts("", { rows: 5, bytes: 100 }), []);
});

Deno.test("empty lines at the end belong to the last batch, or make a batch without rows", () => {
  deepStrictEqual(cuts("a\n\n\n", { rows: 5, bytes: 100 }).map(({ rows }) => rows), [1]);
  deepStrictEqual(cuts("a\n\n\n", { rows: 1, bytes: 100 }).map(({ rows }) => rows), [1, 0]);
});

Deno.test("the cuts don't depend on the size of the window", () => {
  const field = fc.constantFrom("a", "", '"x"', '"x\ny"', '"x""y"', 'q"q', '"open');
  const line = fc.array(field, { minLength: 1, maxLength: 3 }).map((fields) => fields.join(","));
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 20 }),
      fc.constantFrom("\n", "\r\n"),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 30 }),
      (lines, newline, rows, bytes, windowBytes) => {
        const text = lines.join(newline) + (lines.length % 2 === 0 ? newline : "");
        const whole = cuts(text, { rows, bytes });
        deepStrictEqual(cuts(text, { rows, bytes }, windowBytes), whole);
        strictEqual(whole.map((cut) => textOf(text, cut)).join(""), text);
        for (const cut of whole) strictEqual(cut.rows <= rows, true);
      },
    ),
    { numRuns: 500, seed: 3 },
  );
});
