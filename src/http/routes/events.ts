/** Runs as they happen: Server-Sent Events. */
import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { lastChange } from "../../ledger/watched/watched_runs.ts";
import { isTerminal } from "../../ledger/runs/statuses.ts";
import type { EventStream } from "../events/event_stream.ts";
import {
  availabilityEvent,
  endEvent,
  progressEvent,
  runsEvent,
  streamOf,
} from "../events/schemas.ts";
import { readPosition } from "../events/sse.ts";
import { apiRoute } from "../route.ts";
import { requireImporter, requirePathRun } from "../runs_of.ts";
import { DEFAULT_LIMIT, listQuery, runId } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";

const lastEventId = z.object({
  "last-event-id": z.string().optional().meta({
    description:
      "The id of the last event that the client has got. Browsers send it by themselves.",
  }),
});

const watch = apiRoute("read", {
  method: "get",
  path: "/{id}/events",
  operationId: "watchRun",
  summary: "Follow a run as it happens (Server-Sent Events).",
  description:
    "`status` when the run gets another status, and at the beginning: a `Run`. `progress` at most " +
    "four times a second: a `ProgressEvent`. `unavailable` and `available` while the database is " +
    "away: an `AvailabilityEvent`. `end` at the end, when the run has ended or is gone: an " +
    "`EndEvent`; the server then closes. Other events may be added.",
  request: { params: runId, headers: lastEventId },
  responses: {
    200: {
      description: "Events, until the run ends.",
      content: {
        "text/event-stream": {
          schema: streamOf("Run", "ProgressEvent", "EndEvent", "AvailabilityEvent"),
        },
      },
    },
    204: { description: "The client has seen the end: `Last-Event-ID` is that of `end`." },
  },
}, [404, 422]);

const watchList = apiRoute("read", {
  method: "get",
  path: "/events",
  operationId: "watchRuns",
  summary: "Follow the list of runs as it changes (Server-Sent Events).",
  description:
    "`runs` at the beginning, and when the client has missed something: the list, as a " +
    "`RunsEvent`. `changed` at most four times a second: runs that are new or have changed, and in " +
    "`gone` those that no longer belong to the list; a `RunsEvent`, too. `unavailable` and " +
    "`available` while the database is away: an `AvailabilityEvent`. `end` when the token is no " +
    "longer valid: an `EndEvent`; the server then closes. Other events may be added.",
  request: { query: listQuery.omit({ cursor: true }) },
  responses: {
    200: {
      description: "Events, without end.",
      content: {
        "text/event-stream": { schema: streamOf("RunsEvent", "EndEvent", "AvailabilityEvent") },
      },
    },
  },
}, [422]);

export function eventRoutes(app: OpenAPIHono<RequestEnv>): void {
  app.openAPIRegistry.register("ProgressEvent", progressEvent);
  app.openAPIRegistry.register("EndEvent", endEvent);
  app.openAPIRegistry.register("AvailabilityEvent", availabilityEvent);
  app.openAPIRegistry.register("RunsEvent", runsEvent);

  app.openapi(watchList, (c) => {
    const { status, importer, limit } = c.req.valid("query");
    if (importer !== undefined) requireImporter(c, importer);
    const filter = { status, importer, limit: limit === undefined ? DEFAULT_LIMIT : Number(limit) };
    return answer(c, () => c.get("server").events.watchList(filter, c.get("principal")));
  });

  app.openapi(watch, async (c) => {
    const server = c.get("server");
    const position = readPosition(c.req.header("last-event-id"));
    const { run, change } = await server.withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, c.req.valid("param").id);
      return { run, change: position?.ended ? await lastChange(ledger, run.id) : null };
    });
    const hasSeenIt = change !== null && isTerminal(change.status) &&
      change.event === position?.event;
    if (hasSeenIt) return c.body(null, 204);
    return answer(
      c,
      () => server.events.watchRun(run.id, c.get("principal"), position?.event ?? null),
    );
  });
}

function answer(c: Context<RequestEnv>, open: () => EventStream): Response {
  c.header("content-type", "text/event-stream");
  // Nginx would collect events before it passes them on.
  c.header("x-accel-buffering", "no");
  // To HEAD, no body is sent, and nobody would notice when the client goes.
  if (c.req.method === "HEAD") return c.body(null, 200);
  const stream = open();
  c.set("stream", stream);
  return c.body(stream.body, 200);
}
