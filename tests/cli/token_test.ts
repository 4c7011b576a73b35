import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { renderTokens } from "../../src/cli/render/tokens.ts";
import { COLOURED, PLAIN } from "../../src/cli/render/style.ts";
import { displayWidth } from "../../src/cli/render/terminal_text.ts";
import { migrate } from "../../src/db/migrate.ts";
import { generateToken } from "../../src/http/identity/access_token.ts";
import { authenticate } from "../../src/http/identity/principal.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import type { Token } from "../../src/ledger/tokens.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { memoryOutput } from "./memory_output.ts";
import type { Ended } from "./start_program.ts";

const DAY = 86_400_000;

async function say(db: TestDatabase | null, ...args: readonly string[]): Promise<Ended> {
  const { output, stdout, stderr } = memoryOutput();
  const url = db === null ? "postgres://nobody@127.0.0.1:1/none" : db.url;
  const code = await runCommandLine(["token", ...args, "--database-url", url], output);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

async function create(db: TestDatabase, ...args: readonly string[]) {
  const made = await say(db, "create", ...args, "--json");
  assert.equal(made.code, 0, made.stderr);
  return JSON.parse(made.stdout).data;
}

Deno.test("a new token is the only thing on stdout, it works, and only its hash is stored", async () => {
  await using db = await testDatabase();
  // This also creates ingest's tables.
  const made = await say(db, "create", "--name", "ci bot", "--importer", "customers*");
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^ingest_[a-z0-9]{8}_[\w-]{43}\n$/);
  const token = made.stdout.trim();
  assert.equal(
    made.stderr,
    "Token ci bot: scope read; importers customers*; does not expire.\n" +
      "It is shown only once: store it in a safe place now.\n",
  );
  const principal = await authenticate(new Ledger(db.session, "ingest"), `Bearer ${token}`);
  const { token: _, ...known } = principal;
  assert.deepEqual(known, { name: "ci bot", scope: "read", importers: ["customers*"] });
  const [{ stored }] = await db.session.query<{ stored: string }>(
    "select t::text as stored from ingest.tokens t",
  );
  assert.ok(stored.includes(token.slice(7, 15)));
  assert.ok(!stored.includes(token.slice(16)));
});

Deno.test("create --json prints the token with its scope, importers and expiry", async () => {
  await using db = await testDatabase();
  const before = Date.now();
  const options = ["--scope", "run", "--importer", "a", "--importer", "b*", "--importer", "a"];
  const data = await create(db, "--name", "ci", ...options, "--expires", "90d");
  const expires = new Date(data.expires_at).getTime();
  assert.ok(expires >= before + 90 * DAY && expires <= Date.now() + 90 * DAY);
  const { token, prefix } = data;
  assert.ok(token.startsWith(`ingest_${prefix}_`));
  assert.deepEqual({ ...data, expires_at: 0 }, {
    ...{ name: "ci", scope: "run", importers: ["a", "b*"], expires_at: 0 },
    ...{ prefix, token },
  });
  const admin = await create(db, "--name", "boss", "--scope", "admin");
  assert.deepEqual([admin.scope, admin.importers, admin.expires_at], ["admin", null, null]);
});

Deno.test("wrong usage of `token` is one line and exits 2, before it connects to a database", async () => {
  const name = /--name: expected 1 to 100 characters/;
  const pattern = /Expected an importer such as customers, or a pattern/;
  const age = /Expected an age such as 30d|Expected more than 0/;
  const ok = ["create", "--name", "ci"];
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["create"], /required option '--name <name>' not specified/],
    ...["", " ", "ci ", "x".repeat(101), "a\nb", "a\x1b[31mb", "a\u202eb", "a\x7f"].map((given) =>
      [["create", "--name", given], name] as const
    ),
    [["create", "--name", "é".repeat(101)], name],
    [[...ok, "--scope", "write"], /Expected read, run or admin/],
    [[...ok, "--scope", ""], /Expected read, run or admin/],
    ...["", "0", "90", "0d", "-1d", "1.5d", "soon", "1q", "999999999d"].map((given) =>
      [[...ok, `--expires=${given}`], age] as const
    ),
    ...["", "a,b", "customers.csv", "Customers", "a b", "a?"].map((given) =>
      [[...ok, `--importer=${given}`], pattern] as const
    ),
    [[...ok, "--importer", "a", "b"], /too many arguments for 'create'/],
    [["revoke"], /missing required argument 'token'/],
    [["lsit"], /unknown command 'lsit'; did you mean list\?/],
  ];
  for (const [args, message] of wrong) {
    const ended = await say(null, ...args);
    assert.deepEqual([ended.code, ended.stdout], [2, ""], `${args}: ${ended.stderr}`);
    assert.match(ended.stderr, /^ingest: [^\p{Cc}\u202e]+\n$/u);
    assert.match(ended.stderr, message, String(args));
  }
  // Correct usage gets as far as the database.
  const right = ["create", "--name", "é".repeat(100), "--importer", "*", "--expires", "1s"];
  assert.equal((await say(null, ...right)).code, 6);
});

Deno.test("a name that is taken is refused with 1, until it is revoked", async () => {
  await using db = await testDatabase();
  await create(db, "--name", "ci");
  const taken = await say(db, "create", "--name", "ci", "--json");
  assert.equal(taken.code, 1);
  assert.equal(JSON.parse(taken.stdout).code, "conflict");
  assert.match(taken.stderr, /^ingest: Cannot create token "ci": [^\n]+ingest token revoke\n$/);
  assert.equal((await say(db, "revoke", "ci")).code, 0);
  await create(db, "--name", "ci");
});

