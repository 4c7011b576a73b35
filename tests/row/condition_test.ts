/** Columns that are filled only in rows for which a condition holds. */
import assert from "node:assert/strict";
import type { Condition } from "../../src/importer/condition/condition.ts";
import type { ColumnRule } from "../../src/importer/definition.ts";
import { HeaderMismatch } from "../../src/row/mismatch.ts";
import { column, compile, process, rule } from "./rows.ts";

/** `reason` of rows with a type and a reason: COPY's text, or messages. */
function reasons(
  when: Condition,
  csv: string,
  more: Partial<ColumnRule> = {},
  target = column("reason"),
) {
  const columns = {
    type: rule({ from: ["Type"] }),
    reason: rule({ from: ["Reason"], when, ...more }),
  };
  const pipeline = compile(
    { columns, null_values: ["", "NULL"] },
    ["Type", "Reason"],
    [column("type"), target],
  );
  return process(pipeline, csv, 2).map((row) =>
    typeof row === "string" ? row.split("\t")[1] : row.map(({ message }) => message).join(" ")
  );
}

const equals = (...one_of: string[]): Condition => ({
  column: ["type"],
  one_of,
  ignore_case: false,
});

const ROWS = "refund,a\n Refund ,b\nsale,c\n,d\nNULL,e\nrefund,\n";

const HOLDS: readonly (readonly [string, Condition, string])[] = [
  ["equals", equals("refund"), "a - - - - -"],
  ["ignore_case", { column: ["Type"], one_of: ["REFUND"], ignore_case: true }, "a b - - - -"],
  ["one_of", equals("refund", "sale"), "a - c - - -"],
  ["not", { column: ["Type"], not: ["refund"], ignore_case: false }, "- b c d e -"],
  ["matches", { column: ["Type"], matches: "^[rR]e" }, "a b - - - -"],
  ["present", { column: ["Type"], present: true }, "a b c - - -"],
  ["empty", { column: ["Type"], present: false }, "- - - d e -"],
  ["all", { all: [equals("refund"), { column: ["Reason"], present: true }] }, "a - - - - -"],
  ["any", { any: [equals("sale"), { column: ["Type"], present: false }] }, "- - c d e -"],
  ["none", { none: [equals("sale"), { column: ["Type"], present: false }] }, "a b - - - -"],
];

for (const [name, when, expected] of HOLDS) {
  Deno.test(`the condition ${name} decides which rows have a value`, () => {
    const found = reasons(when, ROWS).map((text) => text === "\\N" ? "-" : text);
    assert.equal(found.join(" "), expected);
  });
}

Deno.test("required asks only where the condition holds, and nothing is checked elsewhere", () => {
  const rows = "refund,5\nrefund,\nrefund,x\nsale,x\nsale,\n";
  assert.deepEqual(
    reasons(equals("refund"), rows, { required: true, type: "integer" }),
    [
      "5",
      "The reason field is required.",
      "The reason field must be a whole number.",
      "\\N",
      "\\N",
    ],
  );
});

Deno.test("elsewhere, a column has its default, which passes through no step", () => {
  assert.deepEqual(
    reasons(equals("refund"), "refund,x\nsale,x\nrefund,\n", {
      default: "none",
      transform: [{ op: "upper" }],
    }),
    ["X", "none", "none"],
  );
});

Deno.test("a NOT NULL column without a default fails elsewhere", () => {
  assert.deepEqual(
    reasons(
      equals("refund"),
      "refund,x\nsale,x\n",
      {},
      column("reason", "text", { notNull: true }),
    ),
    ["x", "The reason field is required."],
  );
});

Deno.test("a constant is written where the condition holds", () => {
  assert.deepEqual(
    reasons(equals("refund"), "refund,a\nsale,b\nrefund,c\n", {
      from: [],
      value: "row ${row.number}",
      default: "-",
    }),
    ["row 1", "-", "row 3"],
  );
});

Deno.test("the same value in many rows follows the condition of each", () => {
  const csv = Array.from({ length: 500 }, (_, i) => `${i % 3 === 0 ? "refund" : "sale"},same\n`);
  assert.deepEqual(
    reasons(equals("refund"), csv.join(""), { transform: [{ op: "upper" }] }),
    csv.map((_, i) => i % 3 === 0 ? "SAME" : "\\N"),
  );
});

Deno.test("a file without the condition's column is refused, and the message names it", () => {
  const columns = { reason: rule({ from: ["Reason"], when: equals("x") }) };
  assert.throws(
    () => compile({ columns }, ["Reason", "Typ"], [column("reason")]),
    (error) => {
      assert.ok(error instanceof HeaderMismatch);
      assert.equal(
        error.message,
        'The file has no column "type" for the condition of reason; it has Reason, Typ; ' +
          'did you mean "Typ"?',
      );
      return true;
    },
  );
});

Deno.test("a column that only a condition reads is not unmapped", () => {
  const columns = { reason: rule({ from: ["Reason"], when: equals("refund") }) };
  compile({ columns, options: { unmapped: "fail" } }, ["Type", "Reason"], [column("reason")]);
});
