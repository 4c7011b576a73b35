/** Starts retries. Reads or streams their bodies itself. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Ledger } from "../../ledger/ledger.ts";
import { asksNothing } from "../../run/request/choose_errors.ts";
import { createRetry } from "../../run/request/retry/retry.ts";
import { chooseRetryDefinition } from "../../run/request/retry/retry_definition.ts";
import { discardFile, type StoredFile } from "../../run/request/stored_file.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import { accepted } from "../answers/answer_headers.ts";
import { errorsAsked } from "../schemas/error_schemas.ts";
import { readJson } from "../requests/json_body.ts";
import { alongside, handleKeyed, keyHeader } from "../keyed/keyed_route.ts";
import { bringsFile, readFlag, receiveUpload } from "../requests/receive.ts";
import { apiRoute, json } from "../route.ts";
import { publicReport, requirePathRun } from "../runs_of.ts";
import { oneRun, retryBody, retryForm, retryQuery, runId } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";
import { wrongField } from "../requests/validation.ts";
import { watchClient } from "../watch_client.ts";

const FILE = {
  "multipart/form-data": { schema: retryForm },
  "text/csv": { schema: { type: "string" } },
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
    schema: { type: "string", format: "binary" },
  },
} as const;

const retry = apiRoute("run", {
  method: "post",
  path: "/{id}/retry",
  operationId: "retryRun",
  summary: "Start a run with the failed rows that no retry has fixed.",
  description:
    "With a file, it tries the edited rows in it, matched by `_row_number`. Cells that a " +
    "spreadsheet seems to have changed by itself are refused (409), unless `accept_changes` is set. " +
    "Of a run that has loaded none of its rows, because one transaction loads all of them or none, " +
    "all rows are tried again, with those that were corrected.",
  request: {
    params: runId,
    headers: keyHeader,
    query: retryQuery,
    body: {
      required: false,
      content: {
        "application/json": { schema: retryBody },
        ...FILE,
      },
    },
  },
  responses: { 202: json(oneRun, "The new run. Workers will load it.") },
}, [400, 404, 408, 409, 413, 415, 422]);

/** A route of its own, because some generated clients know one kind of body for each. */
const retryWithFile = apiRoute("run", {
  method: "post",
  path: "/{id}/retry/upload",
  operationId: "retryWithFile",
  summary: "Start a run with the edited file of failed rows.",
  description: "The same as `/{id}/retry` with a file.",
  request: {
    params: runId,
    headers: keyHeader,
    query: retryQuery,
    body: { required: true, content: FILE },
  },
  responses: { 202: json(oneRun, "The new run. Workers will load it.") },
}, [400, 404, 408, 409, 413, 415, 422]);

export function retryRoutes(app: OpenAPIHono<RequestEnv>): void {
  handleKeyed(app, retry, async (c, { id }) => {
    const { withLedger } = c.get("server");
    await withLedger((ledger) => requirePathRun(c, ledger, id));
    if (bringsFile(c.req.header("content-type") ?? "")) return await retryEdited(c, id);
    const body = await readJson(c, retryBody);
    const inQuery = readFlag(c.req.query("dry_run"));
    if (inQuery !== undefined && body.dry_run !== undefined && inQuery !== body.dry_run) {
      throw wrongField("dry_run", "the body and the query disagree");
    }
    const asked = { ...body, dry_run: body.dry_run ?? inQuery, file: null };
    return accepted(c, await withLedger((ledger) => startRetry(c, ledger, id, asked)));
  });

  handleKeyed(app, retryWithFile, async (c, { id }) => {
    await c.get("server").withLedger((ledger) => requirePathRun(c, ledger, id));
    return await retryEdited(c, id);
  });
}

async function retryEdited(c: Context<RequestEnv>, id: string): Promise<Response> {
  const { file, dryRun, acceptChanges } = await receiveUpload(c, ["dry_run", "accept_changes"]);
  const asked = { file, dry_run: dryRun, accept_changes: acceptChanges };
  try {
    const { withLedger } = c.get("server");
    return accepted(c, await withLedger((ledger) => startRetry(c, ledger, id, asked)));
  } finally {
    // By now its rows are in the ledger.
    await discardFile(file);
  }
}

async function startRetry(
  c: Context<RequestEnv>,
  ledger: Ledger,
  id: string,
  asked: {
    readonly dry_run?: boolean;
    readonly original_definition?: boolean;
    readonly accept_changes?: boolean;
    readonly corrected?: boolean;
    readonly file: StoredFile | null;
  } & Parameters<typeof errorsAsked>[0],
) {
  const server = c.get("server");
  const assertWanted = watchClient(c);
  const run = await requirePathRun(c, ledger, id);
  const only = errorsAsked(asked);
  const retry = await createRetry(ledger, {
    run,
    chooseDefinition: () =>
      chooseRetryDefinition(
        run,
        server.importersFolder,
        server.schemaName,
        asked.original_definition === true,
      ),
    user: c.get("principal").name,
    dryRun: asked.dry_run ?? run.dry_run,
    file: asked.file,
    only,
    onlyCorrected: asked.corrected === true,
    acceptChanges: asked.accept_changes === true,
    spoolFolder: await server.storageFolder(ledger),
    maxUnpacked: server.maxUpload,
    assertWanted,
    alongside: alongside(c),
  });
  if (retry.made) return await publicReport(c, ledger, retry.run.id);
  throw new RequestRefused(
    400,
    "nothing_to_retry",
    asksNothing(only) && asked.corrected !== true
      ? "The original run has no failed rows to retry."
      : retry.because,
  );
}
