import assert from "node:assert/strict";
import { outcome, servingCustomers } from "./customer_runs.ts";

const SECRETIVE = `table: customers
description: from https://ana:hunter2@example.com/list?token=abc123&page=2, was /srv/private/list.csv
source: { type: file, path: /srv/private/list.csv, override: true }
columns:
  email: { from: [E-Mail, password], pattern: '^/x/.+@' }
  name: { from: token, map: { password: P, token: T } }
  age: { value: "7" }
  api_token: { value: s3cret }
  password: { from: password, default: s3cret2 }
`;

Deno.test("importers are listed with their definitions, the broken ones by name", async () => {
  await using api = await servingCustomers({ importers: { broken: "table: [1]\n" } });
  const { status, body } = await api.ask("/importers");
  assert.equal(status, 200);
  assert.deepEqual(
    body.data.map(({ slug }: { slug: string }) => slug),
    ["chosen", "customers", "everything", "nightly", "unlogged"],
  );
  assert.deepEqual(body.meta, { broken: ["broken"] });
  const one = await api.ask("/importers/chosen");
  assert.deepEqual(one.body.data, body.data[0]);
  assert.deepEqual(
    [one.body.data.table, one.body.data.source.path, one.body.data.source.override],
    ["customers", "nightly.csv", true],
  );
  const broken = await api.ask("/importers/broken");
  assert.equal(outcome(broken), "422 definition");
  assert.doesNotMatch(JSON.stringify(broken.body), /ingest-http|\/tmp/u);
  assert.match(JSON.stringify(broken.body.errors.table), /broken\.yaml:1/u);
  assert.equal(outcome(await api.ask("/importers/nobody")), "404 unknown_importer");
});

Deno.test("a definition is shown without its secrets and without folders of the machine", async () => {
  await using api = await servingCustomers({
    importers: { secretive: SECRETIVE },
  });
  const { body: { data } } = await api.ask("/importers/secretive");
  const text = JSON.stringify(data);
  assert.doesNotMatch(text, /hunter2|abc123|s3cret|\/srv|private/u);
  assert.equal(
    data.description,
    "from https://[redacted]@example.com/list?token=[redacted]&page=2, was list.csv",
  );
  assert.equal(data.source.path, "list.csv");
  // Names that only sound like secrets stay.
  assert.deepEqual(data.columns.email.from, ["E-Mail", "password"]);
  assert.equal(data.columns.email.pattern, "^/x/.+@");
  assert.deepEqual(data.columns.name.from, ["token"]);
  assert.deepEqual(data.columns.name.map, { password: "P", token: "T" });
  assert.equal(data.columns.age.value, "7");
  assert.deepEqual(
    [data.columns.api_token.value, data.columns.password.default, data.columns.password.from],
    ["[redacted]", "[redacted]", ["password"]],
  );
});
