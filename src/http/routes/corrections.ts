/** Corrections of failed rows: kept, checked at once, and taken by the next retry. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { rootOf } from "../../ledger/runs/retries.ts";
import { toPendingRow } from "../../report/correction_report.ts";
import { pendingPage } from "../../run/request/corrections/pending.ts";
import { replaceEverywhere } from "../../run/request/corrections/replace.ts";
import { removeCorrections } from "../../run/request/corrections/remove.ts";
import { type Correction, saveCorrections } from "../../run/request/corrections/save.ts";
import {
  CorrectionConflict,
  WrongCorrections,
  WrongReplacement,
} from "../../run/request/corrections/wrong_corrections.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import {
  columnQuery,
  conflictBody,
  correctionsBody,
  MAX_CORRECTIONS_BODY,
  pageOfCorrections,
  recheckBody,
  removedBody,
  replaceBody,
  replacedBody,
  rowOfRun,
} from "../schemas/correction_schemas.ts";
import { errorsAsked } from "../schemas/error_schemas.ts";
import { readJson } from "../requests/json_body.ts";
import { handleKeyed, keyHeader } from "../keyed/keyed_route.ts";
import { recheck } from "../recheck.ts";
import { apiRoute, json } from "../route.ts";
import { requirePathRun } from "../runs_of.ts";
import { runId, timelineQuery } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";
import { wrongField } from "../requests/validation.ts";

const CONFLICT = json(
  conflictBody,
  "The run's current state doesn't allow this, or a cell holds something else than expected.",
);

const save = apiRoute("run", {
  method: "post",
  path: "/{id}/corrections",
  operationId: "correctRows",
  summary: "Correct cells of failed rows, and check the rows at once.",
  description:
    "All corrections of a request are kept, or none. The next retry takes them. The answer says " +
    "what the rows would come to: they are tried against the database, and that is taken back.",
  request: {
    params: runId,
    headers: keyHeader,
    body: { content: { "application/json": { schema: correctionsBody } }, required: true },
  },
  responses: {
    200: json(recheckBody, "The corrections are kept: what the rows would come to."),
    409: CONFLICT,
  },
}, [400, 404, 413, 415, 422]);

const replace = apiRoute("run", {
  method: "post",
  path: "/{id}/corrections/replace",
  operationId: "replaceValues",
  summary: "Correct a value wherever it is, in one column of the failed rows.",
  description:
    "With `dry_run` it says how many rows that would be; else `data` says what the first " +
    "100 of them would come to. Fixed and waived rows stay as " +
    "they are. The next retry takes the corrections, as those of single cells.",
  request: {
    params: runId,
    headers: keyHeader,
    body: { content: { "application/json": { schema: replaceBody } }, required: true },
  },
  responses: { 200: json(replacedBody, "How many rows hold the value.") },
}, [400, 404, 409, 413, 415, 422]);

const list = apiRoute("read", {
  method: "get",
  path: "/{id}/corrections",
  operationId: "listCorrections",
  summary: "List the corrections that wait for a retry, in file order.",
  request: { params: runId, query: timelineQuery },
  responses: { 200: json(pageOfCorrections, "A page of corrected rows.") },
}, [404, 422]);

const REMOVED = json(removedBody, "How many corrections are gone.");

const removeAll = apiRoute("run", {
  method: "delete",
  path: "/{id}/corrections",
  operationId: "removeCorrections",
  summary: "Take back all corrections of a run's failed rows, or those of a column.",
  request: { params: runId, query: columnQuery },
  responses: { 200: REMOVED },
}, [404, 409, 422]);

const removeRow = apiRoute("run", {
  method: "delete",
  path: "/{id}/corrections/{row_number}",
  operationId: "removeRowCorrections",
  summary: "Take back the corrections of a row, or that of one of its columns.",
  request: { params: rowOfRun, query: columnQuery },
  responses: { 200: REMOVED },
}, [404, 409, 422]);

/** How many rows a page has, unless the request says so. */
const PAGE_ROWS = 100;

