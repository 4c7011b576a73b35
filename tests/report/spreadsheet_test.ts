import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { guardCell, unguardCell } from "../../src/report/spreadsheet.ts";

/** Mostly what matters at the beginning of a cell, so that few texts are wasted. */
const anyCell = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(..."''=+-@\t\r\n＝＋－＠ 0123456789.,eE\0ä") }),
);

Deno.test("every text comes back exactly as it was", () => {
  fc.assert(
    fc.property(anyCell, (text) => strictEqual(unguardCell(guardCell(text)), text)),
    { numRuns: 20_000, seed: 1 },
  );
});

Deno.test("a guarded cell begins with what makes a formula only if it is a plain number", () => {
  fc.assert(
    fc.property(anyCell, (text) => {
      const cell = guardCell(text);
      if (/^[=+\-@\t\r\n＝＋－＠]/u.test(cell)) {
        strictEqual(/^[+-][\d.,]+(e[+-]?\d+)?$/iu.test(cell), true);
      }
    }),
    { numRuns: 20_000, seed: 1 },
  );
});

Deno.test("formulas become text, everything else is left alone", () => {
  const formulas = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "-",
    "+",
    "=",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
  ];
  for (
    const text of [...formulas, "-5x", "- 5", "-5\n", "+49 170 12", "'=1", "''-x", "'-5", "-1-1"]
  ) {
    strictEqual(guardCell(text), `'${text}`);
  }
  const others = ["", "a", "'", "'a", "''", "5", "1=1", "a@x.org", " =1", "0-1", "O'=x"];
  const numbers = ["-5", "+49", "-1.5", "-1.5e3", "+1E-7", "-.5", "-,5", "-1.234,56", "+1,234.56"];
  deepStrictEqual([...others, ...numbers].map(guardCell), [...others, ...numbers]);
});

Deno.test("a cell that was never guarded only loses what looks like a guard", () => {
  deepStrictEqual(["'a", "'", "''", "'5", "a'=b"].map(unguardCell), [
    "'a",
    "'",
    "''",
    "'5",
    "a'=b",
  ]);
  deepStrictEqual(["'=1", "''=1", "'-5"].map(unguardCell), ["=1", "'=1", "-5"]);
});
