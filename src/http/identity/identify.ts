/** Finds out who sends a request: a token, or, while there are none, anybody on this machine. */
import type { Context, Next } from "hono";
import { hasTokens } from "../../ledger/tokens.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import { mayUseFrom } from "./cors.ts";
import { authenticate, type Principal, Unauthorized } from "./principal.ts";
import type { RequestEnv } from "../server_context.ts";
import { requireOwnPage, signedInAs } from "./session_cookie.ts";

/** Anybody who can start programs on this machine. */
const ANYBODY_HERE: Principal = { token: null, name: "local", scope: "admin", importers: null };

export async function identify(c: Context<RequestEnv>, next: Next): Promise<void> {
  c.set("principal", await whoAsks(c));
  await next();
}

/** Throws Unauthorized, and RequestRefused if the page of another site asks. */
export async function whoAsks(c: Context<RequestEnv>): Promise<Principal> {
  const server = c.get("server");
  const authorization = c.req.header("authorization") ?? null;
  return await server.withLedger(async (ledger) => {
    if (authorization !== null) return await authenticate(ledger, authorization);
    if (!server.isOpen || await hasTokens(ledger)) {
      const session = signedInAs(c);
      if (session !== null) requireOwnPage(c);
      return await authenticate(ledger, session);
    }
    requireLocal(c);
    return ANYBODY_HERE;
  });
}

/** Is there somebody who could sign out? */
export function isSomebody(principal: Principal): boolean {
  return principal !== ANYBODY_HERE;
}

const LOCAL_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/iu;
/** Headers in which proxies name the client. */
export const FORWARDED =
  /^(?:x-forwarded-.+|forwarded|via|x-real-ip|x-client-ip|cf-connecting-ip)$/u;

/**
 * Without tokens, only the connection tells who sends a request. This refuses web pages in this
 * machine's browser (by a form, or with a name of their own for 127.0.0.1), and anybody behind a
 * proxy on this machine.
 */
function requireLocal(c: Context<RequestEnv>): void {
  const host = c.req.header("host") ?? "";
  const origin = c.req.header("origin");
  const site = c.req.header("sec-fetch-site");
  const forwarded = [...c.req.raw.headers.keys()].some((name) => FORWARDED.test(name));
  if (forwarded || !LOCAL_HOST.test(host)) throw new Unauthorized("missing");
  if (isFollowedLink(c) || mayUseFrom(c)) return;
  const foreign = (origin !== undefined && origin !== `http://${host}`) ||
    (site !== undefined && site !== "same-origin" && site !== "none");
  if (!foreign) return;
  throw new RequestRefused(403, "forbidden", "Pages of other sites must not use this server.");
}

/** Somebody follows a link to a page: the site that has the link doesn't get to see the answer. */
function isFollowedLink(c: Context<RequestEnv>): boolean {
  return c.req.method === "GET" && c.req.header("sec-fetch-mode") === "navigate" &&
    c.req.header("sec-fetch-dest") === "document";
}
