/** Logs a JSON line for each request, with an id that is also in the answer. */
import type { MiddlewareHandler } from "hono";
import type { RequestEnv, ServerContext } from "./server_context.ts";

/** An id that the client or a proxy has given the request. */
const USABLE_ID = /^[\w.:-]{1,100}$/u;

/** Also gives the handlers the server. */
export function logRequests(server: ServerContext): MiddlewareHandler<RequestEnv> {
  return async (c, next) => {
    const began = performance.now();
    const given = c.req.header("x-request-id") ?? "";
    const requestId = USABLE_ID.test(given) ? given : crypto.randomUUID();
    c.set("server", server);
    c.set("requestId", requestId);
    c.header("x-request-id", requestId);
    await next();
    const log = (ended: object = {}) => {
      const failure = c.get("failure");
      server.log({
        level: failure === undefined ? "info" : "error",
        message: "request",
        request_id: requestId,
        method: c.req.method,
        // Without its query, which may contain private data.
        path: c.req.path,
        status: c.res.status,
        ms: Math.round(performance.now() - began),
        token: c.get("principal")?.name ?? null,
        ...(failure !== undefined && { error: describe(failure) }),
        ...ended,
      });
    };
    const stream = c.get("stream");
    if (stream === undefined) log();
    // A stream is logged when it is over.
    else void stream.ended.then((end) => log({ end, bytes: stream.sent }));
  };
}

function describe(failure: unknown): string {
  return failure instanceof Error ? failure.stack ?? failure.message : String(failure);
}
