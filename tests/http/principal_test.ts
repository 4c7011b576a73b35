import assert from "node:assert/strict";
import fc from "fast-check";
import { generateToken } from "../../src/http/identity/access_token.ts";
import {
  allows,
  authenticate,
  importerPatterns,
  mayUse,
  type Principal,
  Unauthorized,
} from "../../src/http/identity/principal.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { createToken, findToken, type NewToken, revokeToken } from "../../src/ledger/tokens.ts";
import { migratedDatabase, testDatabase } from "../support/database.ts";

/** Records the queries. */
class ListeningLedger extends Ledger {
  readonly statements: string[] = [];

  override query<Row extends object>(text: string, parameters?: readonly unknown[]) {
    this.statements.push(text);
    return super.query<Row>(text, parameters);
  }

  override execute(text: string, parameters?: readonly unknown[]) {
    this.statements.push(text);
    return super.execute(text, parameters);
  }
}

async function issue(ledger: Ledger, rest: Partial<NewToken> = {}) {
  const { token, prefix, hash } = generateToken();
  await createToken(ledger, {
    ...{ name: "ci", prefix, hash, scope: "run", importers: null, createdBy: null },
    ...{ expiresAt: null, ...rest },
  });
  return { token, prefix };
}

/** Another secret under the same prefix. */
function forge(token: string): string {
  return token.slice(0, 16) + generateToken().token.slice(16);
}

async function refused(
  ledger: Ledger,
  authorization: string | null,
  now?: Date,
): Promise<Unauthorized> {
  try {
    await authenticate(ledger, authorization, now);
  } catch (error) {
    assert.ok(error instanceof Unauthorized, String(error));
    assert.equal(error.name, "Unauthorized");
    return error;
  }
  throw new assert.AssertionError({ message: `let in: ${authorization}` });
}

Deno.test("a valid token is accepted, and its use is recorded", async () => {
  await using db = await migratedDatabase();
  const ledger = new ListeningLedger(db.session, "ingest");
  const { token, prefix } = await issue(ledger, { importers: ["customers*"] });
  const { id = null } = await findToken(ledger, prefix) ?? {};
  const expected = { token: id, name: "ci", scope: "run", importers: ["customers*"] };
  for (const scheme of ["Bearer ", "bearer ", "BEARER  ", " Bearer "]) {
    assert.deepEqual(await authenticate(ledger, `${scheme}${token}`), expected);
  }
  assert.ok((await findToken(ledger, prefix))?.last_used_at instanceof Date);
});

Deno.test("a header without a token differs from none, and neither asks the database", async () => {
  await using db = await migratedDatabase();
  const ledger = new ListeningLedger(db.session, "ingest");
  const { token } = await issue(ledger);
  ledger.statements.length = 0;
  for (const none of [null, "", "  "]) {
    assert.equal((await refused(ledger, none)).reason, "missing");
  }
  const malformed = [
    "Bearer",
    "Bearer ",
    token,
    `Basic ${token}`,
    `Bearer${token}`,
    `Bearer ${token} ${token}`,
    `Bearer ${token},`,
    `Bearer "${token}"`,
    `Bearer ${token.slice(0, -1)}`,
    "Bearer ' or true --",
  ];
  for (const header of malformed) {
    assert.equal((await refused(ledger, header)).reason, "malformed", header);
  }
  assert.deepEqual(ledger.statements, []);
});

Deno.test("a wrong secret can't be distinguished from an unknown prefix", async () => {
  await using db = await migratedDatabase();
  const ledger = new ListeningLedger(db.session, "ingest");
  const { token, prefix } = await issue(ledger);
  const ask = async (text: string) => {
    ledger.statements.length = 0;
    const { reason, message } = await refused(ledger, `Bearer ${text}`);
    return { reason, message, statements: [...ledger.statements] };
  };
  const wrongSecret = await ask(forge(token));
  assert.equal(wrongSecret.reason, "unknown");
  assert.equal(wrongSecret.statements.length, 1);
  assert.deepEqual(await ask(generateToken().token), wrongSecret);
  assert.equal((await findToken(ledger, prefix))?.last_used_at, null);
});

Deno.test("a token is useless from the moment it expires or is revoked", async () => {
  await using db = await migratedDatabase();
  const ledger = new ListeningLedger(db.session, "ingest");
  const expiresAt = new Date("2030-01-01T00:00:00Z");
  const { token, prefix } = await issue(ledger, { expiresAt });
  const header = `Bearer ${token}`;
  assert.equal((await refused(ledger, header, expiresAt)).reason, "expired");
  assert.equal((await findToken(ledger, prefix))?.last_used_at, null);
  await authenticate(ledger, header, new Date(expiresAt.getTime() - 1));
  await revokeToken(ledger, prefix);
  await ledger.execute("update ingest.tokens set last_used_at = null");
  assert.equal((await refused(ledger, header, new Date(0))).reason, "revoked");
  assert.equal((await findToken(ledger, prefix))?.last_used_at, null);
});

