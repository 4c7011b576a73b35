/** Conditions of columns, as a definition's file says them. */
import assert from "node:assert/strict";
import { accepted, column } from "./accepted.ts";
import { problemsOf } from "./problems_of.ts";

const ACCEPTED: readonly (readonly [string, unknown])[] = [
  [
    "{ column: Type, equals: refund }",
    { column: ["Type"], one_of: ["refund"], ignore_case: false },
  ],
  ["{ column: Zip, equals: 007 }", { column: ["Zip"], one_of: ["007"], ignore_case: false }],
  [
    "{ column: [Type, Kind], one_of: [a, 1.0], ignore_case: true }",
    { column: ["Type", "Kind"], one_of: ["a", "1.0"], ignore_case: true },
  ],
  ["{ column: Type, not: refund }", { column: ["Type"], not: ["refund"], ignore_case: false }],
  ["{ column: Type, empty: true }", { column: ["Type"], present: false }],
  ["{ column: Type, present: true }", { column: ["Type"], present: true }],
  ["{ column: Type, matches: ^R }", { column: ["Type"], matches: "^R" }],
  [
    "{ all: [{ column: A, empty: false }, { any: [{ column: B, equals: x }] }] }",
    {
      all: [{ column: ["A"], present: true }, {
        any: [{ column: ["B"], one_of: ["x"], ignore_case: false }],
      }],
    },
  ],
  ["{ none: [{ column: A, matches: x }] }", { none: [{ column: ["A"], matches: "x" }] }],
];

for (const [text, expected] of ACCEPTED) {
  Deno.test(`the condition ${text} is read`, () => {
    assert.deepEqual(column(`{ from: x, when: ${text} }`).when, expected);
  });
}

Deno.test("a constant with a condition may say what other rows get", () => {
  const rule = column("{ value: x, default: y, when: { column: A, empty: true } }");
  assert.equal(rule.value, "x");
  assert.equal(rule.default, "y");
});

Deno.test("what is required under a condition may be kept or be the table's DEFAULT otherwise", () => {
  accepted(`table: t
key: id
on_duplicate: update
columns:
  id: id
  a: { required: true, on_update: keep, when: { column: A, empty: true } }
  b: { required: true, empty: default, when: { column: A, empty: true } }
`);
});

const CONDITION = "a condition such as {column: Type, equals: refund}; several: " +
  "{all: [{…}, {…}]}";

const REFUSED: readonly (readonly [string, ...string[]])[] = [
  ["refund", `columns.c.when: found "refund", expected ${CONDITION}`],
  [
    "{}",
    "columns.c.when: doesn't say what the column has to be: add one of equals, one_of, not, " +
    "matches, empty, present",
    "columns.c.when.column: is missing; expected the source column that is compared",
  ],
  [
    "{ column: Type }",
    "columns.c.when: doesn't say what the column has to be: add one of equals, one_of, not, " +
    "matches, empty, present",
  ],
  [
    "{ column: Type, equal: refund }",
    'columns.c.when.equal: unknown key; did you mean "equals"?',
  ],
  [
    "{ any: [{ colum: Type, equals: refund }] }",
    'columns.c.when.any[0].colum: unknown key; did you mean "column"?',
  ],
  [
    "{ column: Type, equals: null }",
    "columns.c.when.equals: found nothing, expected text; for cells without a value, say empty: true",
  ],
  [
    '{ column: Type, equals: "" }',
    "columns.c.when.equals: a cell without a text has no value; say empty: true",
  ],
  [
    '{ column: Type, not: [a, ""] }',
    "columns.c.when.not: a cell without a text has no value; say present: true",
  ],
  [
    '{ column: Type, equals: " a" }',
    "columns.c.when: has a text with blanks around it, and the file's values are compared " +
    "without: leave them out",
  ],
  [
    "{ column: Type, equals: a, not: b }",
    "columns.c.when: a condition compares one thing, and this one has `equals` and `not`: combine " +
    "several with `all` or `any`",
  ],
  [
    "{ column: Type, matches: '[' }",
    'columns.c.when.matches: "[" is not a valid regular expression: Unterminated character class',
  ],
  [
    "{ column: Type, empty: true, ignore_case: true }",
    "columns.c.when.ignore_case: is for `equals`, `one_of` and `not`",
  ],
  ["{ column: Type, empty: yes }", 'columns.c.when.empty: found "yes", expected true or false'],
  [
    "{ column: A, any: [{ column: B, empty: true }] }",
    "columns.c.when.column: belongs into each condition of `any`",
  ],
  [
    "{ any: [] }",
    "columns.c.when.any: found an empty list, expected a list of conditions such as " +
    "{column: Type, equals: refund}",
  ],
  ["[]", `columns.c.when: found an empty list, expected ${CONDITION}`],
  [
    "{ all: [{ any: [{ none: [{ all: [{ column: A, empty: true }] }] }] }] }",
    "columns.c.when.all[0].any[0].none: unknown key; expected one of column, equals, one_of, not, " +
    "matches, empty, present, ignore_case",
  ],
];

for (const [text, ...expected] of REFUSED) {
  Deno.test(`the condition ${text} is refused`, () => {
    const found = problemsOf(`table: t\ncolumns:\n  c: { from: x, when: ${text} }\n`);
    assert.deepEqual(found.toSorted(), expected.map((each) => `3: ${each}`).toSorted());
  });
}

Deno.test("columns that every row needs can't have a condition", () => {
  const when = "when: { column: A, empty: true }";
  assert.deepEqual(
    problemsOf(`table: t
key: Id
on_duplicate: update_if_newer
compare: { source: T, target: t }
columns:
  id: { from: Id, ${when} }
  t: { from: T, ${when} }
`),
    [
      '6: columns.id.when: "id" is in the key, which every row needs: it can\'t have a condition',
      '7: columns.t.when: "t" tells which row is newer, which every row needs: it can\'t have a ' +
      "condition",
    ],
  );
});

Deno.test("a source may have a condition, which is checked like that of a column", () => {
  const { source } = accepted("table: t\nsource: { when: { column: Zip, equals: 007 } }");
  assert.deepEqual(source.when, { column: ["Zip"], one_of: ["007"], ignore_case: false });
  assert.deepEqual(problemsOf("table: t\nsource:\n  when: { colum: Type, equals: x }\n"), [
    '3: source.when.colum: unknown key; did you mean "column"?',
  ]);
  assert.deepEqual(
    problemsOf("table: t\nsource:\n  when: { any: [{ column: Type, equal: x }] }\n"),
    [
      '3: source.when.any[0].equal: unknown key; did you mean "equals"?',
    ],
  );
  for (const format of ["json", "copy", "fixed"]) {
    const more = format === "fixed" ? ", widths: {a: 1}" : "";
    const found = problemsOf(
      `table: t\nsource: { format: ${format}${more}, when: { column: a, equals: x } }\n`,
    );
    assert.equal(found.length, 1);
    assert.match(found[0], /^2: source\.when: /u);
  }
});
