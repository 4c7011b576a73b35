/** Lists runs, shows one and its rows, and deletes runs. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { fileReports } from "../../report/file_reports.ts";
import { rowReports } from "../../report/row_reports.ts";
import { rowWindow } from "../../report/row_window.ts";
import { runPage } from "../../report/run_page.ts";
import { timelinePage } from "../../report/timeline.ts";
import { chooseErrors } from "../../run/request/choose_errors.ts";
import { deleteRun } from "../../run/request/delete.ts";
import { failedRowSet } from "../../run/request/failed_row_set.ts";
import { errorsAsked } from "../schemas/error_schemas.ts";
import { importerPatterns } from "../identity/principal.ts";
import { publicRun, publicText } from "../answers/public_words.ts";
import { apiRoute, json } from "../route.ts";
import { pageOfRows, rowsQuery, windowAsked } from "../schemas/row_schemas.ts";
import { publicReport, requireImporter, requirePathRun, withoutOthers } from "../runs_of.ts";
import {
  DEFAULT_EVENTS,
  DEFAULT_FILES,
  DEFAULT_LIMIT,
  DEFAULT_ROWS,
  filesQuery,
  listQuery,
  oneRun,
  pageOfEvents,
  pageOfFiles,
  pageOfRuns,
  runId,
  showQuery,
  timelineQuery,
} from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";

const list = apiRoute("read", {
  method: "get",
  path: "/",
  operationId: "listRuns",
  summary: "List runs, latest first.",
  request: { query: listQuery },
  responses: { 200: json(pageOfRuns, "A page of runs.") },
}, [422]);

const show = apiRoute("read", {
  method: "get",
  path: "/{id}",
  operationId: "showRun",
  summary: "Show a run with some of its rows, the failed ones first.",
  description:
    "While one transaction loads all rows of a run (`transaction: run`), its counts are 0: " +
    "`progress.uncommitted` says what that transaction has done so far. Nothing of it is in the " +
    "table before it is committed.",
  request: { params: runId, query: showQuery },
  responses: { 200: json(oneRun, "The run.") },
}, [404, 422]);

const rows = apiRoute("read", {
  method: "get",
  path: "/{id}/rows",
  operationId: "listRows",
  summary: "List the logged rows of a run, in file order.",
  description:
    "Over failed rows, a page may begin anywhere (`offset`) and move in both directions.",
  request: { params: runId, query: rowsQuery },
  responses: { 200: json(pageOfRows, "A page of rows.") },
}, [404, 422]);

const files = apiRoute("read", {
  method: "get",
  path: "/{id}/files",
  operationId: "listFiles",
  summary: "List the files of a run that reads several: their rows, and what came of them.",
  request: { params: runId, query: filesQuery },
  responses: { 200: json(pageOfFiles, "A page of files. Empty if the run reads only one.") },
}, [404, 422]);

const timeline = apiRoute("read", {
  method: "get",
  path: "/{id}/timeline",
  operationId: "showTimeline",
  summary: "Tell what happened to a run, when, and who asked for it.",
  request: { params: runId, query: timelineQuery },
  responses: { 200: json(pageOfEvents, "A page of events, the first one first.") },
}, [404, 422]);

const remove = apiRoute("admin", {
  method: "delete",
  path: "/{id}",
  operationId: "deleteRun",
  summary: "Delete a finished run, its retries, their logged rows and the stored file.",
  request: { params: runId },
  responses: { 204: { description: "The run is deleted." } },
}, [404, 409]);

export function runRoutes(app: OpenAPIHono<RequestEnv>): void {
  app.openapi(list, async (c) => {
    const { status, importer, limit, cursor } = c.req.valid("query");
    if (importer !== undefined) requireImporter(c, importer);
    const page = await c.get("server").withLedger(async (ledger) => {
      const found = await runPage(ledger, {
        ...{ status, importer, cursor },
        importersLike: importerPatterns(c.get("principal")),
        limit: limit === undefined ? DEFAULT_LIMIT : Number(limit),
      }, publicRun);
      return { ...found, data: await withoutOthers(c, ledger, found.data) };
    });
    return c.json(page, 200);
  });

  app.openapi(show, async (c) => {
    const { rows } = c.req.valid("query");
    const shown = rows === undefined ? DEFAULT_ROWS : Number(rows);
    const data = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, c.req.valid("param").id);
      return await publicReport(c, ledger, run.id, { rows: shown, withPlace: true });
    });
    return c.json({ data }, 200);
  });

  app.openapi(rows, async (c) => {
    const query = c.req.valid("query");
    const asked = windowAsked(query);
    const limit = Number(query.limit ?? 100);
    const page = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, c.req.valid("param").id);
      const chosen = await chooseErrors(ledger, run, errorsAsked(query));
      if (asked === null) {
        const filter = { status: query.status ?? null, after: Number(query.cursor ?? 0), limit };
        const { rows, more } = await rowReports(ledger, run, filter, chosen);
        return { rows, next: more ? rows[rows.length - 1].row_number : null };
      }
      const all = await failedRowSet(ledger, run, chosen, asked.left);
      return await rowWindow(ledger, run, all, asked.place, limit);
    });
    const { rows, next } = page;
    const around = "total" in page
      ? { previous_cursor: textOf(page.previous), total: page.total, offset: page.offset }
      : {};
    return c.json({ data: [...rows], meta: { next_cursor: textOf(next), ...around } }, 200);
  });

  app.openapi(files, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const page = { after: Number(cursor ?? 0), limit: Number(limit ?? DEFAULT_FILES) };
    const found = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, c.req.valid("param").id);
      return await fileReports(ledger, run, page);
    });
    return c.json({ data: [...found.files], meta: { next_cursor: textOf(found.next) } }, 200);
  });

  app.openapi(timeline, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const page = { after: Number(cursor ?? 0), limit: Number(limit ?? DEFAULT_EVENTS) };
    const found = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, c.req.valid("param").id);
      return await timelinePage(ledger, run, page, publicText(run));
    });
    return c.json({ ...found, data: [...found.data] }, 200);
  });

  app.openapi(remove, async (c) => {
    const { copies } = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, c.req.valid("param").id);
      return await deleteRun(ledger, run.id);
    });
    for (const message of copies.left) {
      c.get("server").log({ level: "warning", message: `Cannot delete a stored file: ${message}` });
    }
    return c.body(null, 204);
  });
}

function textOf(cursor: number | null): string | null {
  return cursor === null ? null : String(cursor);
}
