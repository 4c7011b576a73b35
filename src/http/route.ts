/** What all routes share: who may use them, and how they fail. */
import { createRoute, type RouteConfig, z } from "@hono/zod-openapi";
import type { Context, Next } from "hono";
import type { TokenScope } from "../ledger/tokens.ts";
import { BASE_PATH } from "../report/run_page.ts";
import { RequestRefused } from "./answers/answer_failure.ts";
import { headersOf } from "./answers/answer_headers.ts";
import { allows } from "./identity/principal.ts";
import { REPEATABLE } from "./schemas/error_schemas.ts";
import { failureSchema } from "./schemas/schemas.ts";
import type { RequestEnv } from "./server_context.ts";
import { wrongField } from "./requests/validation.ts";

export { BASE_PATH };

/** What each status of a failure means, in the documentation. */
const FAILURES = {
  400: "The request is not valid.",
  401: "The token is missing or not valid.",
  403: "The token doesn't allow this.",
  404: "Not found.",
  408: "The body stopped arriving: no data came for a minute.",
  409: "The run's current state doesn't allow this.",
  413: "The body is too large.",
  415: "The body's type is not supported.",
  422: "The request's values, the file or the importer's definition can't be used.",
  500: "An error in the server. Its log says more under the request's id.",
  503: "The database can't be reached at the moment.",
} as const;

type FailureStatus = keyof typeof FAILURES;

/** Clients that are generated from the document name their methods by the operation's id. */
type Operation = RouteConfig & { readonly operationId: string };

/**
 * A route for tokens of the given scope. `fails`: its failure statuses, in addition to those that
 * all routes have, and to 422 if its path or query has something to check.
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
  const answers = Object.entries({ ...failures, ...config.responses }).map(([status, answer]) => [
    status,
    {
      ...answer,
      headers: { ...headersOf(Number(status)), ...("headers" in answer && answer.headers) },
    },
  ]);
  const middleware = async (c: Context<RequestEnv>, next: Next) => {
    requireScope(c, scope);
    refuseUnknownQuery(c, query);
    await next();
  };
  return createRoute({
    ...config,
    middleware,
    security: [{ token: [] }],
    description: `${config.description ?? ""} Needs a token of scope \`${scope}\`.`.trim(),
    // Without the type of `failures`: handlers return only successes, and throw the rest.
    responses: Object.fromEntries(answers) as Config["responses"],
  });
}

function requireScope(c: Context<RequestEnv>, needed: TokenScope): void {
  const principal = c.get("principal");
  if (allows(principal, needed)) return;
  throw new RequestRefused(
    403,
    "forbidden",
    `This needs a token of scope ${needed}. This token has scope ${principal.scope}.`,
  );
}

/** An ignored `?dryrun=1` would become a real import, and two values may be ambiguous. */
function refuseUnknownQuery(c: Context<RequestEnv>, query: unknown): void {
  const known = query instanceof z.ZodObject ? Object.keys(query.shape) : [];
  for (const [name, values] of Object.entries(c.req.queries())) {
    if (!known.includes(name)) throw wrongField(name.slice(0, 100), "there is no such parameter");
    if (values.length > 1 && !REPEATABLE.has(name)) throw wrongField(name, "it was given twice");
  }
}

/** A JSON answer, for `responses`. */
export function json<Schema>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } };
}
