/** A request with an Idempotency-Key is done once, however often and wherever it is sent. */
import assert from "node:assert/strict";
import { startServer } from "../../src/http/server.ts";
import { BASE_PATH } from "../../src/http/route.ts";
import { forgetKeys } from "../../src/ledger/runs/request_keys.ts";
import { customers, form, outcome, sendJson, servingCustomers, TWO_BAD } from "./customer_runs.ts";
import { documentOf } from "./documented.ts";
import type { Answer, Serving } from "./serving.ts";
import { until } from "../support/until.ts";

type Init = RequestInit & { readonly token?: string };

function withKey(key: string, init: Init = { method: "POST" }): Init {
  const headers = new Headers(init.headers);
  headers.set("idempotency-key", key);
  return { ...init, headers };
}

function uploading(csv: string, fields: Readonly<Record<string, string>> = {}, name?: string) {
  return { method: "POST", body: form(csv, fields, name) };
}

async function countRuns(api: Serving): Promise<number> {
  const [{ runs }] = await api.ledger.query<{ runs: number }>(
    "select count(*) as runs from ingest.runs",
  );
  return runs;
}

function replayed({ headers }: Answer): boolean {
  return headers.get("idempotency-replayed") === "true";
}

Deno.test("an upload that is sent again with its key gives the same run", async () => {
  await using api = await servingCustomers();
  const document = await documentOf(api);
  // Each form has another boundary.
  const send = () => api.ask("/upload/customers", withKey("a", uploading(customers(3))));
  const first = await send();
  assert.deepEqual([first.status, replayed(first)], [202, false]);
  const again = await send();
  assert.deepEqual([again.status, replayed(again)], [202, true]);
  assert.equal(again.body.data.id, first.body.data.id);
  assert.equal(again.headers.get("location"), first.headers.get("location"));
  document.check("POST /api/v1/ingest/upload/{importer}", again);
  await api.drive(first.body.data.id);
  // In quotes, as the draft has it.
  const later = await api.ask("/upload/customers/", withKey('"a"', uploading(customers(3))));
  assert.deepEqual([later.status, later.body.data.status], [202, "completed"]);
  assert.equal(await countRuns(api), 1);
  assert.equal([...Deno.readDirSync(api.storage)].length, 1, "nothing of the others is stored");
  assert.notEqual(
    (await api.ask("/upload/customers", withKey("b", uploading(customers(3))))).body.data.id,
    first.body.data.id,
  );
});

Deno.test("a key of another request is refused: other bytes, name, fields, query, or route", async () => {
  await using api = await servingCustomers();
  const csv = customers(3);
  const first = await api.ask("/upload/customers", withKey("a", uploading(csv)));
  await api.drive(first.body.data.id);
  const others: readonly (readonly [string, Init])[] = [
    ["/upload/customers", uploading(customers(4))],
    ["/upload/customers", uploading(csv, {}, "other.csv")],
    ["/upload/customers", uploading(csv, { dry_run: "true" })],
    ["/upload/customers?dry_run=true", uploading(csv)],
    ["/upload/everything", uploading(csv)],
    ["/trigger/nightly", sendJson({})],
    [`/${first.body.data.id}/undo`, { method: "POST" }],
  ];
  for (const [path, init] of others) {
    const answer = await api.ask(path, withKey("a", init));
    assert.equal(outcome(answer), "422 key_reused", path);
  }
  assert.equal(await countRuns(api), 1);
  assert.equal([...Deno.readDirSync(api.storage)].length, 1);
});

Deno.test("every request that starts or changes something is done once", async () => {
  await using api = await servingCustomers();
  const document = await documentOf(api);
  const twice = async (operation: string, path: string, init: Init = { method: "POST" }) => {
    const first = await api.ask(path, withKey(operation, init));
    const again = await api.ask(path, withKey(operation, init));
    assert.ok(first.status < 300, JSON.stringify(first.body));
    assert.deepEqual([again.status, replayed(again)], [first.status, true], operation);
    const { data, ...rest } = again.body;
    const { data: before, ...restBefore } = first.body;
    assert.deepEqual([data.id, rest], [before.id, restBefore]);
    document.check(`POST /api/v1/ingest${operation}`, again);
    return before.id as number;
  };
  const triggered = await twice("/trigger/{importer}", "/trigger/nightly", sendJson({}));
  await twice("/{id}/cancel", `/${triggered}/cancel`, sendJson({ now: true }));
  await twice("/{id}/resume", `/${triggered}/resume`, sendJson({ max_errors: 5 }));
  await api.drive(triggered);
  const bad = (await api.ask("/upload/customers", uploading(TWO_BAD))).body.data.id;
  await api.drive(bad);
  await twice("/{id}/waive", `/${bad}/waive`, sendJson({ rows: "2", reason: "a test" }));
  await api.drive(await twice("/{id}/retry", `/${bad}/retry`, sendJson({ dry_run: false })));
  const edited = await (await api.fetch(`/${bad}/failed-rows/download`)).text();
  const retry = await twice(
    "/{id}/retry/upload",
    `/${bad}/retry/upload`,
    uploading(edited.replace(",,7", ",Cy,7")),
  );
  await api.drive(retry);
  await twice("/{id}/undo", `/${bad}/undo`);
  const [{ keys, runs }] = await api.ledger.query<{ keys: number; runs: number }>(
    `select count(*) as keys, (select count(*) from ingest.runs) as runs from ingest.request_keys
     where run_id is not null`,
  );
  assert.deepEqual([keys, runs], [7, 5]);
});

