/**
 * Signing in on the pages: the token is kept in a cookie that scripts can't read and other sites
 * can't send. There is no session in the database: a token that is revoked ends it at once.
 */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { prefixOf } from "./access_token.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import type { RequestEnv } from "../server_context.ts";

const NAME = "ingest_token";
/** Seconds after which somebody has to sign in again. */
const MAX_AGE = 7 * 24 * 60 * 60;
const SAFE_METHODS: readonly string[] = ["GET", "HEAD"];

/** What the Authorization header would be; null if nobody has signed in. */
export function signedInAs(c: Context<RequestEnv>): string | null {
  const token = getCookie(c, NAME);
  return token === undefined || token === "" ? null : `Bearer ${token}`;
}

/** The caller has checked the token. */
export function signIn(c: Context<RequestEnv>, token: string): void {
  if (prefixOf(token) === null) throw new Error("Cannot sign in: that is no token");
  setCookie(c, NAME, token, { ...attributes(c), maxAge: MAX_AGE });
}

export function signOut(c: Context<RequestEnv>): void {
  deleteCookie(c, NAME, attributes(c));
}

/**
 * A browser sends the cookie by itself, so what changes something must come from our own pages.
 * `SameSite=Strict` says the same, but not to old browsers, and not about other ports of the host.
 * Throws RequestRefused.
 */
export function requireOwnPage(c: Context<RequestEnv>): void {
  if (SAFE_METHODS.includes(c.req.method)) return;
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  // Browsers leave `sec-fetch-site` out over plain http, except on this machine. A proxy that ends
  // TLS changes the scheme, so only the hosts are compared.
  const isOwn = site === undefined
    ? origin !== undefined && hostOf(origin) === c.req.header("host")
    : site === "same-origin";
  if (isOwn) return;
  // What else it may be: somebody's proxy gives the server a name of its own.
  const isRenamed = site === undefined && origin !== undefined;
  throw new RequestRefused(
    403,
    "forbidden",
    isRenamed
      ? `Your browser is at ${hostOf(origin)}, and the server was asked for ` +
        `${c.req.header("host")}. If there is a proxy between them, it has to pass the header ` +
        "Host on as it is: tell whoever runs the server."
      : "Pages of other sites must not use this server.",
  );
}

function attributes(c: Context<RequestEnv>) {
  return { path: "/", httpOnly: true, sameSite: "Strict", secure: isSecure(c) } as const;
}

/** Did the browser use https? If a client lies about it, only its own cookie suffers. */
function isSecure(c: Context<RequestEnv>): boolean {
  return c.req.header("origin")?.startsWith("https:") === true ||
    c.req.header("x-forwarded-proto")?.split(",")[0].trim() === "https";
}

function hostOf(origin: string): string | null {
  return URL.parse(origin)?.host ?? null;
}
