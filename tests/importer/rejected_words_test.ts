/** Words of constants where nothing is filled in. */
import assert from "node:assert/strict";
import { parseDefinition } from "../../src/importer/parse.ts";
import { problemsOf } from "./problems_of.ts";

const ABSENT = "key: id\non_duplicate: update\noptions: {transaction: run}\non_absent: ";

const PLACES: readonly (readonly [place: string, rest: string])[] = [
  ["scope.region", ABSENT + 'delete\nscope: {region: "${file.region}"}'],
  ["scope.region[1]", ABSENT + 'delete\nscope: {region: [a, "${file.region}"]}'],
  ["on_absent.mark.value", ABSENT + '{mark: {column: gone, value: "by ${run.id}"}}'],
  ["columns.a.default", 'columns: {a: {from: A, default: "${run.user}"}}'],
  ["columns.a.map.x", 'columns: {a: {from: A, map: {x: "${ file.name }"}}}'],
  ["columns.a.transform[1].prefix", 'columns: {a: {transform: [lower, {prefix: "${row.no}-"}]}}'],
  [
    "columns.a.transform[0].replace.with",
    'columns: {a: {transform: [{replace: {pattern: x, with: "${run.date}"}}]}}',
  ],
  ["columns.a.when.equals", 'columns: {a: {when: {column: B, equals: "${file.name}"}}}'],
  ["source.when.one_of[0]", 'source: {when: {column: B, one_of: ["${file.name}"]}}'],
  [
    "columns.a.lookup.where",
    "columns: {a: {lookup: {table: b, match: c, where: \"d = '${file.day}'\"}}}",
  ],
  ["columns.a", 'columns: {a: "${file.name}"}'],
  [
    "nested[0].columns.b.default",
    'source: {format: json}\nnested: [{from: bs, table: b, foreign_key: {a: id}, columns: {b: {default: "${run.id}"}}}]',
  ],
  [
    "many[0].map.x",
    'many: [{from: T, map: {x: "${run.id}"}, pivot: {table: p, local: a, foreign: b}}]',
  ],
];

for (const [place, rest] of PLACES) {
  Deno.test(`a word of constants in ${place} is refused`, () => {
    const found = problemsOf(`table: customers\n${rest}\n`);
    assert.equal(found.length, 1, found.join("\n"));
    assert.ok(found[0].includes(`: ${place}: `), found[0]);
    assert.match(
      found[0],
      /would be taken as it stands: \$\{…\} is filled in only in the `value`/u,
    );
  });
}

Deno.test("a word of constants in one of several tables is refused where it is written", () => {
  const found = problemsOf('tables:\n  - table: a\n    columns: {b: {default: "${run.id}"}}\n');
  assert.deepEqual(found.map((each) => each.slice(0, each.indexOf(": ", 4))), [
    "3: tables[0].columns.b.default",
  ]);
});

Deno.test("other texts with braces are what they are, and so are words in descriptions", () => {
  const text = 'table: a\ndescription: "for ${run.user}"\ncolumns:\n' +
    '  value: { from: A, default: "${x}", map: { y: "$5 {run.id}" } }\n' +
    '  b: { value: "${run.user}" }\n';
  assert.ok("definition" in parseDefinition(text, "a.yaml"));
});
