/** What all pages share: who looks at them, and what they show when something goes wrong. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { Child } from "hono/jsx";
import { answerFailure, type FailureAnswer } from "../answers/answer_failure.ts";
import { whoAsks } from "../identity/identify.ts";
import { type Principal, Unauthorized } from "../identity/principal.ts";
import type { RequestEnv } from "../server_context.ts";
import { requireOwnPage, signedInAs } from "../identity/session_cookie.ts";
import type { AssetName } from "./assets.ts";
import { assetPath, inlineStyle, loadAssets } from "./assets.ts";
import { Layout, sheetsOf } from "./layout.tsx";
import { BODY, sendFrameFirst } from "./frame_first.tsx";
import { ApiRefused } from "./call_api.ts";
import { leaveNote, takeNote } from "./note.ts";
import { type PageView, type Viewer, viewerOf } from "./view.ts";
import { pageWords } from "./words.ts";

type PageContext = Context<RequestEnv>;

type Show<Path extends string> = (
  c: Context<RequestEnv, Path>,
  viewer: Viewer,
) => Promise<PageView | Response>;

/** A page for everybody who may read. `show` throws what the API throws. */
export function page<Path extends string>(
  app: OpenAPIHono<RequestEnv>,
  path: Path,
  show: Show<Path>,
): void {
  app.get(path, (c) => answer(c, show));
}

/** The page that answers a form which changes nothing. */
export function postedPage<Path extends string>(
  app: OpenAPIHono<RequestEnv>,
  path: Path,
  show: Show<Path>,
): void {
  app.post(path, (c) => answer(c, show));
}

async function answer<Path extends string>(
  c: Context<RequestEnv, Path>,
  show: Show<Path>,
): Promise<Response> {
  try {
    requireOwnPage(c);
    const principal = await whoAsks(c);
    c.set("principal", principal);
    const viewer = viewerOf(principal);
    const shown = await show(c, viewer);
    return shown instanceof Response ? shown : await render(c, shown, viewer);
  } catch (error) {
    return error instanceof Unauthorized ? askToSignIn(c, error) : await renderFailure(c, error);
  }
}

/** What a button or form of a page does. `act` returns where to go next. */
export function action<Path extends string>(
  app: OpenAPIHono<RequestEnv>,
  path: Path,
  act: (c: Context<RequestEnv, Path>) => Promise<string>,
): void {
  app.post(path, async (c) => {
    try {
      requireOwnPage(c);
      return c.redirect(await act(c), 303);
    } catch (error) {
      if (!(error instanceof ApiRefused)) return await renderFailure(c, error);
      if (error.status === 401) return c.redirect("/sign-in", 303);
      leaveNote(c, { kind: "refused", text: pageWords(error.message) });
      return c.redirect(pageBefore(c), 303);
    }
  });
}

/** Where the button was. */
function pageBefore(c: PageContext): string {
  const before = URL.parse(c.req.header("referer") ?? "");
  const isOurs = before !== null && before.host === c.req.header("host");
  return isOurs ? before.pathname + before.search : "/";
}

/** Characters of a page up to which its style is in it. Its size is what whoever asks again pays. */
const MOST_INLINE = 40_000;

export async function render(
  c: PageContext,
  view: PageView,
  viewer: Viewer | null,
  status: FailureAnswer["status"] | 200 = 200,
): Promise<Response> {
  const { version, files } = await loadAssets();
  const path = (name: AssetName) => assetPath(version, name);
  const sheets = sheetsOf(view);
  const styles = sheets.map((name) => inlineStyle(files.get(name)!, path)).join("");
  // Scripts take parts of the answer into a page that has its style, with a nonce of its own. So do
  // the answers to what is posted.
  const isWhole = c.req.method === "GET" && c.req.header("x-parts") === undefined;
  const style = { nonce: c.get("secureHeadersNonce") ?? "", text: styles };
  const frame = { view, viewer, path, sheets, note: takeNote(c) };
  if (isWhole && typeof view.body === "function") {
    return sendFrameFirst(c, {
      frame: await pageText(
        <Layout {...frame} style={view.isLong === true ? null : style} body={raw(BODY)} />,
      ),
      body: view.body,
      failed: (error) => failureOf(c, error).view.body,
    });
  }
  const body = await html`
    ${typeof view.body === "function" ? await view.body() : view.body}
  `;
  const isInline = isWhole && body.length + styles.length < MOST_INLINE;
  return c.html(
    await pageText(<Layout {...frame} style={isInline ? style : null} body={body} />),
    status,
  );
}

function pageText(page: Child) {
  return html`
    <!DOCTYPE html>${page}
  `;
}

/** Shows what the API would answer. */
async function renderFailure(c: PageContext, thrown: unknown): Promise<Response> {
  const { view, status, retryAfter } = failureOf(c, thrown);
  if (retryAfter !== undefined) c.header("retry-after", String(retryAfter));
  const principal: Principal | undefined = c.get("principal");
  return await render(c, view, principal === undefined ? null : viewerOf(principal), status);
}

interface FailureView extends Pick<FailureAnswer, "status" | "retryAfter"> {
  readonly view: PageView & { readonly body: Child };
}

function failureOf(c: PageContext, thrown: unknown): FailureView {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { status, body, retryAfter } = answerFailure(error, c.get("requestId"));
  if (status >= 500) c.set("failure", error);
  const view = {
    title: titleOf(status),
    section: null,
    body: (
      <section class="empty">
        <h1>{titleOf(status)}</h1>
        <p>{body.message}</p>
        {Object.entries(body.errors ?? {}).map(([field, texts]) => (
          <p>
            <strong>{field}</strong>: {texts.join("; ")}
          </p>
        ))}
        <p>
          <a href="/">All runs</a>
        </p>
      </section>
    ),
    // A database that is away comes back.
    ...(status === 503 && c.req.method === "GET" && { refresh: 3, always: true }),
  };
  return { view, status, retryAfter };
}

function titleOf(status: number): string {
  if (status === 404) return "Not found";
  if (status === 403) return "Not allowed";
  if (status === 503) return "The database is away";
  return status >= 500 ? "Something went wrong" : "That can’t be done";
}

function askToSignIn(
  c: PageContext,
  { reason, message }: Unauthorized,
): Response | Promise<Response> {
  // The cookie isn't sent with the request that follows another site's link, but with the next one.
  const fromElsewhere = c.req.header("sec-fetch-site") === "cross-site";
  if (fromElsewhere && c.req.method === "GET" && signedInAs(c) === null) {
    return c.html(
      html`
        <!DOCTYPE html>
        <html lang="en">
          <meta charset="utf-8">
          <title>ingest</title>
          <meta http-equiv="refresh" content="0">
        </html>
      `,
    );
  }
  const { pathname, search } = new URL(c.req.url);
  const query = new URLSearchParams({
    ...(c.req.method === "GET" && { to: pathname + search }),
    ...(reason !== "missing" && { why: message }),
  });
  return c.redirect(`/sign-in${query.size === 0 ? "" : `?${query}`}`, 303);
}
