/** `ingest test`: cases beside a definition. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { ingest } from "./start_program.ts";

const DEFINITION = `table: customers
source: { delimiter: ";", null_values: ["", "n/a"], skip_lines: 3 }
key: [email]
on_duplicate: update
columns:
  email: { from: E-Mail, type: email, transform: [lower] }
  born: { from: Born, format: dd.MM.yyyy }
  amount: { from: Amount, decimal: "," }
  plan: { from: Plan, one_of: [free, pro] }
`;

const CASES = `
- case: an address becomes lower case, and a date is read
  rows:
    - in: { E-Mail: ADA@example.com, Born: 10.12.2024, Amount: "1,50", Plan: n/a }
      values: { email: ada@example.com, born: 2024-12-10, amount: 1.5, plan: null }
- case: a customer who is there is updated, and then left alone
  given:
    - { email: ada@example.com, amount: 1, plan: pro }
  rows:
    - in: { E-Mail: ada@example.com, Plan: free }
      outcome: updated
      values: { email: ada@example.com, plan: free, amount: 1 }
    - in: { E-Mail: ADA@example.com, Plan: free }
      outcome: skipped
- case: each column is checked
  rows:
    - in: { E-Mail: nobody, Born: 31.02.2020, Plan: gold }
      errors: { email: type, born: type, plan: one_of }
    - in: { E-Mail: eve@example.com, Amount: "-1" }
      outcome: failed
      errors: { amount: check }
`;

async function workplace(db: TestDatabase, cases: string) {
  await db.session.query(
    `create table customers (id int generated always as identity, email text not null unique,
       born date, amount numeric check (amount >= 0), plan text);
     insert into customers (email) values ('old@example.com')`,
  );
  const folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/importers`);
  await Deno.writeTextFile(`${folder.path}/importers/customers.yaml`, DEFINITION);
  await Deno.writeTextFile(`${folder.path}/importers/customers.test.yaml`, cases);
  return folder;
}

Deno.test("test tries the rows of all cases, and leaves nothing in the table", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db, CASES);
  const tested = await ingest(["test"], { database: db, cwd: folder.path });
  assert.equal(tested.code, 0, tested.stdout + tested.stderr);
  assert.match(tested.stdout, /^ok {3}customers: an address becomes lower case/mu);
  assert.match(tested.stdout, /^3 passed, 0 failed$/mu);
  const rows = await db.session.query<{ email: string }>("select email from customers");
  assert.deepEqual(rows.map(({ email }) => email), ["old@example.com"]);
});

Deno.test("the cases are no definition: list and check don't see them", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db, CASES);
  const check = await ingest(["check"], { database: db, cwd: folder.path });
  assert.equal(check.code, 0, check.stdout);
  assert.doesNotMatch(check.stdout, /test/u);
});

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  [
    "another value",
    "{in: {E-Mail: a@b.de}, values: {email: x@b.de}}",
    /row 1: expected email to be "x@b\.de", and it is "a@b\.de"/u,
  ],
  [
    "another outcome",
    "{in: {E-Mail: a@b.de}, outcome: skipped}",
    /row 1: expected skipped, got created/u,
  ],
  [
    "an error that isn't expected",
    "{in: {E-Mail: nobody}}",
    /expected created, got failed: .*must be a valid email address/u,
  ],
  [
    "another error",
    "{in: {E-Mail: nobody}, errors: {email: required}}",
    /expected the errors email: required; got email: type/u,
  ],
  [
    "an error that doesn't come",
    "{in: {E-Mail: a@b.de}, errors: {email: type}}",
    /expected failed, got created/u,
  ],
  [
    "a column that the table lacks",
    "{in: {E-Mail: a@b.de}, values: {mail: x}}",
    /the table has no column "mail"/u,
  ],
  ["a column that the definition doesn't find", "{in: {Mail: a@b.de}}", /no column "E-Mail"/u],
  [
    "a key that doesn't exist",
    "{in: {E-Mail: a@b.de}, outcom: created}",
    /customers\.test\.yaml:3: .*outcom: unknown key/u,
  ],
  [
    "a word that is no outcome",
    "{in: {E-Mail: a@b.de}, outcome: loaded}",
    /outcome: .*one of created, updated, skipped, failed/u,
  ],
];

for (const [what, row, message] of WRONG) {
  Deno.test(`test fails for ${what}, with 1, and says so`, async () => {
    await using db = await testDatabase();
    await using folder = await workplace(db, `- case: it holds\n  rows:\n    - ${row}\n`);
    const tested = await ingest(["test", "customers"], { database: db, cwd: folder.path });
    assert.equal(tested.code, 1, tested.stderr);
    assert.match(tested.stdout, message);
    assert.match(tested.stdout, /^0 passed, 1 failed$/mu);
  });
}

Deno.test("without cases, test says where to write them", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db, CASES);
  const options = { database: db, cwd: folder.path };
  const misspelled = await ingest(["test", "customer"], options);
  assert.notEqual(misspelled.code, 0);
  assert.match(misspelled.stderr, /Cannot find importer "customer".*customers/su);
  await Deno.writeTextFile(`${folder.path}/importers/orders.yaml`, "table: orders\n");
  const tested = await ingest(["test", "orders"], options);
  assert.equal(tested.code, 1);
  assert.match(tested.stderr, /Write orders\.test\.yaml beside orders\.yaml/u);
});

Deno.test("the outcomes of a case are those of a run", async () => {
  await using db = await testDatabase();
  await using folder = await workplace(db, CASES);
  const options = { database: db, cwd: folder.path };
  const cases: { rows: { in: Record<string, string>; outcome?: string; errors?: object }[] }[] =
    parse(CASES);
  const rows = cases.flatMap((each) => each.rows);
  const names = ["E-Mail", "Born", "Amount", "Plan"];
  const lines = rows.map((row) => names.map((name) => row.in[name] ?? "").join(";"));
  await Deno.writeTextFile(
    `${folder.path}/c.csv`,
    ["", "", "", names.join(";"), ...lines, ""].join("\n"),
  );
  const file = ["run", "customers", "--file", "c.csv", "--skip-lines", "3", "--json"];
  const run = await ingest(file, options);
  const { created, updated, skipped, failed } = JSON.parse(run.stdout).data.progress;
  // Here the first case's customer stays for the second one.
  assert.deepEqual({ created, updated, skipped, failed }, {
    created: 1,
    updated: 1,
    skipped: 1,
    failed: 2,
  });
  const tested = await ingest(["test", "--json"], options);
  // And now she is there before the first case.
  const { data } = JSON.parse(tested.stdout);
  assert.deepEqual(data.map(({ ok }: { ok: boolean }) => ok), [false, false, true]);
});

Deno.test("cases may need look-ups, lists and children", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table plans (id int primary key, name text unique);
     create table tags (id int primary key, name text unique);
     create table orders (id int generated always as identity primary key, no text unique, plan int);
     create table order_tags (o int references orders, t int references tags);
     create table items (o int references orders, line int not null);
     insert into plans values (1, 'free');
     insert into tags values (1, 'red');`,
  );
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/importers`);
  await Deno.writeTextFile(
    `${folder.path}/importers/orders.yaml`,
    `table: orders
columns: { no: no, plan: { from: plan, lookup: { table: plans, match: name } } }
many:
  - from: tags
    lookup: { table: tags, match: name }
    pivot: { table: order_tags, local: o, foreign: t }
nested:
  - { from: items, table: items, foreign_key: { o: id }, columns: { line: line } }
`,
  );
  await Deno.writeTextFile(
    `${folder.path}/importers/orders.test.yaml`,
    `
- case: all is right
  rows:
    - in: { no: A, plan: free, tags: [red], items: [{ line: 1 }] }
      values: { no: A, plan: 1 }
- case: a tag, a plan and a line are wrong
  rows:
    - in: { no: A, plan: gold, tags: [blue], items: [{ line: x }] }
      errors: { plan: lookup, tags: lookup, items.line: type }
`,
  );
  const tested = await ingest(["test"], { database: db, cwd: folder.path });
  assert.equal(tested.code, 0, tested.stdout + tested.stderr);
});