export function correctionRoutes(app: OpenAPIHono<RequestEnv>): void {
  handleKeyed(app, save, async (c, { id }) => {
    // Before the body is read: who may not see the run needn't send it.
    await c.get("server").withLedger((ledger) => requirePathRun(c, ledger, id));
    const body = await readJson(c, correctionsBody, MAX_CORRECTIONS_BODY);
    return await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      try {
        const rows = await saveCorrections(ledger, {
          run,
          corrections: body.corrections.map(asCorrection),
          overwrite: body.overwrite === true,
          user: c.get("principal").name,
        });
        return c.json({ data: await recheck(c, ledger, run, rows) }, 200);
      } catch (error) {
        if (error instanceof WrongCorrections) throw asRefused(error);
        if (error instanceof CorrectionConflict) return answerConflict(c, error);
        throw error;
      }
    });
  }, "same answer");

  handleKeyed(app, replace, async (c, { id }) => {
    const { column, from, to, only = {}, dry_run: dryRun = false } = await readJson(
      c,
      replaceBody,
      MAX_CORRECTIONS_BODY,
    );
    // As long as a download, if there are a million rows.
    return await c.get("server").withDownload(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      const user = c.get("principal").name;
      const asked = { run, column, from, to, only: errorsAsked(only), dryRun, user };
      const { rows, first } = await replaceEverywhere(ledger, asked).catch((error) => {
        throw error instanceof WrongReplacement ? wrongField(error.field, error.problem) : error;
      });
      const message = describeReplaced(rows, dryRun);
      const data = dryRun ? undefined : await recheck(c, ledger, run, first);
      return c.json({ message, rows, dry_run: dryRun, data }, 200);
    });
  }, "same answer");

  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const page = { after: Number(cursor ?? 0), rows: Number(limit ?? PAGE_ROWS) };
    const { rows, more, total } = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, c.req.valid("param").id);
      return await pendingPage(ledger, rootOf(run), page);
    });
    const next_cursor = more ? String(rows[rows.length - 1].row_number) : null;
    return c.json({ data: rows.map(toPendingRow), meta: { next_cursor, total } }, 200);
  });

  app.openapi(removeAll, async (c) => {
    const { column = null } = c.req.valid("query");
    return c.json(await remove(c, c.req.valid("param").id, { row: null, column }), 200);
  });

  app.openapi(removeRow, async (c) => {
    const { id, row_number } = c.req.valid("param");
    const { column = null } = c.req.valid("query");
    return c.json(await remove(c, id, { row: Number(row_number), column }), 200);
  });
}

function asCorrection(
  { row_number, column, value, expected }: {
    readonly row_number: number;
    readonly column?: string;
    readonly value?: string;
    readonly expected?: string;
  },
): Correction {
  return column === undefined || value === undefined
    ? { row_number, drop_surplus: true }
    : { row_number, column, value, expected };
}

async function remove(
  c: Context<RequestEnv>,
  id: string,
  which: { readonly row: number | null; readonly column: string | null },
) {
  return await c.get("server").withLedger(async (ledger) => {
    const run = await requirePathRun(c, ledger, id);
    const { rows, cells } = await removeCorrections(ledger, run, which);
    const message = cells === 0
      ? "There was no correction to take back."
      : `Took back ${cells} ${cells === 1 ? "correction" : "corrections"} in ${rows} ` +
        `${rows === 1 ? "row" : "rows"} of run ${rootOf(run)}.`;
    return { message, rows, cells };
  });
}

function describeReplaced(rows: number, dryRun: boolean): string {
  if (rows === 0) return "No failed row that is left holds the value in this column.";
  const which = rows === 1 ? "1 row" : `${rows} rows`;
  return `${dryRun ? "Would correct" : "Corrected"} ${which}.`;
}

/** How many wrong corrections are named. */
const NAMED = 100;

function asRefused({ wrong }: WrongCorrections): RequestRefused {
  const errors = new Map<string, string[]>();
  for (const { place, field, problem } of wrong.slice(0, NAMED)) {
    const name = `corrections.${place}.${field}`;
    errors.set(name, [...errors.get(name) ?? [], problem]);
  }
  const others = wrong.length === 1 ? "" : ` (and ${wrong.length - 1} more)`;
  return new RequestRefused(
    422,
    "validation",
    `The corrections can't be used, and none was kept: ${wrong[0].problem}${others}.`,
    Object.fromEntries(errors),
  );
}

function answerConflict(c: Context<RequestEnv>, { message, cells }: CorrectionConflict) {
  const current = cells.slice(0, NAMED).map(({ row_number, column, value }) => ({
    ...{ row_number, column, value },
  }));
  return c.json({ message, code: "conflict" as const, current }, 409);
}
