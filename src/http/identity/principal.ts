/** Who sends a request, and what they may do. */
import { PostgresError } from "../../db/connection_errors.ts";
import { READ_ONLY } from "../../db/sqlstate.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { findToken, TOKEN_SCOPES, type TokenScope, touchToken } from "../../ledger/tokens.ts";
import { hashToken, matches, prefixOf } from "./access_token.ts";

export interface Principal {
  /** The token's number; null: anybody, as long as there are no tokens. */
  readonly token: number | null;
  /** The token's. */
  readonly name: string;
  readonly scope: TokenScope;
  /** Patterns of slugs, `*` for any characters; null: all importers. */
  readonly importers: readonly string[] | null;
}

/** `unknown`: no token has this prefix, or the secret is wrong. The client can't tell which. */
export type UnauthorizedReason = "missing" | "malformed" | "unknown" | "expired" | "revoked";

const MESSAGES: Readonly<Record<UnauthorizedReason, string>> = {
  missing: "This request needs a token. Send the header: Authorization: Bearer <token>",
  malformed: "The Authorization header contains no token. Expected: Bearer ingest_…",
  unknown: "This token is not valid.",
  expired: "This token has expired.",
  revoked: "This token was revoked.",
};

/** The sender of the request is unknown. The message is fit for the client. */
export class Unauthorized extends Error {
  override readonly name = "Unauthorized";

  constructor(readonly reason: UnauthorizedReason) {
    super(MESSAGES[reason]);
  }
}

/** An unknown token is compared with this, so that it takes as long as a known one. */
const NOBODYS_HASH = hashToken("");

/**
 * From an `Authorization` header. Asks the database each time, so that revoking works at once. Only
 * a client with the secret learns that its token has expired or was revoked. Throws Unauthorized.
 */
export async function authenticate(
  ledger: Ledger,
  authorization: string | null,
  now: Date = new Date(),
): Promise<Principal> {
  const text = readBearer(authorization);
  const prefix = prefixOf(text);
  if (prefix === null) throw new Unauthorized("malformed");
  const token = await findToken(ledger, prefix);
  // Not after `token === null ||`: the comparison must always be made.
  const isRight = matches(text, token?.hash ?? NOBODYS_HASH);
  if (token === null || !isRight) throw new Unauthorized("unknown");
  if (token.revoked_at !== null) throw new Unauthorized("revoked");
  if (token.expires_at !== null && token.expires_at <= now) throw new Unauthorized("expired");
  await touchToken(ledger, token.id).catch(unlessReadOnly);
  const { id, name, scope, importers } = token;
  return { token: id, name, scope, importers };
}

/** Who only reads can do so while the database accepts no writes. */
function unlessReadOnly(error: unknown): void {
  if (!(error instanceof PostgresError) || error.code !== READ_ONLY) throw error;
}

function readBearer(authorization: string | null): string {
  const header = authorization?.trim() ?? "";
  if (header === "") throw new Unauthorized("missing");
  const match = /^bearer +(\S+)$/iu.exec(header);
  if (match === null) throw new Unauthorized("malformed");
  return match[1];
}

/** May the principal do what needs this scope? */
export function allows(principal: Principal, needed: TokenScope): boolean {
  return TOKEN_SCOPES.indexOf(principal.scope) >= TOKEN_SCOPES.indexOf(needed);
}

/** May the principal see and run this importer? */
export function mayUse(principal: Pick<Principal, "importers">, importer: string): boolean {
  return principal.importers?.some((pattern) => fits(importer, pattern)) ?? true;
}

/**
 * The same for SQL: `importer like any ($1::text[])`; null: no condition. It is here, next to
 * `mayUse`, and not in the ledger, because the two must never disagree.
 */
export function importerPatterns(principal: Pick<Principal, "importers">): string[] | null {
  return principal.importers?.map((pattern) =>
    pattern.replace(/[\\%_]/gu, "\\$&").replaceAll("*", "%")
  ) ?? null;
}

/**
 * Each part between stars is searched once, and its first occurrence is taken. A regular expression
 * could be made to try every place, and the importer's name comes from the client.
 */
function fits(text: string, pattern: string): boolean {
  const [head, ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined) return text === pattern;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
