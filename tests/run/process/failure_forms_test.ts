import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonPieces } from "../../../src/kernel/row_log.ts";
import type { RowError } from "../../../src/row/outcome.ts";
import { ErrorGroups } from "../../../src/run/process/error_groups.ts";
import { FailureForms, failureJson } from "../../../src/run/process/failure_forms.ts";

const TEXTS = ["a", "b", 'quoted "text"', "\u{f0000}gap\u{f0000}", "ü\n\ud800", "__proto__", ""];
const text = fc.constantFrom(...TEXTS);
const USUAL: RowError = { code: "max", message: "a", column: "a", value: "1" };

/** Mostly alike but for the value and one other property. */
const error: fc.Arbitrary<RowError> = fc.tuple(
  fc.constantFrom<Partial<RowError>>(
    {},
    { code: "min" },
    { column: null },
    { column: "__proto__" },
    { sqlstate: "23505" },
    { sqlstate: "23514" },
    { constraint: "c" },
    { check: "a > 0" },
    { first_row: 1 },
    { code: "duplicate_in_file", first_row: 1 },
    { code: "duplicate_in_file", first_row: 2 },
  ),
  fc.oneof({ arbitrary: fc.constant("a"), weight: 4 }, text),
  fc.option(fc.oneof(text, fc.string())),
).map(([other, message, value]) => ({ ...USUAL, message, value, ...other }));

const rows = fc.array(
  fc.record({ errors: fc.array(error, { minLength: 1, maxLength: 3 }), invalid: fc.boolean() }),
  { maxLength: 40 },
);

function read(json: JsonPieces): unknown {
  const decoder = new TextDecoder();
  return JSON.parse(
    json.map((piece) => typeof piece === "string" ? piece : decoder.decode(piece)).join(""),
  );
}

/** What the log says of a row, made without remembering anything. */
function plainly(errors: readonly RowError[], invalid: boolean): unknown {
  const validation: Record<string, string[]> = Object.create(null);
  for (const { column, message } of invalid ? errors : []) {
    if (column !== null) (validation[column] ??= []).push(message);
  }
  return JSON.parse(JSON.stringify({
    message: invalid ? "The given data was invalid." : errors[0].message,
    validation,
    details: errors.map(({ message: _, ...details }) => details),
  }));
}

Deno.test("the log says of each row what is wrong with it, however many rows failed likewise", () => {
  fc.assert(
    fc.property(rows, (rows) => {
      const forms = new FailureForms();
      for (const { errors, invalid } of [...rows, ...rows]) {
        const json = failureJson(errors, forms.of(errors, invalid));
        assert.deepEqual(read(json), plainly(errors, invalid));
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("errors are counted by what went wrong, whether their form was remembered or not", () => {
  fc.assert(
    fc.property(rows, (rows) => {
      const remembering = new FailureForms();
      const [once, again] = [new ErrorGroups(), new ErrorGroups()];
      for (const [number, { errors, invalid }] of rows.entries()) {
        once.add(number, remembering.of(errors, invalid), errors);
        again.add(number, { ...new FailureForms().of(errors, invalid), around: null }, errors);
      }
      assert.deepEqual(once.list(), again.list());
      const counted = once.list().filter(({ kind }) => kind === "row");
      assert.equal(counted.reduce((sum, group) => sum + group.count, 0), rows.length);
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("rows that fail in more ways than are remembered are logged and counted all the same", () => {
  const forms = new FailureForms();
  const groups = new ErrorGroups();
  const rows = Array.from({ length: 3000 }, (_, i): RowError[] => [
    { code: "check", message: `failure ${i % 1500}`, column: null, value: `${i}` },
  ]);
  for (const [number, errors] of rows.entries()) {
    const form = forms.of(errors, false);
    groups.add(number, form, errors);
    assert.deepEqual(read(failureJson(errors, form)), plainly(errors, false));
  }
  const listed = groups.list();
  assert.equal(listed.length, 101);
  assert.deepEqual(listed.at(-1)?.count, 2800);
});
