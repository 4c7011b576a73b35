/** Constants and defaults that their columns can't hold are found before a row fails for them. */
import assert from "node:assert/strict";
import { parseDefinition } from "../../src/importer/parse.ts";
import { checkConstants } from "../../src/row/wrong_constants.ts";
import { column, table } from "./rows.ts";

const READINGS = table([
  column("id", "int8"),
  column("amount", "numeric"),
  column("day", "date"),
  column("word", "varchar", { maxLength: 3 }),
  column("range", "int4range"),
  column("settings", "jsonb"),
]);

function found(columns: string, more = "") {
  const file = "r.yaml";
  const result = parseDefinition(`table: readings\n${more}columns: {${columns}}\n`, file);
  if ("problems" in result) assert.fail(result.problems.map(({ message }) => message).join("\n"));
  const { problems, warnings } = checkConstants(result.definition, READINGS, {
    file,
    positions: result.positions,
  });
  return [
    ...problems.map(({ message }) => `problem ${message}`),
    ...warnings.map(({ message }) => `warning ${message}`),
  ];
}

Deno.test("a constant that is no value of its column is a problem, and a default is a warning", () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "id: {value: abc}",
      'problem r.yaml:2: columns.id.value: found "abc": The id field must be a whole number',
    ],
    [
      "id: {value: 1.5}",
      'problem r.yaml:2: columns.id.value: found "1.5": The id field must be a whole number',
    ],
    [
      "word: {value: long}",
      'problem r.yaml:2: columns.word.value: found "long": The word field must not be longer than 3 characters',
    ],
    [
      "day: {value: x, when: {column: A, equals: b}}",
      'warning r.yaml:2: columns.day.value: found "x": The day field must be a date (yyyy-MM-dd)',
    ],
    [
      "id: {from: A, default: none}",
      'warning r.yaml:2: columns.id.default: found "none": The id field must be a whole number',
    ],
  ];
  for (const [columns, message] of cases) assert.deepEqual(found(columns), [message], columns);
});

Deno.test("what fits, what depends on the run or the row, and what only Postgres can judge is no problem", () => {
  const fine = [
    "id: {value: 7}, day: {value: 2026-02-28}, word: {value: abc}",
    'id: {value: "${run.id}"}, day: {value: "${run.date}"}, word: {value: "${file.name}"}',
    "amount: {value: 1.5}",
    'range: {value: "[1,2"}',
    'settings: {value: "{}"}',
    "nowhere: {value: 1}",
    "amount: {from: A, decimal: ',', default: 1.5}",
  ];
  for (const columns of fine) assert.deepEqual(found(columns), [], columns);
  assert.deepEqual(found("id: {value: abc}", "hooks: ./r.hooks.js\n"), []);
});
