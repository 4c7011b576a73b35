/** The HTTP API and the pages: routes requests to their handlers, and turns errors into answers. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { METHOD_NAME_ALL } from "hono/router";
import { NONCE, secureHeaders } from "hono/secure-headers";
import { getPath } from "hono/utils/url";
import { answerFailure, RequestRefused } from "./answers/answer_failure.ts";
import { crossOrigin } from "./identity/cors.ts";
import { STYLE_HASH } from "./docs/stylesheet.ts";
import { identify } from "./identity/identify.ts";
import { documentRoutes } from "./routes/docs.ts";
import { correctionRoutes } from "./routes/corrections.ts";
import { changeRoutes } from "./routes/changes.ts";
import { controlRoutes } from "./routes/control.ts";
import { errorRoutes } from "./routes/errors.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { importerRoutes } from "./routes/importers.ts";
import { previewRoutes } from "./routes/preview.ts";
import { retryRoutes } from "./routes/retry.ts";
import { runRoutes } from "./routes/runs.ts";
import { saveRoutes } from "./routes/save.ts";
import { suggestionRoutes } from "./routes/suggestions.ts";
import { startRoutes } from "./routes/start.ts";
import { uploadRoutes } from "./routes/upload.ts";
import { waiveRoutes } from "./routes/waive.ts";
import { logRequests } from "./request_log.ts";
import { BASE_PATH } from "./route.ts";
import type { RequestEnv, ServerContext } from "./server_context.ts";
import { validationFailure } from "./requests/validation.ts";

/** Limit for all headers together, in characters. */
const MAX_HEADERS = 16 * 1024;

type App = OpenAPIHono<RequestEnv>;

/**
 * Answers requests. What only the pages need is loaded when somebody opens one: the API has to be there
 * soon after a start.
 */
export function answerRequests(
  server: ServerContext,
): (request: Request) => Response | Promise<Response> {
  const api = createApi();
  const app = createApp(server, api);
  let whole: Promise<App> | null = null;
  const withPages = async () => {
    const { pageRoutes } = await import("./pages/pages.ts");
    return createApp(server, api, pageRoutes);
  };
  return (request) => {
    if (isOfApi(getPath(request))) return app.fetch(request);
    whole ??= withPages();
    return whole.then((app) => app.fetch(request));
  };
}

const OF_API = ["/healthz", "/readyz", "/openapi.json", "/docs"];

function isOfApi(path: string): boolean {
  return path.startsWith(`${BASE_PATH}/`) || path === BASE_PATH || OF_API.includes(path);
}

/** `pages`: adds them. Without them it is the API alone. */
export function createApp(
  server: ServerContext,
  api: App = createApi(),
  pages: (app: App) => void = () => {},
): App {
  const app = newApp();
  app.use(logRequests(server));
  app.use(secureHeaders({
    contentSecurityPolicy: {
      // One policy for all, because this middleware overwrites what a route sets.
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      // The hash is for /docs, the nonce for the pages.
      styleSrc: ["'self'", `'${STYLE_HASH}'`, NONCE],
      fontSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    // Our own forms have to say where they come from.
    referrerPolicy: "same-origin",
    // Left to the proxy that ends TLS: here it would reach everybody on this machine.
    strictTransportSecurity: false,
  }));
  app.use(async (c, next) => {
    c.header("cache-control", "no-store");
    refuseLongHeaders(c);
    await next();
  });
  app.onError((error, c) => fail(c, error));
  app.notFound((c) => {
    const allowed = methodsOf(app, c.req.path);
    if (allowed.length === 0) return fail(c, notFound());
    c.header("allow", allowed.join(", "));
    return fail(c, wrongMethod(c.req.method));
  });

  for (const path of [`${BASE_PATH}/*`, "/openapi.json", "/healthz", "/readyz"]) {
    app.use(path, crossOrigin);
  }
  healthRoutes(app, true);
  app.route(BASE_PATH, api);
  documentRoutes(app);
  pages(app);
  return app;
}

function createApi(): App {
  const api = newApp();
  healthRoutes(api);
  api.use(identify);
  importerRoutes(api);
  saveRoutes(api);
  uploadRoutes(api);
  startRoutes(api);
  previewRoutes(api);
  retryRoutes(api);
  controlRoutes(api);
  waiveRoutes(api);
  correctionRoutes(api);
  changeRoutes(api);
  suggestionRoutes(api);
  errorRoutes(api);
  eventRoutes(api);
  runRoutes(api);
  return api;
}

function newApp(): App {
  return new OpenAPIHono<RequestEnv>({
    // A trailing slash makes no difference.
    strict: false,
    defaultHook: (result) => {
      if (!result.success) throw validationFailure(result.error);
    },
  });
}

function fail(c: Context<RequestEnv>, thrown: Error): Response {
  const error = thrown instanceof HTTPException ? fromHono(thrown) : thrown;
  const { status, body, retryAfter } = answerFailure(error, c.get("requestId"));
  // For the log, because the answer doesn't say why.
  if (status >= 500) c.set("failure", error);
  if (status === 401) c.header("www-authenticate", 'Bearer realm="ingest"');
  if (retryAfter !== undefined) c.header("retry-after", String(retryAfter));
  return c.json(body, status);
}

function fromHono(error: HTTPException): RequestRefused {
  return error.status === 413
    ? new RequestRefused(413, "too_large", error.message)
    : new RequestRefused(400, "malformed", error.message);
}

function notFound(): RequestRefused {
  return new RequestRefused(404, "not_found", "There is no such route. See /docs.");
}

/** What the path can be asked for. */
function methodsOf(app: OpenAPIHono<RequestEnv>, path: string): readonly string[] {
  const methods = new Set(app.routes.map(({ method }) => method));
  return [...methods].filter((method) => {
    // Middleware takes part in any request.
    const [found] = app.router.match(method, path);
    return found.some(([[, route]]) => route.method === method && method !== METHOD_NAME_ALL);
  }).flatMap((method) => method === "GET" ? ["GET", "HEAD"] : [method]);
}

function wrongMethod(method: string): RequestRefused {
  return new RequestRefused(
    405,
    "method_not_allowed",
    `This route doesn't take ${method}. The header Allow says what it takes.`,
  );
}

function refuseLongHeaders(c: Context<RequestEnv>): void {
  let length = 0;
  for (const [name, value] of c.req.raw.headers) length += name.length + value.length;
  if (length <= MAX_HEADERS) return;
  throw new RequestRefused(431, "headers_too_large", "The headers are too long.");
}
