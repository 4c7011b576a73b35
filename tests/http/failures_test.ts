/** Failures have one shape and a fitting status, and reveal nothing. */
import assert from "node:assert/strict";
import {
  customers,
  form,
  outcome,
  sendJson,
  servingCustomers,
  TWO_BAD,
  upload,
  uploadAndDrive,
} from "./customer_runs.ts";
import type { Answer, Serving } from "./serving.ts";

const post = { method: "POST" };

/** Routes of a run. */
const OF_A_RUN: readonly (readonly [string, string])[] = [
  ["GET", ""],
  ["GET", "/rows"],
  ["GET", "/errors/summary"],
  ["GET", "/failed-rows/download"],
  ["POST", "/cancel"],
  ["POST", "/resume"],
  ["POST", "/retry"],
  ["DELETE", ""],
];

Deno.test("every route refuses an invalid run number in the same way, and doesn't find an unknown one", async () => {
  await using api = await servingCustomers();
  for (const [method, path] of OF_A_RUN) {
    for (const id of ["12345678901234567890", "0", "-1", "abc", "1.5", "1e3", "%00", "%F0%9F"]) {
      const answer = await api.ask(`/${id}${path}`, { method });
      assert.equal(outcome(answer), "422 validation", `${method} /${id}${path}`);
      assert.deepEqual(answer.body.errors, { id: ["expected the number of a run"] });
    }
    for (const id of ["999", "999999999999999"]) {
      const answer = await api.ask(`/${id}${path}`, { method });
      assert.equal(outcome(answer), "404 no_such_run", `${method} /${id}${path}`);
      assert.match(answer.body.message, new RegExp(`^There is no run ${id}\\.`, "u"));
    }
  }
});

/** Bodies of `cancel`, and their answers. */
const BODIES: readonly (readonly [RequestInit, string])[] = [
  [sendJson("{"), "400 malformed"],
  [sendJson("\0"), "400 malformed"],
  [sendJson("{'now': true}"), "400 malformed"],
  [sendJson("null"), "422 validation"],
  [sendJson("[]"), "422 validation"],
  [sendJson('"now"'), "422 validation"],
  [sendJson({ now: "yes" }), "422 validation"],
  [sendJson({ now: true, then: 1 }), "422 validation"],
  [sendJson({ constructor: 1 }), "422 validation"],
  [sendJson('{"__proto__": 1, "toString": 1}'), "422 validation"],
  [{ ...post, body: '{"now":true}' }, "415 unsupported_media_type"],
  [{ ...post, body: new URLSearchParams({ now: "true" }) }, "415 unsupported_media_type"],
  [{ ...post, body: form("a") }, "415 unsupported_media_type"],
  [sendJson(" ".repeat(64 * 1024 + 1)), "413 too_large"],
  [sendJson({ now: "x".repeat(70_000) }), "413 too_large"],
];

Deno.test("an unusable body is refused with the reason", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(1));
  for (const [init, expected] of BODIES) {
    const what = String(init.body).slice(0, 40);
    assert.equal(outcome(await api.ask(`/${id}/cancel`, init)), expected, what);
  }
  const { body } = await api.ask(`/${id}/cancel`, sendJson('{"__proto__": 1, "toString": 1}'));
  assert.deepEqual(Object.keys(body.errors), ["__proto__", "toString"]);
  assert.equal((await api.ask(`/${id}`)).body.data.status, "pending");
  for (const type of ["application/json; charset=utf-8", "application/merge-patch+json"]) {
    const init = { ...post, headers: { "content-type": type }, body: '{"now":false}' };
    assert.equal((await api.ask(`/${id}/cancel`, init)).status, 200);
  }
});

Deno.test("a trailing slash and HEAD are answered, and an unknown route is 404", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD);
  for (const path of ["", `/${id}`, `/${id}/rows`, `/${id}/errors/summary`, "/importers"]) {
    const plain = await api.ask(path);
    assert.equal(plain.status, 200, path);
    assert.deepEqual((await api.ask(`${path}/`)).body, plain.body);
    const head = await api.fetch(path, { method: "HEAD" });
    assert.equal(head.status, 200, path);
    assert.equal(await head.text(), "");
  }
  const nowhere: readonly (readonly [string, string])[] = [
    ["GET", "/nothing/here"],
    ["GET", `/${id}/nothing`],
    ["GET", `${api.origin}/nothing`],
    ["GET", `${api.origin}/api/v1`],
  ];
  for (const [method, path] of nowhere) {
    const answer = await api.ask(path, { method });
    assert.equal(outcome(answer), "404 not_found", `${method} ${path}`);
  }
});

