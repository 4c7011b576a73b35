import type { OpenAPIHono } from "@hono/zod-openapi";
import { registerHeaders } from "../answers/answer_headers.ts";
import type { RequestEnv } from "../server_context.ts";

export type ApiDocument = ReturnType<OpenAPIHono<RequestEnv>["getOpenAPI31Document"]>;

/** The OpenAPI document, from the routes that the app has. */
export function describeApi(app: OpenAPIHono<RequestEnv>): ApiDocument {
  registerHeaders(app);
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "Created with `ingest token create`. Scopes: `read`, `run`, `admin`.",
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "ingest",
      version: "1",
      description: "Puts files into Postgres tables, and stays in charge of the import.",
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
    servers: [{ url: "/" }],
  });
}
