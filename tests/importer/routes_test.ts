/** Definitions whose rows go into several tables: what each table's own is, and what is refused. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { asWritten } from "../../src/importer/document/written.ts";
import { parseDefinition } from "../../src/importer/parse.ts";
import { routeDefinitions, tableNames } from "../../src/importer/routes/routes.ts";
import { definitionJsonSchema } from "../../src/importer/json_schema/json_schema.ts";

const TABLES = `
tables:
  - table: admins
    when: { column: Type, equals: admin }
    key: 007
    columns: { level: Level, "007": Nr }
  - table: crm.users
columns: { login: Login, full_name: Name }
key: login
on_duplicate: update
`;

function accepted(yaml: string) {
  const parsed = parseDefinition(yaml, "test.yaml");
  if ("problems" in parsed) throw new Error(parsed.problems.map((p) => p.message).join("\n"));
  return parsed;
}

function problemsOf(yaml: string): readonly string[] {
  const parsed = parseDefinition(yaml, "test.yaml");
  if (!("problems" in parsed)) return [];
  return parsed.problems.map(({ message }) => message.replace("test.yaml:", ""));
}

Deno.test("each table has what is shared, and what it says itself goes before it", () => {
  const { definition } = accepted(TABLES);
  assert.equal(definition.table, "admins, crm.users");
  assert.deepEqual(tableNames(definition), ["admins", "crm.users"]);
  const [admins, users] = routeDefinitions(definition);
  assert.deepEqual(
    [admins.table, admins.key, admins.on_duplicate, Object.keys(admins.columns!).sort()],
    ["admins", ["007"], "update", ["007", "full_name", "level", "login"]],
  );
  assert.deepEqual(
    [users.table, users.key, users.on_duplicate, Object.keys(users.columns!)],
    ["crm.users", ["login"], "update", ["login", "full_name"]],
  );
  assert.deepEqual(
    definition.tables?.map(({ when }) => when),
    [{ column: ["Type"], one_of: ["admin"], ignore_case: false }, null],
  );
});

Deno.test("a default follows from what the table has: without a key, a duplicate fails", () => {
  const { definition } = accepted(
    "tables: [{table: a, when: {column: T, equals: 1}, key: x}, {table: b}]",
  );
  assert.deepEqual(
    routeDefinitions(definition).map(({ on_duplicate }) => on_duplicate),
    ["skip", "fail"],
  );
});

Deno.test("a definition that is written out says the same when it is read again", () => {
  const { definition } = accepted(TABLES);
  const { definition: again } = accepted(stringify(asWritten(definition)));
  assert.deepEqual(again, definition);
});

Deno.test("editors know the keys of a table", () => {
  const { properties } = definitionJsonSchema();
  const { items } = properties?.tables as { items: { properties: Record<string, unknown> } };
  assert.deepEqual(Object.keys(items.properties).sort(), [
    ...["columns", "compare", "identity", "key", "on_duplicate", "on_missing", "table", "when"],
  ]);
});

const ONE = "{table: a, when: {column: T, equals: 1}}";
const REFUSED: readonly (readonly [what: string, yaml: string, ...expected: string[]])[] = [
  [
    "no table",
    "tables: []",
    "1: tables: found an empty list, expected a list of tables such as " +
    "[{table: admins, when: {…}}, {table: users}]",
  ],
  [
    "a misspelt key of a table",
    `tables:\n  - ${ONE}\n  - table: b\n    on_duplicat: skip`,
    '4: tables[1].on_duplicat: unknown key; did you mean "on_duplicate"?',
  ],
  [
    "a misspelt key of a condition",
    "tables: [{table: a, when: {colum: T, equals: 1}}, {table: b}]",
    '1: tables[0].when.colum: unknown key; did you mean "column"?',
  ],
  [
    "a condition without a test",
    "tables: [{table: a, when: {column: T}}, {table: b}]",
    "1: tables[0].when: ",
  ],
  [
    "two tables that take all rows",
    "tables: [{table: a}, {table: b}]",
    "1: tables[0]: without `when` it takes all rows, so no table after it gets any: only the last " +
    "one may have none",
  ],
  [
    "a table that is there twice",
    `tables: [${ONE}, {table: a}]`,
    '1: tables[1].table: "a" is in the list already: join both conditions with any: […], and give ' +
    "columns a `when` where they differ",
  ],
  [
    "a table and tables",
    `table: a\ntables: [${ONE}, {table: b}]`,
    "1: table: can't be combined with `tables`: name each table in `tables` only",
  ],
  [
    "a column of one table that is wrong, with its line",
    `tables:\n  - ${ONE}\n  - table: b\n    columns:\n      x: { from: X, min: 3, max: 1 }\ncolumns: { y: Y }`,
    "5: tables[1].columns.x",
  ],
  [
    "a shared column that is wrong, once",
    `tables: [${ONE}, {table: b}]\ncolumns:\n  x: { from: X, min: 3, max: 1 }`,
    "3: columns.x",
  ],
  [
    "a key that one table doesn't map",
    `tables: [${ONE}, {table: b, columns: {k: K}}]\ncolumns: { y: Y }\nkey: k`,
    '3: key: "k" is neither a source nor a target column under `columns`',
  ],
  [
    "one of ingest's own tables",
    `tables: [${ONE}, {table: ingest.runs}]`,
    "1: tables[1].table: \"ingest.runs\" is one of ingest's own tables; an import can't write to it",
  ],
  ...([
    ["many", "many: [{from: T, pivot: {table: p, local: a, foreign: b}}]"],
    ["nested", "nested: [{from: i, table: t, foreign_key: {a: id}, columns: {x: x}}]"],
  ] as const).map(([key, yaml]) =>
    [
      `${key} beside tables`,
      `tables: [${ONE}, {table: b}]\n${yaml}`,
      `2: ${key}: can't be combined with \`tables\`: rows that go into several tables can't do that yet`,
    ] as const
  ),
  [
    "unmapped columns that fail",
    `tables: [${ONE}, {table: b}]\noptions: { unmapped: fail }`,
    "2: options.unmapped: can't be combined with `tables`: each table leaves out what is for the " +
    "others",
  ],
];

for (const [what, yaml, ...expected] of REFUSED) {
  Deno.test(`a definition with ${what} is refused`, () => {
    const found = problemsOf(yaml);
    assert.equal(found.length, expected.length, found.join("\n"));
    for (const [index, message] of found.entries()) {
      assert.ok(message.startsWith(expected[index]), message);
    }
  });
}

Deno.test("tables that can't be read are not said to have no keys", () => {
  const [problem, ...others] = problemsOf(
    "tables: [{table: a, when: T = 1, key: x}, {table: b, key: y}]\non_duplicate: update\n",
  );
  assert.match(problem, /^1: tables\[0\]\.when: found "T = 1", expected a condition such as /);
  assert.deepEqual(others, []);
});
