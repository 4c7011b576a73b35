import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import {
  createToken,
  findToken,
  hasTokens,
  listTokens,
  type NewToken,
  revokeToken,
  touchToken,
} from "../../src/ledger/tokens.ts";
import { migratedDatabase, type TestDatabase } from "../support/database.ts";

const HASH = "0f".repeat(32);

function newToken(name: string, prefix: string, rest: Partial<NewToken> = {}): NewToken {
  const base = { hash: HASH, scope: "read", importers: null, createdBy: null, expiresAt: null };
  return { name, prefix, ...base, ...rest } as NewToken;
}

Deno.test("a token is found by its prefix, with everything that it was created with", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  const expiresAt = new Date("2030-01-02T03:04:05.678Z");
  const importers = ["customers*", 'a"b\\,{c}'];
  const ci = newToken("ci", "aaaaaaaa", { scope: "run", importers, createdBy: "ana", expiresAt });
  const created = await createToken(ledger, ci);
  await createToken(ledger, newToken("grafana", "bbbbbbbb"));
  const { id, created_at, ...rest } = created;
  assert.ok(id > 0 && created_at instanceof Date);
  assert.deepEqual(rest, {
    name: "ci",
    prefix: "aaaaaaaa",
    hash: HASH,
    scope: "run",
    importers,
    created_by: "ana",
    expires_at: expiresAt,
    last_used_at: null,
    revoked_at: null,
  });
  assert.deepEqual(await findToken(ledger, "aaaaaaaa"), created);
  assert.equal(await findToken(ledger, "cccccccc"), null);
  assert.deepEqual((await listTokens(ledger)).map(({ name }) => name), ["grafana", "ci"]);
});

Deno.test("a database that ever had a token has tokens, even when the last one is revoked", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  assert.equal(await hasTokens(ledger), false);
  await createToken(ledger, newToken("ci", "aaaaaaaa"));
  assert.equal(await hasTokens(ledger), true);
  await revokeToken(ledger, "ci");
  assert.equal(await hasTokens(ledger), true);
});

Deno.test("a name is taken until its token is revoked", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  await createToken(ledger, newToken("ci", "aaaaaaaa"));
  const taken = { name: "TokenNameTaken", message: /^Cannot create token "ci": .*revoke/ };
  await assert.rejects(createToken(ledger, newToken("ci", "bbbbbbbb")), taken);
  await revokeToken(ledger, "ci");
  await createToken(ledger, newToken("ci", "bbbbbbbb"));
  await assert.rejects(createToken(ledger, newToken("ci", "cccccccc")), taken);
  assert.equal((await listTokens(ledger)).length, 2);
});

Deno.test("if two tokens take a name at once, the second call learns that it is taken", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  await using other = await Session.open(db.config);
  let second: Promise<unknown> = Promise.resolve();
  await ledger.transaction(async () => {
    await createToken(ledger, newToken("ci", "aaaaaaaa"));
    second = createToken(new Ledger(other, "ingest"), newToken("ci", "bbbbbbbb"));
    // Checked below; until then nobody awaits it.
    second.catch(() => {});
    await waitsForLock(db, other);
  });
  await assert.rejects(second, { name: "TokenNameTaken" });
});

Deno.test("revoking again changes nothing and says so; an unknown token can't be revoked", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  await createToken(ledger, newToken("ci", "aaaaaaaa"));
  const first = await revokeToken(ledger, "aaaaaaaa");
  assert.equal(first.before, false);
  assert.ok(first.token.revoked_at instanceof Date);
  assert.ok(!("before" in first.token));
  const again = await revokeToken(ledger, "ci");
  assert.deepEqual(again, { token: first.token, before: true });
  await assert.rejects(revokeToken(ledger, "c"), {
    name: "NoSuchToken",
    message: /^There is no token "c"\..*ingest token list/,
  });
});

Deno.test("if two calls revoke a token at once, the second finds it revoked", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  await createToken(ledger, newToken("ci", "aaaaaaaa"));
  await using other = await Session.open(db.config);
  let second: ReturnType<typeof revokeToken> | null = null;
  const first = await ledger.transaction(async () => {
    const revoked = await revokeToken(ledger, "ci");
    second = revokeToken(new Ledger(other, "ingest"), "ci");
    await waitsForLock(db, other);
    return revoked;
  });
  assert.deepEqual(await second, { token: first.token, before: true });
});

