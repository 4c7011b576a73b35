/** What a dry run, or a run that is held, would change. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { changedColumns } from "../../report/changes.ts";
import { apiRoute, json } from "../route.ts";
import { requirePathRun } from "../runs_of.ts";
import { changesQuery, DEFAULT_COLUMNS, pageOfColumns, runId } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";

const changes = apiRoute("read", {
  method: "get",
  path: "/{id}/changes",
  operationId: "listChanges",
  summary: "List the columns that a dry run, or a held run, would change, with samples.",
  description: "Those in which most rows change first. Other runs have none.",
  request: { params: runId, query: changesQuery },
  responses: { 200: json(pageOfColumns, "A page of columns.") },
}, [404, 422]);

export function changeRoutes(app: OpenAPIHono<RequestEnv>): void {
  app.openapi(changes, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const page = { after: Number(cursor ?? 0), limit: Number(limit ?? DEFAULT_COLUMNS) };
    const { columns, next } = await c.get("server").withLedger(async (ledger) =>
      await changedColumns(ledger, await requirePathRun(c, ledger, c.req.valid("param").id), page)
    );
    const meta = { next_cursor: next === null ? null : String(next) };
    return c.json({ data: [...columns], meta }, 200);
  });
}
