/** Corrected rows whose values are looked up are tried without adding anything. */
import assert from "node:assert/strict";
import type { Definition } from "../../../src/importer/definition.ts";
import { parseDefinition } from "../../../src/importer/parse.ts";
import { recheckRows } from "../../../src/run/recheck/recheck_rows.ts";
import { count, workshop } from "../importing.ts";
import { retry } from "../retrying.ts";

const LOOKUP = "{ table: companies, match: name }";
const DEFINITION = `
table: people
columns: { id: id, company_id: { from: company, lookup: ${LOOKUP} } }
`;

function parsed(yaml: string): Definition {
  const found = parseDefinition(yaml, "people.yaml");
  assert.ok(!("problems" in found));
  return found.definition;
}

Deno.test("rows are tried with what the other table has now, and with what a retry would add", async () => {
  await using shop = await workshop(
    `create table companies (id int generated always as identity primary key, name text unique);
     insert into companies (name) values ('Acme');
     create table people (id int, company_id int references companies)`,
  );
  const file = "id,company\n1,Acme\n2,Acne\n3,Bolt\n";
  const run = await shop.drive(await shop.create(DEFINITION, file));
  const recheck = async (yaml: string) => {
    const definition = parsed(yaml);
    const found = await recheckRows(
      shop.ledger,
      run,
      [2, 3],
      () => Promise.resolve({ definition }),
    );
    assert.ok(found.checked);
    return found.rows.map(({ errors }) => errors?.details.map(({ code, hint }) => [code, hint]));
  };
  assert.deepEqual(await recheck(DEFINITION), [
    [["lookup", "Did you mean Acme?"]],
    [["lookup", undefined]],
  ]);
  const adding = DEFINITION.replace("name }", "name, create: true }");
  assert.deepEqual(await recheck(adding), [undefined, undefined]);
  assert.equal(await count(shop.session, "companies"), 1);
  await shop.session.query("insert into companies (name) values ('Bolt')");
  assert.deepEqual(await recheck(DEFINITION), [[["lookup", "Did you mean Acme?"]], undefined]);
  const retried = await retry(shop, run.id, { definition: adding });
  assert.deepEqual(retried.summary?.added, { companies: 1 });
  assert.equal(await count(shop.session, "people join companies c on c.id = company_id"), 3);
});
