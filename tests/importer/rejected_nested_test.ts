/** What is wrong with children, found in the definition alone. */
import assert from "node:assert/strict";
import { problemsOf } from "./problems_of.ts";

function nested(more: string, columns = "columns: { sku: sku }"): string {
  return `nested: [{ from: items, table: i, foreign_key: { o: id }, ${columns}${more} }]`;
}

const WRONG: readonly (readonly [string, string])[] = [
  ["nested: []", "2: nested: found an empty list"],
  ["nested: [{ from: items }]", "2: nested[0].table: is missing"],
  ["nested: [{ from: items, table: i, columns: { a: a } }]", "nested[0].foreign_key: is missing"],
  [nested(", foo: 1"), "2: nested[0].foo: unknown key"],
  [nested(", keys: [sku]"), '2: nested[0].keys: unknown key; did you mean "key"?'],
  [nested(", key: [skuu]"), 'nested[0].key: found "skuu"'],
  [nested(", on_duplicate: update_if_newer"), "nested[0].on_duplicate: "],
  [nested(", on_duplicate: update"), "update needs a `key`"],
  [nested("", "columns: {}"), "2: nested[0].columns: found an empty mapping"],
  [nested("", "columns: { o: x }"), '2: nested[0].columns.o: "o" is filled by `foreign_key`'],
  [
    nested("", "columns: { a: { from: x, typ: integer } }"),
    "2: nested[0].columns.a.typ: unknown key",
  ],
  [
    nested("", "columns: { a: { from: x, min: 3, max: 1 } }"),
    "2: nested[0].columns.a.min: found 3",
  ],
  [nested("", "columns: { a: { from: x, on_update: keep } }"), "can't be said of a child's column"],
  [
    nested("", "columns: { a: { from: x, lookup: { table: t } } }"),
    "nested[0].columns.a.lookup.match: is missing",
  ],
  [
    nested(
      ", nested: [{ from: d, table: ingest.runs, foreign_key: { i: id }, columns: { a: a } }]",
    ),
    '2: nested[0].nested[0].table: "ingest.runs" is one of ingest\'s own tables',
  ],
  [
    nested(
      ", nested: [{ from: d, tabel: x, table: y, foreign_key: { i: id }, columns: { a: a } }]",
    ),
    '2: nested[0].nested[0].tabel: unknown key; did you mean "table"?',
  ],
  [`${nested("")}\nsource: { format: csv }`, "works with JSON and NDJSON only"],
];

for (const [rest, expected] of WRONG) {
  Deno.test(`children are refused: ${rest.replace(/\n/gu, " ")}`, () => {
    const found = problemsOf(`table: customers\n${rest}\n`);
    assert.ok(found.some((problem) => problem.includes(expected)), found.join("\n"));
  });
}