Deno.test("corrections are kept once, and their answer is given again word for word", async () => {
  await using api = await servingCustomers();
  const { id } = (await api.ask("/upload/customers", uploading(TWO_BAD))).body.data;
  await api.drive(id);
  const correct = (value: string) =>
    sendJson({ corrections: [{ row_number: 2, column: "age", value, expected: "x" }] });
  const first = await api.ask(`/${id}/corrections`, withKey("a", correct("33")));
  assert.equal(first.status, 200, JSON.stringify(first.body));
  // Without its key it would be a conflict: the cell holds something else now.
  const again = await api.ask(`/${id}/corrections`, withKey("a", correct("33")));
  assert.deepEqual([again.status, replayed(again), again.body], [200, true, first.body]);
  assert.equal(
    outcome(await api.ask(`/${id}/corrections`, withKey("a", correct("34")))),
    "422 key_reused",
  );
  // What was refused may be tried again.
  for (let i = 0; i < 2; i++) {
    const refused = await api.ask(`/${id}/corrections`, withKey("b", correct("35")));
    assert.equal(outcome(refused), "409 conflict");
  }
  const replace = sendJson({ column: "name", from: "", to: "Cy" });
  const once = await api.ask(`/${id}/corrections/replace`, withKey("c", replace));
  const twice = await api.ask(`/${id}/corrections/replace`, withKey("c", replace));
  assert.deepEqual([twice.status, replayed(twice), twice.body], [200, true, once.body]);
});

Deno.test("the order of a JSON body's fields makes no difference, and none is the same as {}", async () => {
  await using api = await servingCustomers();
  const first = await api.ask(
    "/trigger/nightly",
    withKey("a", sendJson('{"dry_run":true,"once":false}')),
  );
  const again = await api.ask(
    "/trigger/nightly",
    withKey("a", sendJson('{"once":false, "dry_run":true}')),
  );
  assert.deepEqual([again.status, again.body.data.id], [202, first.body.data.id]);
  const empty = await api.ask("/trigger/nightly", withKey("b"));
  assert.equal(
    (await api.ask("/trigger/nightly", withKey("b", sendJson({})))).body.data.id,
    empty.body.data.id,
  );
});

Deno.test("each token has its own keys", async () => {
  await using api = await servingCustomers({ tokens: true });
  const [a, b] = [await api.token("run"), await api.token("run")];
  const send = async (token: string) =>
    (await api.ask("/upload/customers", { ...withKey("a", uploading(customers(2))), token }))
      .body.data.id;
  const ids = [await send(a), await send(b), await send(a), await send(b)];
  assert.deepEqual([ids[2], ids[3]], [ids[0], ids[1]]);
  assert.notEqual(ids[0], ids[1]);
});

Deno.test("what a key can't be is refused, and nothing starts", async () => {
  await using api = await servingCustomers();
  for (const key of ["", '""', " ", "a b", "x".repeat(256), "ä"]) {
    const answer = await api.ask("/upload/customers", withKey(key, uploading(customers(1))));
    assert.equal(outcome(answer), "422 validation", key);
    assert.deepEqual(Object.keys(answer.body.errors), ["Idempotency-Key"]);
  }
  assert.equal(await countRuns(api), 0);
  const longest = await api.ask(
    "/upload/customers",
    withKey("x".repeat(255), uploading(customers(1))),
  );
  assert.equal(longest.status, 202);
});

Deno.test("a request that failed before it did anything may be tried again, and be another one", async () => {
  await using api = await servingCustomers();
  const wrong = await api.ask(
    "/upload/customers",
    withKey("a", uploading("nothing,of,that\n1,2,3\n")),
  );
  assert.equal(outcome(wrong), "422 header");
  const [{ keys }] = await api.ledger.query<{ keys: number }>(
    "select count(*) as keys from ingest.request_keys",
  );
  assert.equal(keys, 0);
  const right = await api.ask("/upload/customers", withKey("a", uploading(customers(2))));
  assert.deepEqual([right.status, replayed(right)], [202, false]);
});

Deno.test("requests that come at the same time, on two servers, give one run", async () => {
  await using api = await servingCustomers();
  await using other = await anotherServer(api);
  const send = (base: string) =>
    api.ask(`${base}/upload/customers`, withKey("a", uploading(customers(200))));
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => send(i % 2 === 0 ? api.base : other.base)),
  );
  assert.deepEqual(answers.map(({ status }) => status), answers.map(() => 202));
  assert.equal(new Set(answers.map(({ body }) => body.data.id)).size, 1);
  assert.equal(answers.filter((answer) => !replayed(answer)).length, 1);
  assert.equal(await countRuns(api), 1);
});

