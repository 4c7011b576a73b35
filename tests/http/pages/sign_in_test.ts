/** Signing in on the pages, and what other sites can't do with somebody's session. */
import assert from "node:assert/strict";
import { routesOfPages } from "../every_route.ts";
import { serving } from "../serving.ts";
import { signedIn } from "./browsing.ts";

const form = (fields: Readonly<Record<string, string>>, origin: string): RequestInit => ({
  method: "POST",
  redirect: "manual",
  headers: { "content-type": "application/x-www-form-urlencoded", origin },
  body: new URLSearchParams(fields).toString(),
});

Deno.test("without a session, a page asks to sign in, and then shows itself", async () => {
  await using api = await serving({ tokens: true });
  const token = await api.token("read");
  const asked = await api.ask(`${api.origin}/?status=failed`, { redirect: "manual" });
  assert.equal(asked.status, 303);
  const to = asked.headers.get("location") ?? "";
  assert.equal(to, "/sign-in?to=%2F%3Fstatus%3Dfailed");
  const { body } = await api.ask(api.origin + to);
  assert.match(body, /name="to" value="\/\?status=failed"/u);

  const answer = await api.ask(
    `${api.origin}/sign-in`,
    form({ token, to: "/?status=failed" }, api.origin),
  );
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("location"), "/?status=failed");
  const cookie = answer.headers.get("set-cookie") ?? "";
  assert.match(cookie, /; Path=\/; HttpOnly; SameSite=Strict$/u);
  const shown = await api.ask(api.origin, { headers: { cookie: cookie.split(";")[0] } });
  assert.equal(shown.status, 200);
  assert.match(shown.body, /<h1>Runs<\/h1>/u);
});

Deno.test("over https the cookie is never sent without it", async () => {
  await using api = await serving({ tokens: true });
  const token = await api.token("read");
  const init = form({ token }, "https://ingest.example.com");
  const answer = await api.ask(`${api.origin}/sign-in`, {
    ...init,
    headers: { ...init.headers as Record<string, string>, "sec-fetch-site": "same-origin" },
  });
  assert.match(answer.headers.get("set-cookie") ?? "", /; Secure/u);
});

Deno.test("a proxy that gives the server another name is told apart from another site", async () => {
  await using api = await serving({ tokens: true });
  const token = await api.token("read");
  const { status, body } = await api.ask(
    `${api.origin}/sign-in`,
    form({ token }, "http://imports.example.com:8080"),
  );
  assert.equal(status, 403);
  assert.match(body, /at imports\.example\.com:8080, and the server was asked for 127\.0\.0\.1/u);
  assert.match(body, /proxy.*has to pass the header Host on/u);
});

for (
  const [what, token, message] of [
    ["nothing", "", /That is not a token/u],
    ["something else", "hunter2", /That is not a token/u],
    ["an unknown token", `ingest_aaaaaaaa_${"A".repeat(43)}`, /This token is not valid/u],
  ] as const
) {
  Deno.test(`signing in with ${what} says so, and sets no cookie`, async () => {
    await using api = await serving({ tokens: true });
    const answer = await api.ask(`${api.origin}/sign-in`, form({ token }, api.origin));
    assert.equal(answer.status, 401);
    assert.match(answer.body, message);
    assert.equal(answer.headers.get("set-cookie"), null);
  });
}

for (
  const to of [
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/.//evil.example",
    "/runs/..//evil.example",
    "/%2e//evil.example",
    "javascript:x",
  ]
) {
  Deno.test(`signing in leads to this server, not to ${to}`, async () => {
    await using api = await serving({ tokens: true });
    const token = await api.token("read");
    const answer = await api.ask(`${api.origin}/sign-in`, form({ token, to }, api.origin));
    assert.equal(answer.headers.get("location"), "/");
  });
}

Deno.test("a token that is revoked ends the session, and the page says why", async () => {
  await using api = await serving({ tokens: true });
  const { cookie } = await signedIn(api, "read");
  await api.database.session.execute("update ingest.tokens set revoked_at = now()");
  const answer = await api.ask(`${api.origin}/`, { redirect: "manual", headers: { cookie } });
  assert.equal(answer.status, 303);
  const query = new URL(answer.headers.get("location") ?? "", api.origin).searchParams;
  assert.equal(query.get("why"), "This token was revoked.");
});

Deno.test("signing out takes the cookie away", async () => {
  await using api = await serving({ tokens: true });
  const { cookie } = await signedIn(api, "read");
  const init = form({}, api.origin);
  const answer = await api.ask(`${api.origin}/sign-out`, {
    ...init,
    headers: { ...init.headers as Record<string, string>, cookie },
  });
  assert.equal(answer.headers.get("location"), "/sign-in");
  assert.match(answer.headers.get("set-cookie") ?? "", /^ingest_token=; Max-Age=0/u);
});

for (
  const [what, headers] of [
    ["another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
    ["another port of the host", { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:1" }],
    ["an old browser on another site", { origin: "https://evil.example" }],
    ["a program that doesn't say where it is", {}],
  ] as const
) {
  Deno.test(`a session is of no use to ${what}: it can change nothing`, async () => {
    await using api = await serving({ tokens: true });
    const { cookie } = await signedIn(api, "admin");
    for (const path of ["/runs/1/undo", "/sign-out", "/api/v1/ingest/1/cancel"]) {
      const answer = await api.ask(api.origin + path, {
        method: "POST",
        headers: { ...headers, cookie },
      });
      assert.equal(answer.status, 403, path);
    }
    const removed = await api.ask("/1", { method: "DELETE", headers: { ...headers, cookie } });
    assert.equal(removed.status, 403);
  });
}

Deno.test("a link on another site finds the session one step later", async () => {
  await using api = await serving({ tokens: true });
  // A strict cookie is not sent with it.
  const { status, body } = await api.ask(`${api.origin}/runs/1`, {
    redirect: "manual",
    headers: {
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
    },
  });
  assert.equal(status, 200);
  assert.match(body, /http-equiv="refresh" content="0"/u);
});

Deno.test("while there are no tokens, a link on another site leads to a page, but changes nothing", async () => {
  await using api = await serving();
  const followed = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
  };
  const { status } = await api.ask(api.origin, { headers: followed });
  assert.equal(status, 200);
  const posted = await api.ask(`${api.origin}/runs/1/undo`, { method: "POST", headers: followed });
  assert.equal(posted.status, 403);
});

/** What anybody gets to see. */
const FREE = ["GET /sign-in", "POST /sign-in", "POST /sign-out", "GET /assets/{version}/{name}"];

Deno.test("every page asks who is there, and every button where it is", async () => {
  await using api = await serving({ tokens: true });
  const routes = routesOfPages().filter((name) => !FREE.includes(name));
  assert.ok(routes.length > 4);
  for (const name of routes) {
    const [method, path] = name.split(" ");
    const url = api.origin + path.replaceAll(/\{\w+\}/gu, "1");
    const init = { method, redirect: "manual" } as const;
    const { status, headers } = await api.ask(url, init);
    assert.equal(status, method === "GET" ? 303 : 403, name);
    if (method === "GET") assert.match(headers.get("location") ?? "", /^\/sign-in/u, name);
    if (method !== "POST") continue;
    // From our own page, but without a session.
    const own = await api.ask(url, { ...init, headers: { origin: api.origin } });
    // A script of the page says it itself.
    if (path.endsWith(".json")) assert.equal(own.status, 401, name);
    else assert.match(own.headers.get("location") ?? "", /^\/sign-in/u, name);
  }
});