Deno.test("a client without the secret doesn't learn that a token has expired or was revoked", async () => {
  await using db = await migratedDatabase();
  const ledger = new ListeningLedger(db.session, "ingest");
  const expired = await issue(ledger, { expiresAt: new Date(0) });
  const revoked = await issue(ledger, { name: "revoked" });
  await revokeToken(ledger, "revoked");
  assert.equal((await refused(ledger, `Bearer ${expired.token}`)).reason, "expired");
  assert.equal((await refused(ledger, `Bearer ${revoked.token}`)).reason, "revoked");
  for (const { token } of [expired, revoked]) {
    assert.equal((await refused(ledger, `Bearer ${forge(token)}`)).reason, "unknown");
  }
});

Deno.test("no message repeats what the client sent", async () => {
  await using db = await migratedDatabase();
  const ledger = new ListeningLedger(db.session, "ingest");
  const { token } = await issue(ledger, { expiresAt: new Date(0) });
  for (const text of [token, forge(token), token.slice(0, -1)]) {
    const { message } = await refused(ledger, `Bearer ${text}`);
    assert.ok(!message.includes(text.slice(7, 15)), message);
    assert.match(message, /^[A-Z][^\n]+[.>…]$/);
  }
});

Deno.test("each scope may do what those below it may, and no more", () => {
  const scopes = ["read", "run", "admin"] as const;
  const allowed = scopes.map((scope) =>
    scopes.map((needed) => allows({ token: 1, name: "ci", scope, importers: null }, needed))
  );
  assert.deepEqual(allowed, [[true, false, false], [true, true, false], [true, true, true]]);
});

function limitedTo(...importers: readonly string[]): Principal {
  return { token: 1, name: "ci", scope: "run", importers };
}

Deno.test("a token without patterns may use every importer, with patterns those that match one", () => {
  const all: Principal = { token: 1, name: "ci", scope: "run", importers: null };
  assert.ok(mayUse(all, "customers"));
  assert.equal(importerPatterns(all), null);
  assert.equal(mayUse(limitedTo(), "customers"), false);
  const limited = limitedTo("customers*", "orders", "*-daily", "a*b*c");
  for (
    const slug of ["customers", "customers-eu", "orders", "x-daily", "-daily", "abc", "abbbcc"]
  ) {
    assert.ok(mayUse(limited, slug), slug);
  }
  for (const slug of ["", "customer", "orders2", "my-orders", "Orders", "daily", "ac", "acb"]) {
    assert.equal(mayUse(limited, slug), false, slug);
  }
});

Deno.test("in a pattern every character but the star is literal, and parts never overlap", () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ["a.c", "abc", false],
    ["a?c", "abc", false],
    ["[ab]", "a", false],
    ["a_c", "abc", false],
    ["a%", "abc", false],
    ["a\\*", "a\\b", true],
    ["a\\*", "a*", false],
    ["*", "", true],
    ["*", "a\nb", true],
    ["**", "a", true],
    ["", "", true],
    ["", "a", false],
    ["ab*ba", "aba", false],
    ["ab*ba", "abba", true],
    ["*aa*aa*", "aaa", false],
  ];
  for (const [pattern, slug, expected] of table) {
    assert.equal(mayUse(limitedTo(pattern), slug), expected, `${pattern} ${slug}`);
  }
});

Deno.test("Postgres's LIKE with importerPatterns() agrees with mayUse()", async () => {
  await using db = await testDatabase();
  const text = (characters: string) =>
    fc.string({ unit: fc.constantFrom(...characters), maxLength: 6 });
  const pairs = fc.sample(fc.tuple(text("ab*%_\\."), text("ab%_\\*.")), {
    numRuns: 20_000,
    seed: 7,
  });
  const rows = await db.session.query<{ fits: boolean }>(
    `select slug like pattern as fits
     from unnest($1::text[], $2::text[]) with ordinality as pair (pattern, slug, at) order by at`,
    [
      pairs.map(([pattern]) => importerPatterns(limitedTo(pattern))?.[0] ?? null),
      pairs.map(([, slug]) => slug),
    ],
  );
  const ours = pairs.map(([pattern, slug]) => mayUse(limitedTo(pattern), slug));
  const differing = pairs.filter((_, at) => rows[at].fits !== ours[at]);
  assert.deepEqual(differing, []);
  assert.ok(ours.filter((fits) => fits).length > 500, "too few of the pairs fit");
});

Deno.test("no importer name makes a pattern take forever", () => {
  assert.equal(mayUse(limitedTo(`${"a*".repeat(30)}b`), "a".repeat(100_000)), false);
});
