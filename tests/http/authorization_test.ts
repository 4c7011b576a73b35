/** Which token may use which route, for all routes of the app. */
import assert from "node:assert/strict";
import { generateToken } from "../../src/http/identity/access_token.ts";
import { BASE_PATH } from "../../src/http/route.ts";
import { revokeToken } from "../../src/ledger/tokens.ts";
import { documentOf } from "./documented.ts";
import { nameOf, request, type Route, ROUTES, routesOfApp, world } from "./every_route.ts";
import { rawRequest } from "./raw_request.ts";
import { type Answer, type Serving, serving } from "./serving.ts";

const SCOPES = ["read", "run", "admin"] as const;

Deno.test("these tests request every route of the app, documented or not", async () => {
  assert.deepEqual(ROUTES.map(nameOf).toSorted(), routesOfApp().toSorted());
  const known = ROUTES.map(nameOf);
  await using api = await world();
  const document = await documentOf(api);
  for (const name of document.operations) assert.ok(known.includes(name), name);
});

Deno.test("without a valid token only the routes that need none answer", async () => {
  await using api = await world();
  const { header, bad } = await badHeaders(api);
  const runs = await allOf(api, "runs");
  for (const route of ROUTES) {
    for (const { what, authorization } of bad) {
      const answer = await request(api, route, authorization);
      if (route.needs === "nobody") {
        assert.equal(answer.status, route.answers, `${nameOf(route)}: ${what}`);
        continue;
      }
      assertRefused(answer, 401, "unauthorized", `${nameOf(route)}: ${what}`);
      assert.equal(answer.headers.get("www-authenticate"), 'Bearer realm="ingest"');
    }
  }
  assert.deepEqual(await allOf(api, "runs"), runs);
  // None of them was used, and none is in the log.
  const tokens = await allOf(api, "tokens");
  assert.deepEqual(tokens.map(({ last_used_at }) => last_used_at), [null, null]);
  const log = JSON.stringify(api.log);
  for (const text of header) assert.ok(!log.includes(text.slice(-20)), text);
});

Deno.test("a token may do what its scope allows, and no more", async () => {
  await using api = await world();
  for (const scope of SCOPES) {
    const header = `Bearer ${await api.token(scope)}`;
    for (const route of ROUTES) {
      const answer = await request(api, route, header);
      const context = `${nameOf(route)} with ${scope}`;
      if (isEnough(scope, route)) assert.equal(answer.status, route.answers, context);
      else assertRefused(answer, 403, "forbidden", context);
    }
  }
});

Deno.test("a token for other importers gets nothing of this one's, whatever its scope", async () => {
  await using api = await world();
  const before = await allOf(api, "runs");
  for (const scope of SCOPES) {
    const header = `Bearer ${await api.token(scope, { importers: ["people", "pay"] })}`;
    for (const route of ROUTES) {
      const answer = await request(api, route, header);
      const context = `${nameOf(route)} with ${scope}`;
      // Whether it may do such a thing at all says nothing of the run.
      if (route.path.includes("{id}") && isEnough(scope, route)) {
        assertRefused(answer, 404, "no_such_run", context);
      } else if (route.ofImporter) assertRefused(answer, 403, "forbidden", context);
      else assert.equal(answer.status, route.answers, context);
    }
  }
  assert.deepEqual(await allOf(api, "runs"), before);
  const own = `Bearer ${await api.token("admin", { importers: ["people", "pay*s"] })}`;
  for (const route of ROUTES) {
    const expected = route.ofAll ? 403 : route.answers;
    assert.equal((await request(api, route, own)).status, expected, nameOf(route));
  }
});

Deno.test("lists show a limited token only its importers and their runs", async () => {
  await using api = await world();
  const token = await api.token("read", { importers: ["peo*"] });
  const list = await api.ask("?limit=1", { token });
  assert.deepEqual(list.body.data.map(({ id }: { id: number }) => id), [3]);
  assert.equal(list.body.meta.next_cursor, null);
  assert.deepEqual((await api.ask("?cursor=3", { token })).body.data, []);
  assert.equal((await api.ask("?importer=people", { token })).body.data.length, 1);
  for (const path of ["?importer=payments", "?importer=none", "?importer=pe"]) {
    assertRefused(await api.ask(path, { token }), 403, "forbidden", path);
  }
  await Deno.writeTextFile(`${api.folder}/importers/broken.yaml`, "table: 3");
  const importers = await api.ask("/importers", { token });
  assert.deepEqual(importers.body.data.map(({ slug }: { slug: string }) => slug), ["people"]);
  assert.deepEqual(importers.body.meta.broken, []);
  assert.ok(!JSON.stringify([list.body, importers.body]).includes("payments.yaml"));
});

