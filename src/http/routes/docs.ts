/** Documents the API, for programs and for people. Needs no token: it is the same everywhere. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { renderDocument } from "../docs/page.ts";
import { describeApi } from "../docs/openapi.ts";
import type { RequestEnv } from "../server_context.ts";

export function documentRoutes(app: OpenAPIHono<RequestEnv>): void {
  app.get("/openapi.json", (c) => c.json(describeApi(app)));
  app.get("/docs", (c) => c.html(renderDocument(describeApi(app))));
}
