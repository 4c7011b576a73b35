/** Who sends a request, and what they may do. */
import type { Ledger } from "../ledger/ledger.ts";
import { findToken, TOKEN_SCOPES, type TokenScope, touchToken } from "../ledger/tokens.ts";
import { hashToken, matches, prefixOf } from "./access_token.ts";

export interface Principal {
  /** The token's. */
  readonly name: string;
  readonly scope: TokenScope;
  /** Patterns of slugs, `*` for any characters; null: all importers. */
  readonly importers: readonly string[] | null;
}

/** `unknown` is a wrong secret as well as a prefix that no token has: they are not told apart. */
export type UnauthorizedReason = "missing" | "malformed" | "unknown" | "expired" | "revoked";

const MESSAGES: Readonly<Record<UnauthorizedReason, string>> = {
  missing: "This request needs a token. Send the header: Authorization: Bearer <token>",
  malformed: "The Authorization header has no token in it. Expected: Bearer ingest_…",
  unknown: "This token is not valid.",
  expired: "This token has expired.",
  revoked: "This token was revoked.",
};

/** Nobody known sends this request; the message is fit for the client. */
export class Unauthorized extends Error {
  override readonly name = "Unauthorized";

  constructor(readonly reason: UnauthorizedReason) {
    super(MESSAGES[reason]);
  }
}

/** What a token is compared with that has no hash, so that it takes as long as one that has. */
const NOBODYS_HASH = hashToken("");

/**
 * From an `Authorization` header, asking the database each time, so that revoking works at once.
 * That a token has expired or was revoked is told only to who has its secret. Throws Unauthorized.
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
  // Not after `token === null ||`: the comparison is made in any case.
  const isRight = matches(text, token?.hash ?? NOBODYS_HASH);
  if (token === null || !isRight) throw new Unauthorized("unknown");
  if (token.revoked_at !== null) throw new Unauthorized("revoked");
  if (token.expires_at !== null && token.expires_at <= now) throw new Unauthorized("expired");
  await touchToken(ledger, token.id);
  const { name, scope, importers } = token;
  return { name, scope, importers };
}

function readBearer(authorization: string | null): string {
  const header = authorization?.trim() ?? "";
  if (header === "") throw new Unauthorized("missing");
  const match = /^bearer +(\S+)$/iu.exec(header);
  if (match === null) throw new Unauthorized("malformed");
  return match[1];
}

/** May they do what needs this scope? */
export function allows(principal: Principal, needed: TokenScope): boolean {
  return TOKEN_SCOPES.indexOf(principal.scope) >= TOKEN_SCOPES.indexOf(needed);
}

/** May they see and run this importer? */
export function mayUse(principal: Principal, importer: string): boolean {
  return principal.importers?.some((pattern) => fits(importer, pattern)) ?? true;
}

/**
 * The same for SQL: `importer like any ($1::text[])`; null: no condition. Made here and not in the
 * ledger, beside `mayUse`, because the two must never disagree.
 */
export function importerPatterns(principal: Principal): string[] | null {
  return principal.importers?.map((pattern) =>
    pattern.replace(/[\\%_]/gu, "\\$&").replaceAll("*", "%")
  ) ?? null;
}

/**
 * Each part between stars is looked for once, where it comes first. A regular expression could be
 * made to try them everywhere, and the importer's name comes from whoever sends the request.
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
