import assert from "node:assert/strict";
import { checkAgainstTable } from "../../src/importer/against_table/against_table.ts";
import { parseDefinition } from "../../src/importer/parse.ts";
import { column, table } from "../row/rows.ts";

const CUSTOMERS = table([
  column("id", "int8", { notNull: true, readonly: true, hasDefault: true }),
  column("email", "text", { notNull: true }),
  column("full_name", "text"),
  column("age", "int4"),
  column("signup_date", "date"),
  column("active", "bool", { notNull: true, hasDefault: true }),
  column("updated_at", "timestamptz"),
  column("settings", "jsonb"),
]);

function check(text: string, table = CUSTOMERS) {
  const file = "importers/c.yaml";
  const result = parseDefinition(`table: customers\n${text}`, file);
  if ("problems" in result) assert.fail(result.problems.map(({ message }) => message).join("\n"));
  const found = checkAgainstTable(result.definition, table, { file, positions: result.positions });
  const cut = (message: string) => message.replace("importers/c.yaml:", "");
  return {
    problems: found.problems.map(({ message }) => cut(message)),
    warnings: found.warnings.map(({ message }) => cut(message)),
  };
}

Deno.test("a definition that fits its table has no problems", () => {
  const text =
    "key: email\non_duplicate: update\ncolumns:\n  email: E-Mail\n  age: {type: integer}";
  assert.deepEqual(check(text), { problems: [], warnings: [] });
});

Deno.test("everything that doesn't fit is reported, each with its line", () => {
  const text = [
    "key: mail", // 2
    "on_duplicate: update_if_newer",
    "compare: {source: changed, target: update_at}", // 4
    "columns:",
    "  mail: E-Mail", // 6
    "  fullname: Name",
    "  id: ID", // 8
    "  age:",
    "    type: email", // 10
  ].join("\n");
  assert.deepEqual(check(text).problems, [
    '4: compare.target: the table public.customers has no column "update_at"; ' +
    'did you mean "updated_at"?',
    '6: columns.mail: the table public.customers has no column "mail"; did you mean "email"?',
    '7: columns.fullname: the table public.customers has no column "fullname"; ' +
    'did you mean "full_name"?',
    "8: columns.id: Postgres fills id itself (generated always); leave it out",
    "10: columns.age.type: email can't go into age, which is int4",
  ]);
});

Deno.test("for an unknown column unlike any other, all columns are listed", () => {
  assert.deepEqual(check("columns: {email: E-Mail, x: X}").problems, [
    '2: columns.x: the table public.customers has no column "x"; it has id, email, full_name, ' +
    "age, signup_date, active, updated_at, settings",
  ]);
});

Deno.test("a NOT NULL column that nothing fills is a problem if rows are inserted", () => {
  const columns = "columns: {full_name: Name}";
  const nothing = "columns: nothing fills email, which is NOT NULL without a default: ";
  assert.deepEqual(check(columns), {
    problems: [`2: ${nothing}no row can be inserted`],
    warnings: [],
  });
  assert.deepEqual(check(`key: Name\non_duplicate: skip\n${columns}`).problems.length, 1);
  assert.deepEqual(check(`key: Name\non_duplicate: update\n${columns}`), {
    problems: [],
    warnings: [`4: ${nothing}existing rows can be updated, but new ones will fail`],
  });
  assert.deepEqual(check(`key: Name\non_duplicate: update\non_missing: skip\n${columns}`), {
    problems: [],
    warnings: [],
  });
  assert.deepEqual(check(`${columns}\noptions: {unmapped: auto}`), {
    problems: [],
    warnings: [`2: ${nothing}a file without it will fail`],
  });
  assert.deepEqual(check(columns, { ...CUSTOMERS, hasBeforeInsertTriggers: true }), {
    problems: [],
    warnings: [`2: ${nothing}rows will fail unless a trigger fills it`],
  });
});

Deno.test("without `columns`, only the key and the comparison are checked", () => {
  assert.deepEqual(check(""), { problems: [], warnings: [] });
  assert.deepEqual(check("key: [E-Mail, Full Name]"), { problems: [], warnings: [] });
  assert.deepEqual(check("key: [emial, id]").problems, [
    '2: key[0]: the table public.customers has no column "emial"; did you mean "email"?',
    "2: key[1]: Postgres fills id itself (generated always); it can't be the key",
  ]);
});

Deno.test("a definition that fills an identity column has to say what becomes of its numbers", () => {
  const numbered = table([
    column("no", "int8", { notNull: true, hasDefault: true, identity: "always" }),
    column("own", "int8", { hasDefault: true, identity: "by default" }),
    column("email"),
  ]);
  const columns = "columns: {no: No, own: Own, email: E}";
  const unsaid = "columns.no: Postgres numbers no itself (generated always as identity): say " +
    "identity: keep to keep the file's numbers, or identity: generate for new ones";
  assert.deepEqual(check(columns, numbered).problems, [`2: ${unsaid}`]);
  assert.deepEqual(check(`key: E\n${columns}`, numbered).problems, [`3: ${unsaid}`]);
  for (const said of ["identity: keep", "identity: generate", "key: no", "key: No"]) {
    assert.deepEqual(check(`${said}\n${columns}`, numbered), { problems: [], warnings: [] }, said);
  }
  assert.deepEqual(check("key: no", numbered), { problems: [], warnings: [] });
});

Deno.test("an identity that the table doesn't have is told", () => {
  assert.deepEqual(check("identity: keep\ncolumns: {email: E}").warnings, [
    "2: identity: customers has no column that Postgres numbers, so this changes nothing",
  ]);
});

Deno.test("a declared type is refused only if it can never fit", () => {
  const fits = (target: string, type: string) =>
    check(`columns: {email: E, ${target}: {type: ${type}}}`).problems.length === 0;
  for (
    const [target, type] of [
      ["full_name", "json"],
      ["full_name", "boolean"],
      ["age", "numeric"],
      ["age", "text"],
      ["signup_date", "timestamp"],
      ["updated_at", "date"],
      ["active", "integer"],
      ["settings", "json"],
    ]
  ) assert.ok(fits(target, type), `${type} into ${target}`);
  for (
    const [target, type] of [
      ["age", "email"],
      ["age", "date"],
      ["age", "boolean"],
      ["signup_date", "integer"],
      ["updated_at", "time"],
      ["active", "date"],
      ["settings", "email"],
    ]
  ) assert.ok(!fits(target, type), `${type} into ${target}`);
});

Deno.test("a snapshot without its file is named by its slug", () => {
  const result = parseDefinition("table: customers\nkey: nothing", "importers/crm.yaml");
  assert.ok("definition" in result);
  const [problem] = checkAgainstTable(result.definition, CUSTOMERS).problems;
  assert.equal(problem.line, null);
  assert.match(problem.message, /^importer crm: key: the table public\.customers has no/u);
});

Deno.test("a column without a DEFAULT can't take one", () => {
  assert.deepEqual(check("columns: {email: E-Mail, age: {empty: default}}").problems, [
    "2: columns.age.empty: age has no DEFAULT in the table",
  ]);
});