/** One request of each kind that fails, 500 among them. */
async function provoke(api: Serving): Promise<readonly Answer[]> {
  const bad = await uploadAndDrive(api, TWO_BAD);
  const open = await upload(api, customers(2));
  await Deno.writeTextFile(
    `${api.folder}/importers/lost.yaml`,
    "table: customers\nsource: { type: file, path: /srv/nowhere/at all.csv }\n",
  );
  await Deno.writeTextFile(`${api.folder}/importers/broken.yaml`, "tabel: customers\n");
  await Deno.writeTextFile(`${api.folder}/importers/tableless.yaml`, "table: nowhere\n");
  await Deno.writeTextFile(
    `${api.folder}/importers/mistaken.yaml`,
    "table: customers\ncolumns: { emial: email }\n",
  );
  for (const twin of ["one", "two"]) {
    await Deno.writeTextFile(
      `${api.folder}/importers/${twin}.yaml`,
      "slug: twin\ntable: customers\n",
    );
  }
  const answers = [
    await api.ask("/importers/twin"),
    await api.ask("?limit=0"),
    await api.ask("/nothing/here"),
    await api.ask("/999"),
    await api.ask("/abc"),
    await api.ask("/importers/broken"),
    await api.ask("/importers/nobody"),
    await api.ask("/trigger/lost", post),
    await api.ask("/trigger/nobody", post),
    await api.ask("/trigger/chosen", sendJson({ source: { path: "../x" } })),
    await api.ask("/upload/customers", { ...post, body: form("") }),
    await api.ask("/upload/customers", { ...post, body: form("no,such\n1,2\n") }),
    await api.ask("/upload/tableless", { ...post, body: form(TWO_BAD) }),
    await api.ask("/upload/mistaken", { ...post, body: form(TWO_BAD) }),
    await api.ask("/upload/customers", { ...post, body: "x" }),
    await api.ask(`/${bad}/resume`, post),
    await api.ask(`/${bad}/cancel`, sendJson("{")),
    await api.ask(`/${bad}/retry`, { ...post, body: form("a,b\n1,2\n") }),
    await api.ask(`/${open}/retry`, post),
    await api.ask(`/${open}/failed-rows/download`),
    await api.ask(`/${open}`, { method: "DELETE" }),
    await api.ask("", { headers: { authorization: "Bearer wrong" } }),
    await api.ask("", { headers: { "x-long": "x".repeat(20_000) } }),
  ];
  // An unforeseen error.
  await api.database.session.execute("alter table ingest.runs rename column importer to renamed");
  answers.push(
    await api.ask(""),
    await api.ask("/upload/customers", {
      ...post,
      body: form(TWO_BAD),
    }),
  );
  return answers;
}

Deno.test("a failure says what is wrong, and nothing about the machine or the program", async () => {
  await using api = await servingCustomers();
  const answers = await provoke(api);
  const statuses = new Set<number>();
  for (const answer of answers) {
    const { status, headers, body } = answer;
    const text = JSON.stringify(body);
    statuses.add(status);
    assert.ok(status >= 400, text);
    assert.equal(headers.get("content-type"), "application/json");
    assert.deepEqual(
      Object.keys(body).filter((key) => key !== "errors"),
      ["message", "code"],
      text,
    );
    assert.match(body.message, /^[A-Z][^\n]+$/u, text);
    assert.match(body.code, /^[a-z_]+$/u);
    for (const texts of Object.values(body.errors ?? {})) {
      assert.ok(Array.isArray(texts) && texts.every((each) => typeof each === "string"), text);
    }
    assert.doesNotMatch(text, /\.ts\b|node_modules|\bat (?:async )?\w+ \(|Error:/u, "a stack");
    assert.doesNotMatch(text, /select |insert into|update |SQLSTATE|ingest\.runs/u, "SQL");
    assert.doesNotMatch(text, /\/(?:tmp|srv|root|home|work)\b|ingest-http/u, "a path");
  }
  for (const status of [400, 401, 404, 409, 415, 422, 431, 500]) {
    assert.ok(statuses.has(status), `none of the requests failed with ${status}`);
  }
});

Deno.test("each answer has security headers, and an id that is also in the log", async () => {
  await using api = await servingCustomers();
  const answers = [...await provoke(api), await api.ask(`${api.origin}/healthz`)];
  for (const { status, headers } of answers) {
    const id = headers.get("x-request-id");
    const lines = api.log.filter((line) => line.request_id === id);
    assert.equal(lines.length, 1, `${id}`);
    assert.equal(lines[0].status, status);
    // The reason, which the client isn't told.
    assert.equal(lines[0].error !== undefined, status >= 500);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("x-frame-options"), "DENY");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/u);
  }
  const given = await api.ask("/999", { headers: { "x-request-id": "from-a-proxy-1" } });
  assert.equal(given.headers.get("x-request-id"), "from-a-proxy-1");
  const forged = await api.ask("/999", { headers: { "x-request-id": 'x", "level": "info' } });
  assert.match(forged.headers.get("x-request-id") ?? "", /^[\da-f-]{36}$/u);
});
