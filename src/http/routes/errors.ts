/** Why rows failed: a summary, and a file to repair. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { countLeft } from "../../ledger/runs/retries.ts";
import { readProgress } from "../../ledger/runs/progress.ts";
import { countUnlogged } from "../../ledger/rows/unlogged.ts";
import { errorSummary } from "../../report/error_summary.ts";
import { MEDIA_TYPES } from "../../report/export_forms.ts";
import { cannotExport, nothingToExport } from "../../report/failed_rows.ts";
import { suggestNotations } from "../../run/request/suggest_notations.ts";
import { chooseErrors, countChosen, nothingChosen } from "../../run/request/choose_errors.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import { downloadFailedRows } from "../answers/download.ts";
import { apiRoute, json } from "../route.ts";
import { requirePathRun } from "../runs_of.ts";
import { errorsAsked, errorsQuery } from "../schemas/error_schemas.ts";
import { downloadQuery, isSet, runId, summaryBody } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";

const summary = apiRoute("read", {
  method: "get",
  path: "/{id}/errors/summary",
  operationId: "summarizeErrors",
  summary: "Summarize why rows failed, the most frequent errors first.",
  request: { params: runId, query: errorsQuery },
  responses: { 200: json(summaryBody, "The errors, grouped and counted.") },
}, [404, 422]);

const download = apiRoute("read", {
  method: "get",
  path: "/{id}/failed-rows/download",
  operationId: "downloadFailedRows",
  summary: "Download the failed rows that no retry has fixed, for repair.",
  request: { params: runId, query: downloadQuery },
  responses: {
    200: {
      description: "`_error_message`, then the source's columns, then `_row_number`, `_run_id`.",
      headers: {
        "Content-Disposition": {
          description: "The file's name, `failed-rows-12.csv` or `failed-rows-12.xlsx`.",
          schema: { type: "string" },
        },
      },
      content: {
        "text/csv": { schema: { type: "string" } },
        [MEDIA_TYPES.xlsx]: { schema: { type: "string", format: "binary" } },
      },
    },
  },
}, [404, 409, 422]);

export function errorRoutes(app: OpenAPIHono<RequestEnv>): void {
  app.openapi(summary, async (c) => {
    const data = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, c.req.valid("param").id);
      const chosen = await chooseErrors(ledger, run, errorsAsked(c.req.valid("query")));
      const suggestions = chosen === null ? await suggestNotations(ledger, run) : [];
      const found = await errorSummary(ledger, run, chosen);
      return suggestions.length === 0 ? found : { ...found, suggestions };
    });
    return c.json({ data }, 200);
  });

  app.openapi(download, async (c) => {
    const server = c.get("server");
    const query = c.req.valid("query");
    const { run, chosen } = await server.withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, c.req.valid("param").id);
      return { run, chosen: await chooseErrors(ledger, run, errorsAsked(query)) };
    });
    if (run.definition.options.log_rows === "none") {
      throw new RequestRefused(409, "conflict", cannotExport(run));
    }
    const { format: form } = query;
    const options = {
      form,
      ...{ guarded: !isSet(query.raw), withWaived: isSet(query.waived), choice: chosen },
      marked: isSet(query.bom),
    };
    const file = await downloadFailedRows(server, run, options);
    if (file === null) {
      const why = await server.withLedger(async (ledger) => {
        const about = chosen && await countChosen(ledger, run, chosen);
        if (about?.rows === 0) return await nothingChosen(ledger, run, about);
        const { failed } = await readProgress(ledger, run.id);
        const { waived } = await countLeft(ledger, run, failed);
        const unlogged = about?.unlogged ?? await countUnlogged(ledger, run, failed);
        return nothingToExport(run, { failed: about?.rows ?? failed, unlogged, waived });
      });
      throw new RequestRefused(404, "no_failed_rows", why);
    }
    const headers = {
      "content-type": MEDIA_TYPES[form],
      "content-disposition": `attachment; filename="failed-rows-${run.id}.${form}"`,
    };
    if (c.req.method !== "HEAD") return c.body(file, 200, headers);
    // Otherwise a database connection would wait for a reader.
    await file.cancel();
    return c.body(null, 200, headers);
  });
}
