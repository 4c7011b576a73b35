/** `tokens`: who may use the HTTP API. http/access_token.ts knows what a token looks like. */
import type { Ledger } from "./ledger.ts";

/** Each includes those before it. */
export const TOKEN_SCOPES = ["read", "run", "admin"] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

export interface Token {
  readonly id: number;
  readonly name: string;
  /** The visible part, unique. */
  readonly prefix: string;
  /** SHA-256 of the whole token, hex. */
  readonly hash: string;
  readonly scope: TokenScope;
  /** Patterns of importers' slugs, `*` for any characters; null: all of them. */
  readonly importers: readonly string[] | null;
  readonly created_by: string | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  /** To the minute. */
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

export interface NewToken extends Pick<Token, "name" | "prefix" | "hash" | "scope" | "importers"> {
  readonly createdBy: string | null;
  readonly expiresAt: Date | null;
}

/** A token that is not revoked has this name. The message is one line that says what to do. */
export class TokenNameTaken extends Error {
  override readonly name = "TokenNameTaken";

  constructor(token: string) {
    super(
      `Cannot create token "${token}": another token that is not revoked has this name. ` +
        "Choose another name, or revoke that token first: ingest token revoke",
    );
  }
}

/** No token has this name or prefix. The message is one line that says what to do. */
export class NoSuchToken extends Error {
  override readonly name = "NoSuchToken";

  constructor(nameOrPrefix: string) {
    super(`There is no token "${nameOrPrefix}". \`ingest token list\` lists them.`);
  }
}

/** Throws TokenNameTaken. */
export async function createToken(ledger: Ledger, token: NewToken): Promise<Token> {
  const [created] = await ledger.query<Token>(
    `insert into ${ledger.schema}.tokens
       (name, prefix, hash, scope, importers, created_by, expires_at)
     values ($1, $2, $3, $4, $5::text[], $6, $7)
     on conflict (name) where revoked_at is null do nothing
     returning *`,
    [
      token.name,
      token.prefix,
      token.hash,
      token.scope,
      token.importers,
      token.createdBy,
      token.expiresAt,
    ],
  );
  if (created === undefined) throw new TokenNameTaken(token.name);
  return created;
}

/** Finds revoked and expired tokens, too. */
export async function findToken(ledger: Ledger, prefix: string): Promise<Token | null> {
  const [token] = await ledger.query<Token>(
    `select * from ${ledger.schema}.tokens where prefix = $1`,
    [prefix],
  );
  return token ?? null;
}

/** All tokens ever created, latest first. */
export function listTokens(ledger: Ledger): Promise<Token[]> {
  return ledger.query<Token>(`select * from ${ledger.schema}.tokens order by id desc`);
}

export interface Revocation {
  readonly token: Token;
  /** It was revoked already, at `token.revoked_at`. */
  readonly before: boolean;
}

/**
 * Revokes a token for good, from the next request on. If several tokens match, it prefers one that
 * is not revoked, then a name to a prefix, then the latest. Throws NoSuchToken.
 */
export async function revokeToken(ledger: Ledger, nameOrPrefix: string): Promise<Revocation> {
  const [revoked] = await ledger.query<Token & { before: boolean }>(
    // Locked, so that the second of two concurrent calls sees what the first one did.
    `with chosen as (
       select id, revoked_at from ${ledger.schema}.tokens
       where name = $1 or prefix = $1
       order by revoked_at is null desc, name = $1 desc, id desc
       limit 1 for update
     )
     update ${ledger.schema}.tokens t set revoked_at = coalesce(chosen.revoked_at, now())
     from chosen where t.id = chosen.id
     returning t.*, chosen.revoked_at is not null as before`,
    [nameOrPrefix],
  );
  if (revoked === undefined) throw new NoSuchToken(nameOrPrefix);
  const { before, ...token } = revoked;
  return { token, before };
}

/** Those of the tokens that may still be used. */
export async function stillValid(
  ledger: Ledger,
  tokens: readonly number[],
): Promise<ReadonlySet<number>> {
  const found = await ledger.query<{ id: number }>(
    `select id from ${ledger.schema}.tokens
     where id = any($1::bigint[]) and revoked_at is null
       and (expires_at is null or expires_at > clock_timestamp())`,
    [tokens],
  );
  return new Set(found.map(({ id }) => id));
}

/** The token was used just now. At most one write a minute, however many requests it makes. */
export async function touchToken(ledger: Ledger, id: number): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.tokens set last_used_at = now()
     where id = $1 and (last_used_at is null or last_used_at <= now() - interval '1 minute')`,
    [id],
  );
}

/** Was a token ever created? Revoking the last one must not open the server. */
export async function hasTokens(ledger: Ledger): Promise<boolean> {
  const [row] = await ledger.query<{ any: boolean }>(
    `select exists (select from ${ledger.schema}.tokens) as any`,
  );
  return row.any;
}