Deno.test("a limited token learns no other run's number from a run that it may see", async () => {
  await using api = await serving({
    tables: "create table items (id int)",
    importers: { ours: "table: items\n", theirs: "table: items\n" },
  });
  const admin = await api.token("admin");
  const ours = await api.token("run", { importers: ["ours"] });
  const upload = async (importer: string, token: string) => {
    const { body } = await api.ask(`/upload/${importer}`, {
      ...{ method: "POST", body: "id\n1\n", token },
      headers: { "content-type": "text/csv" },
    });
    await api.drive(body.data.id);
    return body.data.id;
  };
  const first = await upload("ours", ours);
  const second = await upload("theirs", admin);
  const third = await upload("ours", ours);
  const date = new Date().toISOString().slice(0, 10);
  const seen = async (token: string) => {
    const [{ warnings }] = (await api.ask("?limit=1", { token })).body.data;
    assert.deepEqual((await api.ask(`/${third}`, { token })).body.data.warnings, warnings);
    return /before, by (.*?)\./.exec(warnings[0])?.[1];
  };
  assert.equal(await seen(admin), `run ${second} (${date}), run ${first} (${date})`);
  assert.equal(await seen(ours), `another run, run ${first} (${date})`);
});

Deno.test("a limited token learns from an undo only that others have written, too", async () => {
  const update = "table: items\nkey: [id]\non_duplicate: update\noptions: { undo: updates }\n";
  await using api = await serving({
    tables: "create table items (id int primary key, name text)",
    importers: { ours: update, theirs: update },
  });
  const all = await api.token("run");
  const ours = await api.token("run", { importers: ["ours"] });
  const load = async (importer: string, ids: readonly number[], name: string) => {
    const csv = `id,name\n${ids.map((id) => `${id},${name}\n`).join("")}`;
    const headers = { "content-type": "text/csv" };
    const { body } = await api.ask(`/upload/${importer}`, {
      ...{ token: all, method: "POST", headers, body: csv },
    });
    await api.drive(body.data.id);
    return body.data.id;
  };
  const seen = async (token: string) => {
    const headers = { "content-type": "application/json" };
    const { body } = await api.ask(`/${first}/undo`, {
      ...{ token, method: "POST", headers, body: '{"dry_run":true}' },
    });
    await api.drive(body.data.id);
    const { warnings } = (await api.ask(`/${body.data.id}`, { token })).body.data;
    return warnings.find((text: string) => text.includes(" written to "));
  };
  const first = await load("ours", [1, 2, 3, 4, 5], "a");
  const theirs = await load("theirs", [1], "b");
  assert.match(
    await seen(all),
    new RegExp(`^Run ${theirs} \\(1 of these rows\\) has written`, "u"),
  );
  assert.match(await seen(ours), /^Another run has written/u);
  await load("theirs", [2], "c");
  assert.match(await seen(ours), /^Other runs have written/u);
  const own = await load("ours", [3], "d");
  const last = await seen(ours);
  assert.match(last, new RegExp(`^Runs ${own} \\(1 of these rows\\) and others have written`, "u"));
  assert.doesNotMatch(last, new RegExp(`\\brun ${theirs}\\b`, "u"));
});

Deno.test("no other spelling of a path or a method gets past the token", async () => {
  await using api = await world();
  const token = await api.token("admin");
  const targets = [
    `${BASE_PATH}/1/`,
    `${BASE_PATH}//1`,
    `/${BASE_PATH}/1`,
    `${BASE_PATH}/%31`,
    `${BASE_PATH}/./1`,
    `${BASE_PATH}/healthz/../1`,
    `${BASE_PATH}/healthz/%2e%2e/1`,
    `/healthz/..${BASE_PATH}/1`,
    `${BASE_PATH}/healthz%2f..%2f1`,
    `${BASE_PATH}\\1`,
    `/docs/..${BASE_PATH}`,
    `${BASE_PATH}?importer=healthz`,
    `${BASE_PATH}/1;/healthz`,
    `${BASE_PATH.toUpperCase()}/1`,
    `/%61pi/v1/ingest/1`,
    `http://127.0.0.1${BASE_PATH}/1`,
    `${BASE_PATH}/nothing`,
    `${BASE_PATH}/%zz`,
  ];
  const headers = { host: `127.0.0.1:${api.port}` };
  let reached = 0;
  for (const target of targets) {
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "get"]) {
      const { status } = await rawRequest(api.port, target, headers, method);
      assert.ok([400, 401, 404, 405].includes(status), `${method} ${target}: ${status}`);
    }
    const allowed = await rawRequest(api.port, target, {
      ...headers,
      authorization: `Bearer ${token}`,
    });
    if (allowed.status === 200) reached++;
  }
  // Otherwise they would prove nothing.
  assert.ok(reached >= 5, `${reached} of them are ways to write a path`);
});