Deno.test("who is still uploading is waited for", async () => {
  await using api = await servingCustomers();
  const csv = customers(3);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const body = { method: "POST", headers: { "content-type": "text/csv" } };
  const slow = api.ask("/upload/customers", withKey("a", { ...body, body: readable }));
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode(csv.slice(0, 20)));
  await waitForKey(api);
  const second = api.ask("/upload/customers", withKey("a", { ...body, body: csv }));
  await writer.write(new TextEncoder().encode(csv.slice(20)));
  await writer.close();
  const [first, again] = await Promise.all([slow, second]);
  assert.deepEqual([first.status, again.status, replayed(again)], [202, 202, true]);
  assert.equal(again.body.data.id, first.body.data.id);
});

Deno.test("a key whose holder has died is taken over, and the dead can't do it any more", async () => {
  await using api = await servingCustomers();
  // A process that has been killed in the middle of an upload.
  await api.ledger.execute(
    `insert into ingest.request_keys (token_id, key, holder, seen_at)
     values (0, 'a', gen_random_uuid(), now() - interval '31 seconds')`,
  );
  const answer = await api.ask("/upload/customers", withKey("a", uploading(customers(2))));
  assert.deepEqual([answer.status, replayed(answer)], [202, false]);

  // One that was only frozen, and wakes up when somebody else has its key.
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const frozen = api.ask(
    "/upload/customers",
    withKey("b", {
      ...{ method: "POST", headers: { "content-type": "text/csv" }, body: readable },
    }),
  );
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode(customers(2)));
  await waitForKey(api, "b");
  await api.ledger.execute(
    "update ingest.request_keys set holder = gen_random_uuid() where key = 'b'",
  );
  await writer.close();
  const refused = await frozen;
  assert.equal(outcome(refused), "409 key_in_use");
  assert.equal(refused.headers.get("retry-after"), "5");
  assert.equal(await countRuns(api), 1);
  assert.equal([...Deno.readDirSync(api.storage)].length, 1);
});

Deno.test("if the server dies after the run is there, the next request gets that run", async () => {
  await using api = await servingCustomers();
  const send = () => api.ask("/trigger/nightly", withKey("a", sendJson({})));
  const first = await send();
  // What is recorded with the run is all that there is to know.
  const [key] = await api.ledger.query<{ run_id: number; answer: unknown }>(
    "select run_id, answer from ingest.request_keys",
  );
  assert.deepEqual(key, { run_id: first.body.data.id, answer: null });
  // The transaction failed: neither the run nor its record is there.
  await api.ledger.execute(
    `create function refuse() returns trigger language plpgsql as
       $$ begin raise exception 'no' using errcode = '57P01'; end $$;
     create trigger refuse before update on ingest.request_keys for each row
       when (new.run_id is not null) execute function refuse()`,
  );
  assert.ok((await api.ask("/trigger/nightly", withKey("b", sendJson({})))).status >= 500);
  assert.equal(await countRuns(api), 1);
  await api.ledger.execute("drop trigger refuse on ingest.request_keys");
  assert.equal((await api.ask("/trigger/nightly", withKey("b", sendJson({})))).status, 202);
});

Deno.test("a run that was deleted since is not made again", async () => {
  await using api = await servingCustomers();
  const send = () => api.ask("/upload/customers", withKey("a", uploading(customers(2))));
  const { body: { data: { id } } } = await send();
  await api.drive(id);
  assert.equal((await api.ask(`/${id}`, { method: "DELETE" })).status, 204);
  assert.equal(outcome(await send()), "404 no_such_run");
});

Deno.test("keys are known for a day", async () => {
  await using api = await servingCustomers();
  const first = await api.ask("/upload/customers", withKey("a", uploading(customers(2))));
  const age = (by: string) =>
    api.ledger.execute(`update ingest.request_keys set seen_at = now() - interval '${by}'`);
  await age("23 hours 59 minutes");
  assert.equal(await forgetKeys(api.ledger, 10), 0);
  const again = await api.ask("/upload/customers", withKey("a", uploading(customers(2))));
  assert.equal(again.body.data.id, first.body.data.id);
  await age("24 hours 1 minute");
  assert.equal(await forgetKeys(api.ledger, 10), 1);
});

function waitForKey(api: Serving, key = "a"): Promise<void> {
  return until(api.ledger, `exists (select from ingest.request_keys where key = '${key}')`);
}

function anotherServer(api: Serving) {
  const server = startServer({
    config: api.database.config,
    schemaName: "ingest",
    host: "127.0.0.1",
    port: 0,
    importersFolder: `${api.folder}/importers`,
    storageFolder: () => Promise.resolve(api.storage),
    sourceFolder: null,
    maxUpload: 10_000_000,
    worksHere: true,
    isOpen: true,
    corsOrigins: [],
    savesDefinitions: false,
    allowedHosts: [],
    variable: () => undefined,
    log: () => {},
  });
  return {
    base: `http://127.0.0.1:${server.port}${BASE_PATH}`,
    [Symbol.asyncDispose]: () => server.close(10_000),
  };
}