Deno.test("revoke takes a name, a prefix or a token, says if it was revoked, and exits 5 if there is none", async () => {
  await using db = await testDatabase();
  const [one, two, three] = [
    await create(db, "--name", "one"),
    await create(db, "--name", "two"),
    await create(db, "--name", "three"),
  ];
  const first = await say(db, "revoke", "one");
  assert.deepEqual([first.code, first.stdout], [0, `Revoked token one (${one.prefix}).\n`]);
  const again = await say(db, "revoke", one.prefix);
  assert.equal(again.code, 0);
  assert.match(
    again.stdout,
    new RegExp(`^The token one \\(${one.prefix}\\) was already revoked, at 2[-\\d]+ [:\\d]+\\.\n$`),
  );
  const json = JSON.parse((await say(db, "revoke", two.prefix, "--json")).stdout).data;
  assert.deepEqual([json.name, json.state, "hash" in json], ["two", "revoked", false]);
  assert.equal(
    (await say(db, "revoke", three.token)).stdout,
    `Revoked token three (${three.prefix}).\n`,
  );
  const ledger = new Ledger(db.session, "ingest");
  for (const { token } of [one, two, three]) {
    await assert.rejects(authenticate(ledger, `Bearer ${token}`), { reason: "revoked" });
  }

  const unknown = await say(db, "revoke", "four", "--json");
  assert.deepEqual([unknown.code, JSON.parse(unknown.stdout).code], [5, "no_such_token"]);
  assert.match(unknown.stderr, /^ingest: There is no token "four"\. [^\n]+\n$/);
  const { token } = generateToken();
  const elsewhere = await say(db, "revoke", token);
  assert.equal(elsewhere.code, 5);
  assert.ok(!elsewhere.stderr.includes(token.slice(16)), "the message repeats the secret");
});

Deno.test("list shows the state of each token and never its hash", async () => {
  await using db = await testDatabase();
  const unmigrated = await say(db, "list");
  assert.equal(unmigrated.code, 5);
  assert.match(unmigrated.stderr, /never used in this database/);
  await migrate(db.session, "ingest");
  const none = await say(db, "list");
  assert.deepEqual([none.code, none.stdout], [0, ""]);
  assert.match(none.stderr, /There are no tokens yet.*ingest token create/);
  assert.deepEqual(JSON.parse((await say(db, "list", "--json")).stdout), { data: [] });

  await create(db, "--name", "good", "--importer", "a*", "--importer", "b");
  await create(db, "--name", "old", "--expires", "90d", "--scope", "run");
  await create(db, "--name", "gone");
  await say(db, "revoke", "gone");
  await db.session.execute("update ingest.tokens set expires_at = now() where name = 'old'");
  const { stdout } = await say(db, "list");
  const [heading, ...lines] = stdout.trimEnd().split("\n");
  assert.match(
    heading,
    /^prefix +name +scope +importers +created +expires +last used +state$/,
  );
  assert.equal(lines.length, 3);
  assert.match(lines[0], /^\w{8} +gone +read +all +2[-\d]+ [:\d]+ +never +never +revoked$/);
  assert.match(lines[1], /^\w{8} +old +run +all +2[-\d]+ [:\d]+ +2[-\d]+ [:\d]+ +never +expired$/);
  assert.match(lines[2], /^\w{8} +good +read +a\*, b +2[-\d]+ [:\d]+ +never +never +active$/);

  const json = await say(db, "list", "--json");
  const { data } = JSON.parse(json.stdout);
  assert.deepEqual(Object.keys(data[0]), [
    ...["prefix", "name", "scope", "importers", "created_by", "created_at"],
    ...["expires_at", "last_used_at", "revoked_at", "state"],
  ]);
  assert.deepEqual(data.map(({ state }: { state: string }) => state), [
    ...["revoked", "expired", "active"],
  ]);
  const hashes = await db.session.query<{ hash: string }>("select hash from ingest.tokens");
  for (const { hash } of hashes) assert.ok(!(stdout + json.stdout).includes(hash));
});

Deno.test("on a terminal too narrow for the table each token has its own lines, and its state is never cut", () => {
  const now = new Date("2026-11-24T10:00:00Z");
  const token: Token = {
    ...{ id: 1, name: "continuous integration 日本", prefix: "k3x9d0ab", hash: "", scope: "run" },
    ...{ importers: ["customers*"], created_by: null, created_at: now, expires_at: null },
    ...{ last_used_at: null, revoked_at: null },
  };
  const wide = renderTokens([token], now, null, PLAIN);
  assert.equal(wide.length, 2);
  const needed = Math.max(...wide.map(displayWidth));
  assert.deepEqual(renderTokens([token], now, needed, PLAIN), wide);
  assert.equal(renderTokens([token], now, needed, COLOURED).length, 2);
  for (const width of [needed - 1, 80, 40, 20]) {
    const lines = renderTokens([token], now, width, PLAIN);
    assert.equal(lines.length, 5);
    for (const line of lines) assert.ok(displayWidth(line) <= width, line);
    assert.match(lines[0], /^k3x9d0ab {2}active/);
  }
});

for (const command of ["create", "list", "revoke"]) {
  Deno.test(`\`ingest token ${command} --help\` ends with an example and takes --json`, async () => {
    const { output, stdout } = memoryOutput();
    assert.equal(await runCommandLine(["token", command, "--help"], output), 0);
    assert.match(stdout.text, new RegExp(`Examples?:\\n(.*\\n)*.*ingest token ${command}`));
    assert.match(stdout.text, /--json/);
  });
}