Deno.test("a request without permission gets 403 before its values are checked", async () => {
  await using api = await world();
  const token = await api.token("read");
  const wrong = [
    ["DELETE", "/nonsense"],
    ["POST", "/0/cancel"],
    ["POST", "/nonsense/resume"],
    ["POST", "/upload/none"],
    ["POST", "/trigger/none"],
    ["POST", "/999/retry"],
  ];
  for (const [method, path] of wrong) {
    assertRefused(await api.ask(path, { method, token }), 403, "forbidden", path);
    const nobody = await api.ask(path, { method });
    assertRefused(nobody, 401, "unauthorized", path);
  }
});

Deno.test("a token is useless from the moment it is revoked, and its last use is recorded", async () => {
  await using api = await world();
  const token = await api.token("read", { name: "ci" });
  assert.equal((await api.ask("/1", { token })).status, 200);
  const [used] = await allOf(api, "tokens");
  assert.ok(used.last_used_at instanceof Date);
  assert.deepEqual(api.log.at(-1)?.token, "ci");
  await revokeToken(api.ledger, "ci");
  assertRefused(await api.ask("/1", { token }), 401, "unauthorized", "revoked");
  assert.equal(api.log.at(-1)?.token, null);
});

Deno.test("a run names the tokens that started and cancelled it", async () => {
  await using api = await world();
  const token = await api.token("run", { name: "ci bot" });
  const made = await api.ask("/upload/people", {
    ...{ method: "POST", token, headers: { "content-type": "text/csv" } },
    body: "id,amount\n9,9\n",
  });
  assert.equal(made.body.data.user_id, "ci bot");
  const { id } = made.body.data;
  assert.equal((await api.ask(`/${id}/cancel`, { method: "POST", token })).status, 200);
  const [run] = await api.ledger.query<{ by: string }>(
    "select cancel_requested_by as by from ingest.runs where id = $1",
    [id],
  );
  assert.equal(run.by, "ci bot");
});

/** Headers that must be refused, and the tokens in them that were once valid. */
async function badHeaders(api: Serving) {
  const expired = await api.token("admin", { expiresAt: new Date(Date.now() - 1_000) });
  const revoked = await api.token("admin", { name: "revoked" });
  await revokeToken(api.ledger, "revoked");
  const unknown = generateToken().token;
  const bad: { readonly what: string; readonly authorization?: string }[] = [
    { what: "none" },
    { what: "empty", authorization: "" },
    { what: "malformed", authorization: "Bearer nonsense" },
    { what: "another scheme", authorization: `Basic ${btoa("admin:admin")}` },
    { what: "unknown", authorization: `Bearer ${unknown}` },
    { what: "expired", authorization: `Bearer ${expired}` },
    { what: "revoked", authorization: `Bearer ${revoked}` },
    { what: "wrong secret", authorization: `Bearer ${expired.slice(0, 16)}${unknown.slice(16)}` },
  ];
  return { header: [expired, revoked, unknown], bad };
}

function isEnough(scope: typeof SCOPES[number], { needs }: Route): boolean {
  return needs === "nobody" || SCOPES.indexOf(scope) >= SCOPES.indexOf(needs);
}

function assertRefused(answer: Answer, status: number, code: string, context: string): void {
  assert.equal(answer.status, status, `${context}: ${JSON.stringify(answer.body)}`);
  assert.equal(answer.body.code, code, context);
  assert.deepEqual(Object.keys(answer.body).toSorted(), ["code", "message"], context);
  assert.equal(answer.headers.has("www-authenticate"), status === 401, context);
}

function allOf(api: Serving, table: "runs" | "tokens") {
  return api.ledger.query<Record<string, unknown>>(`select * from ingest.${table} order by id`);
}
