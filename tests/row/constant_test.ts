/** What a constant says of the run, the row and its file. */
import { deepEqual, equal, match } from "node:assert/strict";
import type { PipelineContext } from "../../src/row/column_plan.ts";
import { compileConstant, isOfRow } from "../../src/row/constant.ts";
import { reader } from "./rows.ts";

const CONTEXT: PipelineContext = {
  runId: 12,
  user: "ada",
  importer: "orders",
  began: new Date("2026-03-01T23:15:00Z"),
  zone: "Europe/Berlin",
  fileWord: (row, part) => ({ name: `file of row ${row}`, number: "2" })[part] ?? null,
};

function constant(value: string, more: Partial<PipelineContext> = {}): string | null {
  const record = reader("a\n", 1);
  record.next();
  return compileConstant(value, { ...CONTEXT, ...more })(record);
}

for (
  const [value, expected] of [
    ["plain", "plain"],
    ["", ""],
    ["${run.id}/${run.user}/${run.importer}", "12/ada/orders"],
    ["${run.started_at}", "2026-03-01T23:15:00.000Z"],
    ["${run.date}", "2026-03-02"],
    ["${file.name}: ${row.number}", "file of row 1: 1"],
    ["${file.number}${file.unknown}", "2"],
    ["$${run.id}", "${run.id}"],
    ["$$${run.id}", "$${run.id}"],
    ["a$${b}-${run.id}-$${", "a${b}-12-${"],
    ["$5 and $", "$5 and $"],
  ]
) {
  Deno.test(`the constant ${JSON.stringify(value)} is ${JSON.stringify(expected)}`, () => {
    equal(constant(value), expected);
  });
}

Deno.test("a constant of one word that says nothing is null, and within a text it is nothing", () => {
  equal(constant("${run.user}", { user: null }), null);
  equal(constant("by ${run.user}", { user: null }), "by ");
  equal(constant("${file.sheet}"), null);
});

Deno.test("a zone that only Postgres knows counts as UTC", () => {
  equal(constant("${run.date}", { zone: "<+03>-3" }), "2026-03-01");
  equal(constant("${run.date}", { zone: null }), "2026-03-01");
});

Deno.test("a run's words are the same for all rows", () => {
  const ofRow = ["${run.id}", "$${row.number}", "${row.number}", "${file.name}"].map(isOfRow);
  deepEqual(ofRow, [false, false, true, true]);
  match(constant("${run.started_at}", { began: undefined }) ?? "", /^\d{4}-/u);
});
