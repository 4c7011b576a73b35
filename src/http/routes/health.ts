/** For load balancers and those who watch: they need no token. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { json } from "../route.ts";
import { failureSchema, healthBody } from "../schemas.ts";
import type { RequestEnv } from "../server_context.ts";

/** `hide`: not in the documentation, which has them once. */
export function healthRoutes(app: OpenAPIHono<RequestEnv>, hide = false): void {
  const alive = createRoute({
    method: "get",
    path: "/healthz",
    operationId: "isAlive",
    hide,
    summary: "Is the server alive?",
    description: "Also at `/healthz`.",
    security: [],
    responses: { 200: json(healthBody, "It is.") },
  });
  const ready = createRoute({
    method: "get",
    path: "/readyz",
    operationId: "isReady",
    hide,
    summary: "Does the database answer, and are its migrations current?",
    description: "Also at `/readyz`.",
    security: [],
    responses: {
      200: json(healthBody, "They are."),
      503: json(failureSchema, "Not at the moment."),
    },
  });
  app.openapi(alive, (c) => c.json({ status: "ok" as const }, 200));
  app.openapi(ready, async (c) => {
    await c.get("server").assertReady();
    return c.json({ status: "ok" as const }, 200);
  });
}
