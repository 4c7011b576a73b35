/** Pages of other origins may use the API only if the server names them. */
import assert from "node:assert/strict";
import { customers, form, outcome, sendJson, servingCustomers } from "./customer_runs.ts";
import type { Answer, Serving } from "./serving.ts";

const APP = "https://app.example.com";
const CORS = { corsOrigins: [APP, "http://localhost:5173"] };

function corsHeaders({ headers }: Pick<Answer, "headers">): string[] {
  return [...headers.keys()].filter((name) => name.startsWith("access-control-")).sort();
}

/** Deno adds `Accept-Encoding`. */
function variesByOrigin({ headers }: Pick<Answer, "headers">): boolean {
  return headers.get("vary")?.split(", ").includes("Origin") === true;
}

function preflight(api: Serving, path: string, origin: string, more: HeadersInit = {}) {
  const headers = new Headers(more);
  headers.set("origin", origin);
  headers.set("access-control-request-method", "POST");
  headers.set("access-control-request-headers", "authorization,content-type,idempotency-key");
  return api.ask(path, { method: "OPTIONS", headers });
}

/** As browsers send them from a page of this origin. */
function from(origin: string, init: RequestInit = {}): RequestInit {
  const headers = new Headers(init.headers);
  headers.set("origin", origin);
  headers.set("sec-fetch-site", "cross-site");
  headers.set("sec-fetch-mode", "cors");
  return { ...init, headers };
}

Deno.test("a page of a named origin may ask, and read the answers and their headers", async () => {
  await using api = await servingCustomers({ ...CORS, tokens: true });
  const token = await api.token("run");
  const allowed = await preflight(api, "/upload/customers", APP);
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers.get("access-control-allow-origin"), APP);
  assert.match(allowed.headers.get("access-control-allow-methods") ?? "", /\bPOST\b.*\bDELETE\b/);
  for (const name of ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"]) {
    assert.ok(allowed.headers.get("access-control-allow-headers")?.includes(name), name);
  }
  assert.ok(variesByOrigin(allowed));

  const made = await api.ask("/upload/customers", {
    ...from(APP, { method: "POST", body: form(customers(2)) }),
    token,
  });
  assert.equal(made.status, 202);
  assert.equal(made.headers.get("access-control-allow-origin"), APP);
  for (const name of ["Location", "Retry-After", "X-Request-Id", "Content-Disposition"]) {
    assert.ok(made.headers.get("access-control-expose-headers")?.includes(name), name);
  }
  // Never with a cookie.
  assert.equal(made.headers.get("access-control-allow-credentials"), null);
  for (const answer of [made, allowed]) {
    assert.equal(answer.headers.get("access-control-allow-private-network"), null);
  }
  const local = await preflight(api, "", APP, { "access-control-request-private-network": "true" });
  assert.equal(local.headers.get("access-control-allow-private-network"), "true");
});

Deno.test("failures can be read, too: 401, 404, 405, 422", async () => {
  await using api = await servingCustomers({ ...CORS, tokens: true });
  const token = await api.token("read");
  const answers = [
    await api.ask("", from(APP)),
    await api.ask("/99", { ...from(APP), token }),
    await api.ask("/99", { ...from(APP, { method: "PUT" }), token }),
    await api.ask("/nothing/here", { ...from(APP), token }),
    await api.ask("?limit=0", { ...from(APP), token }),
    await api.ask("/trigger/nightly", { ...from(APP, sendJson({})), token }),
  ];
  assert.deepEqual(answers.map(outcome), [
    "401 unauthorized",
    "404 no_such_run",
    "405 method_not_allowed",
    "404 not_found",
    "422 validation",
    "403 forbidden",
  ]);
  for (const answer of answers) {
    assert.equal(answer.headers.get("access-control-allow-origin"), APP);
    assert.ok(variesByOrigin(answer));
  }
});

Deno.test("without tokens, a page of a named origin is as good as a program on this machine", async () => {
  await using api = await servingCustomers(CORS);
  assert.equal((await api.ask("", from("http://localhost:5173"))).status, 200);
  assert.equal((await api.ask("/trigger/nightly", from(APP, sendJson({})))).status, 202);
  const others = [
    "https://evil.example",
    "https://app.example.com.evil.example",
    "http://app.example.com",
    "https://app.example.com:8443",
    "http://localhost:5174",
    "null",
    "",
  ];
  for (const origin of others) {
    const refused = await api.ask("/trigger/nightly", from(origin, sendJson({})));
    assert.equal(outcome(refused), "403 forbidden", origin);
    assert.deepEqual(corsHeaders(refused), [], origin);
    const asked = await preflight(api, "/trigger/nightly", origin);
    assert.equal(outcome(asked), "403 forbidden", origin);
    assert.deepEqual(corsHeaders(asked), [], origin);
  }
  // Images and forms of other pages have no origin to go by, or `null`.
  const image = { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" } };
  assert.equal(outcome(await api.ask("", image)), "403 forbidden");
});

Deno.test("without named origins there are no such headers, and a preflight gets what any request gets", async () => {
  await using api = await servingCustomers({ tokens: true });
  const token = await api.token("read");
  const answer = await api.ask("", { ...from(APP), token });
  assert.equal(answer.status, 200);
  assert.deepEqual(corsHeaders(answer), []);
  assert.ok(!variesByOrigin(answer));
  const asked = await preflight(api, "/upload/customers", APP);
  assert.equal(outcome(asked), "401 unauthorized");
  assert.deepEqual(corsHeaders(asked), []);
});

Deno.test("our own pages, and programs, are served as before", async () => {
  await using api = await servingCustomers({ ...CORS, tokens: true });
  const token = await api.token("read");
  const plain = await api.ask("", { token });
  assert.deepEqual([plain.status, corsHeaders(plain)], [200, []]);
  // A cache must not give it to a page of another origin.
  assert.ok(variesByOrigin(plain));
  const own = await api.ask("", { headers: { origin: api.origin }, token });
  assert.equal(own.status, 200);
  const page = await api.ask(`${api.origin}/docs`, from(APP));
  assert.deepEqual(corsHeaders(page), [], "pages are for people");
  const document = await api.ask(`${api.origin}/openapi.json`, from(APP));
  assert.equal(document.headers.get("access-control-allow-origin"), APP);
});
