/** Headers of answers, for the documentation; and the one that says where a run is. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { RunReport } from "../../report/report_schema.ts";
import { BASE_PATH } from "../../report/run_page.ts";
import type { RequestEnv } from "../server_context.ts";

const HEADERS = {
  RequestId: {
    description: "Also in the server's log. Taken from the request, if that has one.",
    schema: { type: "string" },
  },
  Location: {
    description: "The path of the run.",
    schema: { type: "string", format: "uri-reference" },
  },
  RetryAfter: {
    description: "Seconds after which to try again.",
    schema: { type: "integer", minimum: 0 },
  },
} as const;

/** For `components` of the document. */
export function registerHeaders(app: OpenAPIHono<RequestEnv>): void {
  for (const [name, header] of Object.entries(HEADERS)) {
    app.openAPIRegistry.registerComponent("headers", name, header);
  }
}

/** The headers that answers of this status have on every route. */
export function headersOf(status: number) {
  return {
    "X-Request-Id": refer("RequestId"),
    ...(status === 202 && { Location: refer("Location") }),
    ...((status === 409 || status === 503) && { "Retry-After": refer("RetryAfter") }),
  };
}

function refer(name: keyof typeof HEADERS) {
  return { $ref: `#/components/headers/${name}` };
}

/** The answer of a request that has started something: the run, and where to look at it. */
export function accepted(c: Context<RequestEnv>, data: RunReport): Response {
  return c.json({ data }, 202, { location: `${BASE_PATH}/${data.id}` });
}
