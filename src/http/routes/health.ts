/** For load balancers and monitoring: needs no token. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { json } from "../route.ts";
import { failureSchema, healthBody } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";

/** `hide`: leave them out of the documentation, which has them once. */
export function healthRoutes(app: OpenAPIHono<RequestEnv>, hide = false): void {
  const alive = createRoute({
    method: "get",
    path: "/healthz",
    operationId: "isAlive",
    hide,
    summary: "Check that the server is alive.",
    description: "Also at `/healthz`.",
    security: [],
    responses: { 200: json(healthBody, "It is alive.") },
  });
  const ready = createRoute({
    method: "get",
    path: "/readyz",
    operationId: "isReady",
    hide,
    summary: "Check that the database answers, accepts writes, and has current migrations.",
    description: "Also at `/readyz`.",
    security: [],
    responses: {
      200: json(healthBody, "The server is ready."),
      503: json(failureSchema, "The server is not ready at the moment."),
    },
  });
  app.openapi(alive, (c) => c.json({ status: "ok" as const }, 200));
  app.openapi(ready, async (c) => {
    await c.get("server").assertReady();
    return c.json({ status: "ok" as const }, 200);
  });
}
