/** Signing in with a token, and out. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { RequestRefused } from "../answers/answer_failure.ts";
import { authenticate, Unauthorized } from "../identity/principal.ts";
import type { RequestEnv } from "../server_context.ts";
import { requireOwnPage, signIn, signOut } from "../identity/session_cookie.ts";
import { whoAsks } from "../identity/identify.ts";
import { action, render } from "./page.tsx";
import { readForm } from "./read_form.ts";

export function signInRoutes(app: OpenAPIHono<RequestEnv>): void {
  app.get("/sign-in", async (c) => {
    const to = ownPath(c.req.query("to"));
    // Somebody who is signed in already, or need not be.
    const known = await whoAsks(c).then(() => true, (error) => {
      if (error instanceof Unauthorized) return false;
      throw error;
    });
    if (known) return c.redirect(to, 303);
    return await showForm(c, to, c.req.query("why")?.slice(0, 200) ?? null);
  });

  app.post("/sign-in", async (c) => {
    try {
      requireOwnPage(c);
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      return await showForm(c, "/", error.message, 403);
    }
    const form = await readForm(c);
    const token = form.get("token")?.trim() ?? "";
    const to = ownPath(form.get("to") ?? undefined);
    try {
      await c.get("server").withLedger((ledger) => authenticate(ledger, `Bearer ${token}`));
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
      const why = error.reason === "malformed"
        ? "That is not a token. Tokens begin with ingest_."
        : error.message;
      return await showForm(c, to, why, 401);
    }
    signIn(c, token);
    return c.redirect(to, 303);
  });

  action(app, "/sign-out", (c) => {
    signOut(c);
    return Promise.resolve("/sign-in");
  });
}

/** Only paths of this server: else a link could lead from here to anywhere. */
function ownPath(path: string | undefined): string {
  const url = path?.startsWith("/") ? URL.parse(path, "http://own") : null;
  // `/.//host` is a path of ours, and what is left when the dot goes isn't.
  const isOwn = url !== null && url.host === "own" && !url.pathname.startsWith("//");
  return isOwn ? url.pathname + url.search : "/";
}

function showForm(
  c: Context<RequestEnv>,
  to: string,
  why: string | null,
  status: 200 | 401 | 403 = 200,
): Promise<Response> {
  return render(
    c,
    {
      title: "Sign in",
      section: null,
      body: (
        <section class="sign-in">
          <h1>Sign in</h1>
          {why !== null && <p class="note refused" role="alert">{why}</p>}
          <form method="post" action="/sign-in">
            <input type="hidden" name="to" value={to} />
            <label for="token">Access token</label>
            <input
              id="token"
              name="token"
              type="password"
              autocomplete="current-password"
              placeholder="ingest_…"
              spellcheck={false}
              required
              autofocus
            />
            <button type="submit" class="primary">Sign in</button>
          </form>
          <p class="hint">Whoever runs this server can create a token for you.</p>
        </section>
      ),
    },
    null,
    status,
  );
}
