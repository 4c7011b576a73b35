/** What is wrong with relations, found in the definition alone. */
import assert from "node:assert/strict";
import { problemsOf } from "./problems_of.ts";

const PIVOT = "pivot: { table: p, local: a, foreign: b }";

const WRONG: readonly (readonly [string, string])[] = [
  ["many: []", "2: many: found an empty list, expected a list of relations"],
  ["many: { from: Tags }", "2: many: found a mapping, expected a list of relations"],
  ["many: [{ from: Tags }]", "2: many[0].pivot: is missing"],
  [`many: [{ ${PIVOT} }]`, "2: many[0].from: is missing"],
  [`many: [{ from: "", ${PIVOT} }]`, '2: many[0].from: found "", expected a source column'],
  [`many: [{ from: Tags, seperator: ";", ${PIVOT} }]`, "did you mean"],
  [`many: [{ from: Tags, separator: "", ${PIVOT} }]`, "expected at least one character"],
  [`many: [{ from: Tags, sync: mirror, ${PIVOT} }]`, "expected one of add, replace"],
  [`many: [{ from: Tags, required: maybe, ${PIVOT} }]`, "expected true or false"],
  [
    "many: [{ from: Tags, pivot: { table: p, local: a, foreign: a } }]",
    '2: many[0].pivot.foreign: "a" is `local` already: a link needs two columns',
  ],
  [
    "many: [{ from: Tags, pivot: { table: p, local: a, foriegn: b } }]",
    'unknown key; did you mean "foreign"?',
  ],
  [
    "many: [{ from: Tags, pivot: { table: pg_catalog.pg_class, local: a, foreign: b } }]",
    "one of Postgres's own tables",
  ],
  [
    "many: [{ from: Tags, pivot: { table: ingest.runs, local: a, foreign: b } }]",
    "one of ingest's own tables",
  ],
  [
    "many: [{ from: Tags, pivot: { table: a.b.c, local: a, foreign: b } }]",
    "expected a table such as customer_tags",
  ],
  [
    "many: [{ from: Tags, pivot: { table: p, local: a, foreign: b, values: { a: 1 } } }]",
    '2: many[0].pivot.values.a: "a" is filled by `local`',
  ],
  [
    "many: [{ from: Tags, pivot: { table: p, local: a, foreign: b, values: { by: '${run.id}' } } }]",
    "expected a constant: no ${…} is filled in here",
  ],
  [
    `many: [{ from: Tags, lookup: { table: tags, match: [x, y] }, ${PIVOT} }]`,
    "so it can be compared with one column only",
  ],
  [
    `many: [{ from: Tags, lookup: { table: tags, match: x, create: true, where: y }, ${PIVOT} }]`,
    "can't be combined with `where`",
  ],
  [`many: [{ from: Tags, transform: [{ concat: x }], ${PIVOT} }]`, "joins several columns"],
  [`many: [{ from: Tags, transform: [shout], ${PIVOT} }]`, "transform"],
];

for (const [rest, expected] of WRONG) {
  Deno.test(`a relation is refused: ${rest.replace(/\n/gu, " ")}`, () => {
    const found = problemsOf(`table: customers\n${rest}\n`);
    assert.ok(found.some((problem) => problem.includes(expected)), found.join("\n"));
  });
}
