/** As long as no token was ever created: this machine may do everything, nobody else anything. */
import assert from "node:assert/strict";
import { BASE_PATH } from "../../src/http/route.ts";
import { createToken, revokeToken } from "../../src/ledger/tokens.ts";
import { generateToken } from "../../src/http/identity/access_token.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { ingest, startIngest } from "../cli/start_program.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { rawRequest } from "./raw_request.ts";
import { type Serving, serving } from "./serving.ts";

const UPLOAD = { method: "POST", headers: { "content-type": "text/csv" }, body: "id\n1\n" };

function open(): Promise<Serving> {
  return serving({ tables: "create table items (id int)", importers: { items: "table: items\n" } });
}

function ask(api: Serving, headers: Readonly<Record<string, string>>, method = "GET") {
  return rawRequest(api.port, BASE_PATH, headers, method);
}

Deno.test("without any token this machine may do everything", async () => {
  await using api = await open();
  const made = await api.ask("/upload/items", UPLOAD);
  assert.equal(made.status, 202);
  assert.equal(made.body.data.user_id, "local");
  await api.drive(1);
  assert.equal((await api.ask("/1", { method: "DELETE" })).status, 204);
  for (
    const host of ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.0.0.53"]
      .flatMap((name) => [name, `${name}:${api.port}`, `${name}:80`])
  ) {
    assert.equal((await ask(api, { host })).status, 200, host);
  }
});

Deno.test("a host name that resolves to this machine is refused, unless it is localhost", async () => {
  await using api = await open();
  const hosts = [
    "evil.example",
    `evil.example:${api.port}`,
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.example:127.0.0.1",
    "127.0.0.1@evil.example",
    "127.evil.example",
    "192.168.0.7",
    "0.0.0.0",
    "[::]",
    "",
  ];
  for (const host of hosts) {
    const { status } = await ask(api, { host });
    assert.ok(status === 401 || status === 400, `${host}: ${status}`);
  }
  assert.ok([400, 401].includes((await ask(api, {})).status));
});

Deno.test("without any token pages of other sites must not use the server", async () => {
  await using api = await open();
  const host = `127.0.0.1:${api.port}`;
  const foreign: readonly Readonly<Record<string, string>>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: `https://${host}` },
    { origin: "http://127.0.0.1" },
    // Another server of this machine.
    { origin: `http://localhost:${api.port}` },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: `http://${host}`, "sec-fetch-site": "cross-site" },
  ];
  for (const headers of foreign) {
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const { status, text } = await ask(api, { host, ...headers }, method);
      assert.equal(status, 403, `${method} ${JSON.stringify(headers)}`);
      assert.ok(!/access-control-allow/iu.test(text));
    }
  }
  const own: readonly Readonly<Record<string, string>>[] = [
    { origin: `http://${host}` },
    { origin: `http://${host}`, "sec-fetch-site": "same-origin" },
    // Typed into the address bar.
    { "sec-fetch-site": "none" },
  ];
  for (const headers of own) {
    assert.equal((await ask(api, { host, ...headers })).status, 200, JSON.stringify(headers));
  }
});

Deno.test("without any token a client behind a proxy on this machine is refused", async () => {
  await using api = await open();
  const host = `127.0.0.1:${api.port}`;
  for (
    const [name, value] of [
      ["x-forwarded-for", "203.0.113.7"],
      ["x-forwarded-for", "127.0.0.1"],
      ["X-Forwarded-Host", "ingest.example.com"],
      ["x-forwarded-proto", "https"],
      ["x-real-ip", "203.0.113.7"],
      ["forwarded", "for=203.0.113.7"],
      ["via", "1.1 proxy"],
    ]
  ) {
    const { status, text } = await ask(api, { host, [name]: value });
    assert.equal(status, 401, name);
    assert.match(text, /needs a token/u);
  }
});

Deno.test("without any token the buttons of pages are no way around that", async () => {
  await using api = await open();
  await api.ask("/upload/items", UPLOAD);
  const host = `127.0.0.1:${api.port}`;
  const own = { host, origin: `http://${host}`, "content-length": "0" };
  for (
    const [name, value] of [
      ["x-real-ip", "203.0.113.7"],
      ["x-client-ip", "203.0.113.7"],
      ["cf-connecting-ip", "203.0.113.7"],
      ["x-forwarded-for", "203.0.113.7"],
      ["x-forwarded-proto", "https"],
      ["forwarded", "for=203.0.113.7"],
      ["via", "1.1 proxy"],
    ]
  ) {
    const headers = { ...own, [name]: value };
    const { status, text } = await rawRequest(api.port, "/runs/1/cancel", headers, "POST");
    assert.equal(status, 303, name);
    assert.match(text, /\r\nlocation: \/sign-in\r\n/iu, name);
  }
  assert.equal((await api.ask("/1")).body.data.status, "pending");
});

