/** Cancels, resumes, releases and undoes runs. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { readMaxErrors } from "../../importer/read_options.ts";
import { cancelNow, cancelRun } from "../../run/request/cancel.ts";
import { releaseHeld } from "../../run/request/release.ts";
import { reopenForResume } from "../../run/request/resume.ts";
import { createUndo } from "../../run/request/undo/undo.ts";
import { accepted } from "../answers/answer_headers.ts";
import { readJson } from "../requests/json_body.ts";
import { alongside, handleKeyed, keyHeader } from "../keyed/keyed_route.ts";
import { namingFile } from "../answers/public_words.ts";
import { apiRoute, json } from "../route.ts";
import { publicReport, requirePathRun } from "../runs_of.ts";
import {
  cancelBody,
  cancelledRun,
  oneRun,
  releaseBody,
  resumeBody,
  runId,
  undoBody,
} from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";

/** Milliseconds that `now` waits for the run's connections to end. */
const PATIENCE = 2_000;

const cancel = apiRoute("run", {
  method: "post",
  path: "/{id}/cancel",
  operationId: "cancelRun",
  summary: "Cancel a run. Loaded rows stay, and the run can be resumed.",
  request: {
    params: runId,
    headers: keyHeader,
    body: { content: { "application/json": { schema: cancelBody } }, required: false },
  },
  responses: {
    200: json(
      cancelledRun,
      "The run is being cancelled, or already is. A second request changes nothing.",
    ),
  },
}, [400, 404, 409, 413, 415, 422]);

const resume = apiRoute("run", {
  method: "post",
  path: "/{id}/resume",
  operationId: "resumeRun",
  summary: "Resume a cancelled, failed or stalled run.",
  request: {
    params: runId,
    headers: keyHeader,
    body: { content: { "application/json": { schema: resumeBody } }, required: false },
  },
  responses: { 202: json(oneRun, "The run. Workers will continue it.") },
}, [400, 404, 409, 413, 415, 422]);

const release = apiRoute("run", {
  method: "post",
  path: "/{id}/release",
  operationId: "releaseRun",
  summary: "Let a held run load its rows.",
  description:
    "A run whose definition says so (`options.release`, `options.hold_if`) has the status `held` " +
    "once it is known what it would do: see `held` of the run. It loads its rows when somebody " +
    "releases it, and nothing when it is cancelled.",
  request: {
    params: runId,
    headers: keyHeader,
    body: { content: { "application/json": { schema: releaseBody } }, required: false },
  },
  responses: { 202: json(oneRun, "The run. Workers will load its rows.") },
}, [400, 404, 409, 413, 415, 422]);

const undo = apiRoute("run", {
  method: "post",
  path: "/{id}/undo",
  operationId: "undoRun",
  summary: "Take back what a run did to its tables.",
  description:
    "Starts a run of its own. It deletes the rows that the run and its retries created, and gives " +
    "the rows that they updated their old values back, where these were kept " +
    "(`options.undo: updates`). Rows that somebody has changed since, or that other rows refer to, " +
    "are left as they are: they are the failed rows of the undo.",
  request: {
    params: runId,
    headers: keyHeader,
    body: { content: { "application/json": { schema: undoBody } }, required: false },
  },
  responses: { 202: json(oneRun, "The new run. Workers will do it.") },
}, [400, 404, 409, 413, 415, 422]);

export function controlRoutes(app: OpenAPIHono<RequestEnv>): void {
  handleKeyed(app, cancel, async (c, { id }) => {
    const { now } = await readJson(c, cancelBody);
    const way = { via: c.env?.isPage === true ? "page" : "api" } as const;
    const by = c.get("principal").name;
    const data = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      if (now) await cancelNow(ledger, run.id, by, PATIENCE, way);
      else await cancelRun(ledger, run.id, by, way);
      return await publicReport(c, ledger, run.id);
    });
    return c.json({ message: "Cancellation request sent.", data }, 200);
  });

  handleKeyed(app, resume, async (c, { id }) => {
    const { max_errors } = await readJson(c, resumeBody);
    const by = c.get("principal").name;
    const data = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      const limit = typeof max_errors === "string" || typeof max_errors === "number"
        ? readMaxErrors(max_errors)
        : max_errors;
      await namingFile(run, () => reopenForResume(ledger, run.id, by, limit, alongside(c)));
      return await publicReport(c, ledger, run.id);
    });
    return accepted(c, data);
  });

  handleKeyed(app, release, async (c, { id }) => {
    await readJson(c, releaseBody);
    const by = c.get("principal").name;
    const via = c.env?.isPage === true ? "page" : "api";
    const data = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      await namingFile(run, () => releaseHeld(ledger, run.id, by, via, alongside(c)));
      return await publicReport(c, ledger, run.id);
    });
    return accepted(c, data);
  });

  handleKeyed(app, undo, async (c, { id }) => {
    const { dry_run: dryRun = false } = await readJson(c, undoBody);
    const user = c.get("principal").name;
    const data = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      const made = await createUndo(ledger, {
        ...{ id: run.id, user, dryRun },
        alongside: alongside(c),
      });
      return await publicReport(c, ledger, made.id);
    });
    return accepted(c, data);
  });
}