Deno.test("revoking prefers a valid token to revoked ones, and a name to a prefix", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  const revoke = async (which: string) => (await revokeToken(ledger, which)).token.prefix;
  await createToken(ledger, newToken("ci", "aaaaaaaa"));
  assert.equal(await revoke("ci"), "aaaaaaaa");
  await createToken(ledger, newToken("ci", "bbbbbbbb"));
  // Its name is the other's prefix.
  await createToken(ledger, newToken("bbbbbbbb", "cccccccc"));
  assert.equal(await revoke("bbbbbbbb"), "cccccccc");
  assert.equal((await findToken(ledger, "bbbbbbbb"))?.revoked_at, null);
  assert.equal(await revoke("bbbbbbbb"), "bbbbbbbb");
  // All are revoked: the latest of the name.
  assert.deepEqual((await revokeToken(ledger, "ci")).before, true);
  assert.equal(await revoke("ci"), "bbbbbbbb");
});

Deno.test("a token's use is recorded at most once a minute, and for no other token", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  const { id } = await createToken(ledger, newToken("ci", "aaaaaaaa"));
  await createToken(ledger, newToken("other", "bbbbbbbb"));
  const used = async (name = "ci") => {
    const [row] = await ledger.query<{ at: Date | null; version: string; age: number }>(
      `select last_used_at as at, ctid::text as version,
         extract(epoch from now() - last_used_at)::float8 as age
       from ingest.tokens where name = $1`,
      [name],
    );
    return row;
  };
  const fresh = await used();
  await touchToken(ledger, id);
  const first = await used();
  assert.notEqual(first.version, fresh.version);
  assert.ok(first.at instanceof Date);
  await ledger.execute("update ingest.tokens set last_used_at = now() - interval '30 seconds'");
  const recent = await used();
  await touchToken(ledger, id);
  assert.deepEqual((await used()).version, recent.version, "the row was written again");
  await ledger.execute("update ingest.tokens set last_used_at = now() - interval '61 seconds'");
  await touchToken(ledger, id);
  assert.ok((await used()).age < 30);
  assert.ok((await used("other")).age > 60);
});

Deno.test("the table refuses tokens that could not be checked or could not be used", async () => {
  await using db = await migratedDatabase();
  const ledger = new Ledger(db.session, "ingest");
  const wrong: readonly (readonly [string, Partial<Record<keyof NewToken, unknown>>])[] = [
    ["tokens_scope_check", { scope: "write" }],
    ["tokens_hash_check", { hash: HASH.slice(1) }],
    ["tokens_hash_check", { hash: `${HASH}0` }],
    ["tokens_hash_check", { hash: `${HASH.slice(1)}g` }],
    ["tokens_prefix_check", { prefix: "aaaaaaa" }],
    ["tokens_name_check", { name: "" }],
    ["tokens_name_check", { name: "x".repeat(101) }],
    ["tokens_importers_not_empty", { importers: [] }],
    ["tokens_importers_not_empty", { importers: ["a", null] }],
  ];
  for (const [constraint_name, rest] of wrong) {
    const token = { ...newToken("ci", "aaaaaaaa"), ...rest } as NewToken;
    await assert.rejects(createToken(ledger, token), { code: "23514", constraint_name });
  }
  await createToken(ledger, newToken("x".repeat(100), "aaaaaaaa"));
  const twice = createToken(ledger, newToken("other", "aaaaaaaa"));
  await assert.rejects(twice, { code: "23505", constraint_name: "tokens_prefix_key" });
});

async function waitsForLock(db: TestDatabase, session: Session): Promise<void> {
  for (;;) {
    // The statement is the pause: Postgres looks again after 10 ms.
    const [row] = await db.admin.query<{ waits: boolean }>(
      `select wait_event_type = 'Lock' as waits from pg_sleep(0.01), pg_stat_activity
       where pid = $1`,
      [session.backendPid],
    );
    if (row.waits) return;
  }
}
