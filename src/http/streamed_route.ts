import type { OpenAPIHono, RouteConfig } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import type { RequestEnv } from "./server_context.ts";
import { validationFailure } from "./requests/validation.ts";

type PathParameters = Readonly<Record<string, string>>;

/**
 * A documented route whose handler reads the body itself: the framework would hold a whole upload
 * in memory.
 */
export function handle(
  app: OpenAPIHono<RequestEnv>,
  route: RouteConfig,
  handler: (c: Context<RequestEnv>, parameters: PathParameters) => Promise<Response>,
): void {
  app.openAPIRegistry.registerPath(route);
  const path = route.path.replaceAll(/\{(\w+)\}/gu, ":$1");
  const middleware = [route.middleware ?? []].flat() as MiddlewareHandler<RequestEnv>[];
  app.on(route.method, [path], ...middleware, (c: Context<RequestEnv>) => {
    const parameters: PathParameters = c.req.param();
    const schema = route.request?.params;
    const read = schema?.safeParse(parameters);
    if (read?.success === false) throw validationFailure(read.error);
    return handler(c, parameters);
  });
}
