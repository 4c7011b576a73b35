/** Nothing in a query is ignored. */
import assert from "node:assert/strict";
import { formWith, takingUploads, uploadForm, uploadRaw } from "./uploading.ts";
import { customers } from "../cli/customers.ts";

Deno.test("a query parameter that is unknown or given twice is refused", async () => {
  await using api = await takingUploads();
  const { body: { data } } = await uploadRaw(api, customers(1));
  const cases: readonly (readonly [string, string, string])[] = [
    ["POST", "/upload/customers?dryrun=1", "dryrun"],
    ["POST", "/upload/customers?dry_run=0&dry_run=1", "dry_run"],
    ["POST", "/trigger/local?dry_run=1", "dry_run"],
    ["POST", `/${data.id}/cancel?now=1`, "now"],
    ["DELETE", `/${data.id}?force=1`, "force"],
    ["GET", "?status[]=failed", "status[]"],
    ["GET", `/${data.id}/errors/summary?limit=1`, "limit"],
    ["GET", "?constructor=1", "constructor"],
  ];
  for (const [method, path, field] of cases) {
    const { status, body } = await api.ask(path, { method });
    assert.deepEqual([status, body.code, Object.keys(body.errors)], [422, "validation", [field]]);
  }
  assert.equal((await api.ask("")).body.data.length, 1);
});

Deno.test("a key that a JSON body has twice is refused, and so is a body that is not UTF-8", async () => {
  await using api = await takingUploads();
  const { body: { data } } = await uploadRaw(api, customers(1));
  const send = (path: string, body: BodyInit) =>
    api.ask(path, { method: "POST", headers: { "content-type": "application/json" }, body });
  const cases: readonly (readonly [string, string, string])[] = [
    [`/${data.id}/cancel`, '{"now": true, "now": false}', "now"],
    [`/${data.id}/cancel`, String.raw`{"now":false,"\u006eow":true}`, "now"],
    ["/trigger/local", '{"dry_run":true,"source":{"path":"a,b:\\"","path":"b"}}', "source.path"],
    ["/trigger/local", '{"dry_run":true,"source":{},"dry_run":false}', "dry_run"],
    [`/${data.id}/retry`, '{"a":[{"b":1},{"b":2}],"c":{"a":[{"d":1,"d":2}]}}', "c.a.d"],
  ];
  for (const [path, sent, field] of cases) {
    const { status, body } = await send(path, sent);
    assert.deepEqual([status, body.code, body.errors], [422, "validation", {
      [field]: ["it was given twice"],
    }], sent);
  }
  for (const bytes of [[0x22, 0xff, 0x22], [0x22, 0xc3]]) {
    const { status, body } = await send("/trigger/local", new Uint8Array(bytes));
    assert.deepEqual([status, body.message], [400, "The body is not UTF-8, as JSON has to be."]);
  }
  assert.equal((await api.ask("")).body.data.length, 1);
});

Deno.test("an upload can ask for a dry run in several places, and contradictions are refused", async () => {
  await using api = await takingUploads();
  const dryRuns = [
    await uploadRaw(api, customers(1), "?dry_run=1"),
    await uploadForm(api, formWith(customers(1), "c.csv", { dry_run: "true" })),
    await api.ask("/upload/customers?dry_run=true", {
      method: "POST",
      body: formWith(customers(1)),
    }),
  ];
  for (const { status, body } of dryRuns) {
    assert.deepEqual([status, body.data.dry_run], [202, true]);
  }
  const contradiction = await api.ask("/upload/customers?dry_run=false", {
    method: "POST",
    body: formWith(customers(1), "c.csv", { dry_run: "true" }),
  });
  assert.deepEqual([contradiction.status, Object.keys(contradiction.body.errors)], [
    422,
    ["dry_run"],
  ]);
});

Deno.test("a retry's body and query must not disagree", async () => {
  await using api = await takingUploads();
  const { body: { data } } = await uploadRaw(api, customers(1));
  const { status, body } = await api.ask(`/${data.id}/retry?dry_run=1`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"dry_run": false}',
  });
  assert.deepEqual([status, Object.keys(body.errors)], [422, ["dry_run"]]);
});
