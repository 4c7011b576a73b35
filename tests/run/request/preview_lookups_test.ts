/** What a preview says of values that are looked up. */
import assert from "node:assert/strict";
import { parseDefinition } from "../../../src/importer/parse.ts";
import { preview } from "../../../src/run/request/preview.ts";
import { count, type Workshop, workshop } from "../importing.ts";

const TABLES = `
  create table companies (id int generated always as identity primary key, name text);
  create unique index on companies (name) where id < 3;
  create index on companies (name);
  insert into companies (name) values ('Acme'), ('Müller GmbH'), ('Twice'), ('Twice');
  create table people (id int, company_id int, boss int);`;

async function look(shop: Workshop, lookup: string, file: string) {
  const columns = `columns: {id: id, company_id: {from: company, lookup: ${lookup}}}`;
  const parsed = parseDefinition(`table: people\n${columns}\n`, "people.yaml");
  assert.ok(!("problems" in parsed));
  await Deno.writeTextFile(shop.file, file);
  const { problems, rows, warnings } = await preview({
    definition: parsed.definition,
    ...{ path: shop.file, name: "people.csv", user: null, folder: shop.file, isBeginning: false },
    shown: 10,
  }, { session: shop.session, ledgerSchema: "ingest" });
  assert.deepEqual(problems, []);
  const errors = rows.all.map((row) =>
    row.errors.map(({ message, hint }) => [message, hint ?? ""].join(" ").trim()).join("; ")
  );
  return { errors, failing: rows.failing, mistakes: rows.mistakes, warnings };
}

Deno.test("a preview says which of the first rows' values another table doesn't have, or has twice", async () => {
  await using shop = await workshop(TABLES);
  const file = "id,company\n1,Acme\n2,Muller GmbH\n3,Nobody\n4,\n5,Twice\nx,Acme\n";
  const seen = await look(shop, "{table: companies, match: name}", file);
  assert.deepEqual(seen.errors, [
    "",
    "No companies row has this name. Did you mean Müller GmbH?",
    "No companies row has this name.",
    "",
    "Several companies rows have this name. 2 rows have it.",
    "The id field must be a whole number.",
  ]);
  assert.equal(seen.failing, 4);
  assert.deepEqual(
    seen.mistakes.map(({ code, rows, hint }) => [code, rows, hint]),
    [["lookup", 2, "Did you mean Müller GmbH?"], ["lookup_ambiguous", 1, "2 rows have it."], [
      "type",
      1,
      undefined,
    ]],
  );
});

Deno.test("a preview of look-ups that add what is missing says how much, and adds nothing", async () => {
  await using shop = await workshop(
    `${TABLES} delete from companies where id = 4; create unique index on companies (name);`,
  );
  const file = "id,company\n1,Acme\n2,New\n3,Newer\n4,New\n";
  const seen = await look(shop, "{table: companies, match: name, create: true}", file);
  assert.equal(seen.failing, 0);
  assert.ok(
    seen.warnings.includes(
      "companies doesn't have 2 values of the first rows: a run adds them (create: true).",
    ),
    seen.warnings.join("\n"),
  );
  assert.equal(await count(shop.session, "companies"), 3);
});

Deno.test("a preview says that a look-up was not tried if the table can't be asked in a moment", async () => {
  await using shop = await workshop(`${TABLES}
    create view slow as select id, name || pg_sleep(3600)::text as name from companies;`);
  const file = "id,company\n1,Acme\n";
  const seen = await look(shop, "{table: slow, match: name, returns: id}", file);
  assert.equal(seen.failing, 0);
  assert.match(
    seen.warnings.join("\n"),
    /What slow has was not looked up here .*A dry run tells\./u,
  );
});

Deno.test("a preview says that it was not looked up which rows the table has, and why", async () => {
  await using shop = await workshop("create table hosts (address inet primary key, name text)");
  const parsed = parseDefinition("table: hosts\nkey: address\n", "hosts.yaml");
  assert.ok(!("problems" in parsed));
  // Only Postgres knows what an address is.
  await Deno.writeTextFile(shop.file, "address,name\n10.0.0.1,a\nnowhere,b\n");
  const seen = await preview({
    definition: parsed.definition,
    ...{ path: shop.file, name: "hosts.csv", user: null, folder: shop.file, isBeginning: false },
    shown: 10,
  }, { session: shop.session, ledgerSchema: "ingest" });
  assert.equal(seen.duplicates, null);
  assert.deepEqual(seen.warnings, [
    "Which of the first rows hosts has already was not looked up here (invalid input syntax for " +
    'type inet: "nowhere"). A dry run tells.',
  ]);
});
