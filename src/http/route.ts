/** What all routes have in common: who may use them, and how they fail. */
import { createRoute, type RouteConfig, z } from "@hono/zod-openapi";
import type { Context, Next } from "hono";
import type { TokenScope } from "../ledger/tokens.ts";
import { BASE_PATH } from "../report/run_page.ts";
import { RequestRefused } from "./answer_failure.ts";
import { allows } from "./principal.ts";
import { failureSchema } from "./schemas.ts";
import type { RequestEnv } from "./server_context.ts";
import { wrongField } from "./validation.ts";

export { BASE_PATH };

/** What each status of a failure means, in the documentation. */
const FAILURES = {
  400: "The request is not what it has to be.",
  401: "No token, or one that is not valid.",
  403: "The token doesn't allow this.",
  404: "There is no such thing.",
  408: "Nothing came of the body for a minute.",
  409: "Not in the state that the run is in.",
  413: "The body is too large.",
  415: "The body's type is not one of those that are taken.",
  422: "The request's values, the file or the importer's definition can't be used.",
  500: "An error in the server. Its log has more under the request's id.",
  503: "The database can't be reached at the moment.",
} as const;

type FailureStatus = keyof typeof FAILURES;

/** Who makes a client from the document calls the operation so. */
type Operation = RouteConfig & { readonly operationId: string };

/**
 * A route for tokens of the given scope. `fails`: the statuses with which it fails beside those
 * with which all do, and 422 if its path or its query has something to check.
 */
export function apiRoute<const Config extends Operation>(
  scope: TokenScope,
  config: Config,
  fails: readonly FailureStatus[] = [],
) {
  const { params, query } = config.request ?? {};
  const checks = params !== undefined || query !== undefined;
  const statuses = new Set<FailureStatus>([...fails, 401, 403, 500, 503]);
  if (checks) statuses.add(422);
  const failures = Object.fromEntries(
    [...statuses].toSorted().map((status) => [status, {
      description: FAILURES[status],
      content: { "application/json": { schema: failureSchema } },
    }]),
  );
  const middleware = async (c: Context<RequestEnv>, next: Next) => {
    requireScope(c, scope);
    refuseUnknownQuery(c, queryNames(query));
    await next();
  };
  return createRoute({
    ...config,
    middleware,
    security: [{ token: [] }],
    description: `${config.description ?? ""} Needs a token of scope \`${scope}\`.`.trim(),
    // Not narrowed by `failures`: handlers answer with what went well, and throw the rest.
    responses: { ...failures, ...config.responses } as Config["responses"],
  });
}

function requireScope(c: Context<RequestEnv>, needed: TokenScope): void {
  const principal = c.get("principal");
  if (allows(principal, needed)) return;
  throw new RequestRefused(
    403,
    "forbidden",
    `This needs a token of scope ${needed}; this one's is ${principal.scope}.`,
  );
}

function queryNames(query: unknown): readonly string[] {
  return query instanceof z.ZodObject ? Object.keys(query.shape) : [];
}

/** `?dryrun=1` that means nothing would be a real import; of two values none is meant. */
function refuseUnknownQuery(c: Context<RequestEnv>, known: readonly string[]): void {
  for (const [name, values] of Object.entries(c.req.queries())) {
    if (!known.includes(name)) throw wrongField(name.slice(0, 100), "there is no such parameter");
    if (values.length > 1) throw wrongField(name, "it is there twice");
  }
}

/** An answer of JSON, for `responses`. */
export function json<Schema>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } };
}
