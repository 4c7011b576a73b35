/** Why rows failed: a summary, and a file to repair. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { readProgress } from "../../ledger/progress.ts";
import { errorSummary } from "../../report/error_summary.ts";
import { cannotExport, nothingToExport } from "../../report/failed_rows_csv.ts";
import { suggestNotations } from "../../run/request/suggest_notations.ts";
import { RequestRefused } from "../answer_failure.ts";
import { downloadFailedRows } from "../download.ts";
import { apiRoute, json } from "../route.ts";
import { requirePathRun } from "../runs_of.ts";
import { downloadQuery, isSet, runId, summaryBody } from "../schemas.ts";
import type { RequestEnv } from "../server_context.ts";

const summary = apiRoute("read", {
  method: "get",
  path: "/{id}/errors/summary",
  operationId: "summarizeErrors",
  summary: "Summarize why rows failed, the most frequent errors first.",
  request: { params: runId },
  responses: { 200: json(summaryBody, "The errors, grouped and counted.") },
}, [404]);

const download = apiRoute("read", {
  method: "get",
  path: "/{id}/failed-rows/download",
  operationId: "downloadFailedRows",
  summary: "Download the failed rows that no retry has fixed, for repair.",
  request: { params: runId, query: downloadQuery },
  responses: {
    200: {
      description: "`_error_message`, then the source's columns, then `_row_number`, `_run_id`.",
      content: { "text/csv": { schema: { type: "string" } } },
    },
  },
}, [404, 409, 422]);

export function errorRoutes(app: OpenAPIHono<RequestEnv>): void {
  app.openapi(summary, async (c) => {
    const data = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, c.req.valid("param").id);
      const suggestions = await suggestNotations(ledger, run);
      const found = await errorSummary(ledger, run);
      return suggestions.length === 0 ? found : { ...found, suggestions };
    });
    return c.json({ data }, 200);
  });

  app.openapi(download, async (c) => {
    const server = c.get("server");
    const run = await server.withLedger((ledger) =>
      requirePathRun(c, ledger, c.req.valid("param").id)
    );
    if (run.definition.options.log_rows === "none") {
      throw new RequestRefused(409, "conflict", cannotExport(run));
    }
    const csv = await downloadFailedRows(server, run, !isSet(c.req.valid("query").raw));
    if (csv === null) {
      const { failed } = await server.withLedger((ledger) => readProgress(ledger, run.id));
      throw new RequestRefused(404, "no_failed_rows", nothingToExport(run, failed));
    }
    const headers = {
      "content-type": "text/csv; charset=UTF-8",
      "content-disposition": `attachment; filename="failed-rows-${run.id}.csv"`,
    };
    if (c.req.method !== "HEAD") return c.body(csv, 200, headers);
    // Otherwise a database connection would wait for a reader.
    await csv.cancel();
    return c.body(null, 200, headers);
  });
}