Deno.test("a request that is refused without a token changes nothing", async () => {
  await using api = await open();
  for (const [name, value] of [["sec-fetch-site", "cross-site"], ["via", "1.1 proxy"]]) {
    const headers = { ...UPLOAD.headers, [name]: value };
    const answer = await api.ask("/upload/items", { ...UPLOAD, headers });
    assert.ok(answer.status === 401 || answer.status === 403);
  }
  assert.deepEqual((await api.ask("")).body.data, []);
  assert.deepEqual([...Deno.readDirSync(api.storage)], []);
});

Deno.test("from the first token on every request needs one, even when that token is revoked", async () => {
  await using api = await open();
  assert.equal((await api.ask("")).status, 200);
  // From a client that doesn't know that none is needed.
  assert.equal((await api.ask("", { token: generateToken().token })).status, 401);
  const token = await api.token("read", { name: "first" });
  assert.equal((await api.ask("")).status, 401);
  assert.equal((await api.ask("", { token })).status, 200);
  assert.equal((await api.ask("/upload/items", { ...UPLOAD, token })).status, 403);
  await revokeToken(api.ledger, "first");
  assert.equal((await api.ask("")).status, 401);
  assert.equal((await api.ask("", { token })).status, 401);
});

Deno.test("a server that was started with tokens stays closed when there are none", async () => {
  await using api = await serving({ tokens: true });
  assert.equal((await api.ask("")).status, 401);
  assert.equal((await api.ask("/healthz")).status, 200);
});

Deno.test("without tokens `serve --host 0.0.0.0` listens only on this machine, and says so", async () => {
  await using database = await testDatabase();
  // The second is a name, of any machine.
  for (const host of ["0.0.0.0", "127.0.0.1.example"]) {
    const { listening, stderr } = await servedOn(database, host);
    assert.deepEqual(listening, ["127.0.0.1"]);
    const said = `No tokens exist: listening on 127.0.0.1 only, not on ${host}`;
    assert.ok(stderr.includes(said), stderr);
    assert.match(stderr, /ingest token create/u);
  }
});

Deno.test("with a token `serve` listens where it is told to", async () => {
  await using database = await testDatabase();
  const migrated = await ingest(["migrate"], { database });
  assert.equal(migrated.code, 0, migrated.stderr);
  const { prefix, hash } = generateToken();
  await createToken(new Ledger(database.session, "ingest"), {
    ...{ name: "ci", prefix, hash, scope: "read", importers: null },
    ...{ createdBy: null, expiresAt: null },
  });
  // One that was revoked counts: revoking the last one must not open the server.
  await revokeToken(new Ledger(database.session, "ingest"), "ci");
  const { listening, stderr } = await servedOn(database, "0.0.0.0");
  assert.deepEqual(listening, ["0.0.0.0"]);
  assert.ok(!stderr.includes("No tokens exist"), stderr);
});

/** The addresses on which the program really listens, according to the kernel, and its output. */
async function servedOn(database: TestDatabase, host: string) {
  const program = startIngest(
    ["serve", "--host", host, "--port", "0", "--no-workers", "--grace", "1s"],
    { database },
  );
  const listening = await program.says("docs: /docs").then(
    () => addressesOf(program.pid),
    () => null,
  );
  if (listening !== null) program.kill("SIGTERM");
  const { code, stderr } = await program.ended;
  assert.ok(listening !== null && code === 0, stderr);
  return { listening, stderr };
}

async function addressesOf(pid: number): Promise<readonly string[]> {
  const inodes = new Set<string>();
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
    const inode = /^socket:\[(\d+)\]$/u.exec(target)?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  const LISTENS = "0A";
  const table = await Deno.readTextFile(`/proc/${pid}/net/tcp`);
  return table.split("\n").slice(1)
    .map((line) => line.trim().split(/\s+/u))
    .filter(([, , , state, , , , , , inode]) => state === LISTENS && inodes.has(inode))
    .map(([, local]) => local.slice(0, 8).match(/../gu)!.reverse())
    .map((bytes) => bytes.map((byte) => parseInt(byte, 16)).join("."));
}
