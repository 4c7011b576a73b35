/** Finds out who sends a request: a token, or, while there are none, anybody on this machine. */
import type { Context, Next } from "hono";
import { hasTokens } from "../ledger/tokens.ts";
import { RequestRefused } from "./answer_failure.ts";
import { authenticate, type Principal, Unauthorized } from "./principal.ts";
import type { RequestEnv } from "./server_context.ts";

/** Anybody who can start programs on this machine. */
const ANYBODY_HERE: Principal = { token: null, name: "local", scope: "admin", importers: null };

export async function identify(c: Context<RequestEnv>, next: Next): Promise<void> {
  const server = c.get("server");
  const authorization = c.req.header("authorization") ?? null;
  const principal = await server.withLedger(async (ledger) => {
    if (!server.isOpen || authorization !== null || await hasTokens(ledger)) {
      return await authenticate(ledger, authorization);
    }
    requireLocal(c);
    return ANYBODY_HERE;
  });
  c.set("principal", principal);
  await next();
}

const LOCAL_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/iu;
/** Headers in which proxies name the client. */
const FORWARDED = /^(?:x-forwarded-.+|forwarded|via|x-real-ip|x-client-ip|cf-connecting-ip)$/u;

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
  const foreign = (origin !== undefined && origin !== `http://${host}`) ||
    (site !== undefined && site !== "same-origin" && site !== "none");
  if (!foreign) return;
  throw new RequestRefused(403, "forbidden", "Pages of other sites must not use this server.");
}
