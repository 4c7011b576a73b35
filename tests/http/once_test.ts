/** `once`: a file that an importer has loaded makes no run. */
import assert from "node:assert/strict";
import { customers, form, outcome, sendJson, servingCustomers } from "./customer_runs.ts";
import { documentOf } from "./documented.ts";

const TABLE = "table: customers\nkey: [email]\n";

Deno.test("an upload with once answers with the run that has loaded the same bytes", async () => {
  await using api = await servingCustomers({
    importers: { single: `${TABLE}options: { once: true }\n` },
  });
  const document = await documentOf(api);
  const send = (path: string, fields: Readonly<Record<string, string>> = {}) =>
    api.ask(path, { method: "POST", body: form(customers(3), fields, "other.csv") });
  const first = await send("/upload/customers", { once: "true" });
  assert.equal(first.status, 202);
  const { id } = first.body.data;
  const loading = await send("/upload/customers", { once: "1" });
  assert.deepEqual([loading.status, loading.body.data.id], [200, id]);
  assert.match(loading.body.message, /^Run \d+ is loading the same bytes/);
  await api.drive(id);
  for (
    const answer of [
      await send("/upload/customers", { once: "true" }),
      await send("/upload/customers?once=true"),
      await api.ask("/upload/customers?once=true&filename=x.csv", {
        ...{ method: "POST", body: customers(3) },
        headers: { "content-type": "text/csv" },
      }),
    ]
  ) {
    assert.deepEqual([answer.status, answer.body.data.id], [200, id]);
    assert.match(answer.body.message, /^Run \d+ has loaded the same bytes/);
    document.check("POST /api/v1/ingest/upload/{importer}", answer);
  }
  assert.equal((await send("/upload/customers")).status, 202, "not asked for");
  assert.equal((await send("/upload/single")).status, 202, "another importer");
  assert.equal((await send("/upload/single")).status, 200, "options.once");
  assert.equal((await send("/upload/single", { once: "false" })).status, 202);
  const files = [...Deno.readDirSync(`${api.folder}/storage`)];
  const [{ runs }] = await api.ledger.query<{ runs: number }>(
    "select count(*) as runs from ingest.runs",
  );
  assert.equal(files.length, runs, "nothing stays of what made no run");
});

Deno.test("what once can't be is refused, and nothing starts", async () => {
  await using api = await servingCustomers();
  const send = (path: string, fields: Readonly<Record<string, string>> = {}) =>
    api.ask(path, { method: "POST", body: form(customers(3), fields) });
  assert.equal(outcome(await send("/upload/customers", { once: "maybe" })), "422 validation");
  assert.equal(outcome(await send("/upload/customers?once=0", { once: "1" })), "422 validation");
  assert.equal(
    outcome(await api.ask("/trigger/nightly", sendJson({ once: "yes" }))),
    "422 validation",
  );
  const [{ runs }] = await api.ledger.query<{ runs: number }>(
    "select count(*) as runs from ingest.runs",
  );
  assert.equal(runs, 0);
});

Deno.test("a trigger with once starts a run only when its file has changed", async () => {
  await using api = await servingCustomers();
  const first = await api.ask("/trigger/nightly", sendJson({ once: true }));
  assert.equal(first.status, 202);
  await api.drive(first.body.data.id);
  const again = await api.ask("/trigger/nightly", sendJson({ once: true }));
  assert.deepEqual([again.status, again.body.data.id], [200, first.body.data.id]);
  assert.equal(again.body.data.checksum?.length, 64);
  const document = await documentOf(api);
  document.check("POST /api/v1/ingest/trigger/{importer}", again);
  assert.equal((await api.ask("/trigger/nightly", sendJson({}))).status, 202);
});
