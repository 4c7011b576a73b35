/**
 * Pages of other origins that may use the API (`serve --cors-origin`). They send a token: the cookie
 * of our own pages is never theirs to use, so no answer allows credentials.
 */
import type { Context, Next } from "hono";
import { RequestRefused } from "../answers/answer_failure.ts";
import type { RequestEnv } from "../server_context.ts";

const METHODS = "GET, HEAD, POST, DELETE";
const REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-Id";
/** What scripts may read besides the few headers that they always may. */
const ANSWER_HEADERS =
  "Allow, Content-Disposition, Idempotency-Replayed, Location, Retry-After, X-Request-Id";
/** Seconds that browsers remember the answer to a preflight. */
const MAX_AGE = 600;

/** Before anybody asks who it is: a preflight carries no token. */
export async function crossOrigin(
  c: Context<RequestEnv>,
  next: Next,
): Promise<Response | undefined> {
  const { corsOrigins } = c.get("server");
  if (corsOrigins.length === 0) {
    await next();
    return;
  }
  c.header("vary", "Origin", { append: true });
  const origin = c.req.header("origin");
  const isAllowed = mayUseFrom(c);
  if (isAllowed && origin !== undefined) {
    c.header("access-control-allow-origin", origin);
    c.header("access-control-expose-headers", ANSWER_HEADERS);
  }
  const isPreflight = c.req.method === "OPTIONS" && origin !== undefined &&
    c.req.header("access-control-request-method") !== undefined;
  if (!isPreflight) {
    await next();
    return;
  }
  if (!isAllowed) {
    throw new RequestRefused(403, "forbidden", "Pages of this origin must not use this server.");
  }
  c.header("access-control-allow-methods", METHODS);
  c.header("access-control-allow-headers", REQUEST_HEADERS);
  c.header("access-control-max-age", String(MAX_AGE));
  // A page of the internet that asks for a server in the local network.
  if (c.req.header("access-control-request-private-network") === "true") {
    c.header("access-control-allow-private-network", "true");
  }
  return c.body(null, 204);
}

/** Does the request come from a page of an origin that may use the API? */
export function mayUseFrom(c: Context<RequestEnv>): boolean {
  const origin = c.req.header("origin");
  return origin !== undefined && c.get("server").corsOrigins.includes(origin);
}
