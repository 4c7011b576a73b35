/** For load balancers and those who watch: they need no token. */
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { json } from "../route.ts";
import { failureSchema, healthBody } from "../schemas.ts";
import type { RequestEnv } from "../server_context.ts";

export function healthRoutes(app: OpenAPIHono<RequestEnv>, prefix = ""): void {
  const alive = createRoute({
    method: "get",
    path: `${prefix}/healthz`,
    summary: "Is the server alive?",
    security: [],
    responses: { 200: json(healthBody, "It is.") },
  });
  const ready = createRoute({
    method: "get",
    path: `${prefix}/readyz`,
    summary: "Does the database answer, and are its migrations current?",
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
