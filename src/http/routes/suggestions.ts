/** What the importer's definition could say, and what that makes of this run's rows. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { correctAsSuggested } from "../../run/request/suggest/correct.ts";
import { findProposal, propose } from "../../run/request/suggest/suggest.ts";
import { applySuggestions } from "../../run/request/suggest/apply.ts";
import { basename } from "node:path";
import { withoutCommands } from "../answers/public_commands.ts";
import { withoutPaths } from "../answers/public_words.ts";
import { handleKeyed, keyHeader } from "../keyed/keyed_route.ts";
import { recheck } from "../recheck.ts";
import { readJson } from "../requests/json_body.ts";
import { apiRoute, json } from "../route.ts";
import { requirePathRun } from "../runs_of.ts";
import { requireSaving } from "./save.ts";
import {
  appliedBody,
  appliedSuggestion,
  suggestedBody,
  suggestedRows,
} from "../schemas/correction_schemas.ts";
import { runId, suggestionsBody } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";

const suggestions = apiRoute("read", {
  method: "get",
  path: "/{id}/suggestions",
  operationId: "suggestDefinition",
  summary: "Show what the definition could say, measured on the failed rows.",
  request: { params: runId },
  responses: { 200: json(suggestionsBody, "The suggestions, those that help most rows first.") },
}, [404, 409, 422]);

const correct = apiRoute("run", {
  method: "post",
  path: "/{id}/corrections/suggested",
  operationId: "correctAsSuggested",
  summary: "Correct cells of failed rows as a suggestion says, for this run alone.",
  description:
    "Each cell gets the text that the definition, as it is, reads as the suggestion would. Cells " +
    "that somebody has corrected stay. `data` says what the first 100 of the rows would come to. " +
    "The next retry takes the corrections, as those of single cells.",
  request: {
    params: runId,
    headers: keyHeader,
    body: { content: { "application/json": { schema: suggestedBody } }, required: true },
  },
  responses: { 200: json(suggestedRows, "How many rows were corrected.") },
}, [400, 404, 409, 413, 415, 422]);

const apply = apiRoute("admin", {
  method: "post",
  path: "/{id}/suggestions/apply",
  operationId: "applySuggestion",
  summary: "Write a suggestion into the importer's definition.",
  description:
    "The file is edited in place: comments and all else stay as they are. A retry uses " +
    "the definition as it is then. Only where the server allows it.",
  request: {
    params: runId,
    headers: keyHeader,
    body: { content: { "application/json": { schema: appliedBody } }, required: true },
  },
  responses: { 200: json(appliedSuggestion, "It is saved.") },
}, [400, 404, 409, 413, 415, 422]);

export function suggestionRoutes(app: OpenAPIHono<RequestEnv>): void {
  app.openapi(suggestions, async (c) => {
    const { importersFolder, schemaName: ownSchema, withDownload } = c.get("server");
    // All failed rows are tried: that may take as long as a download.
    const { report } = await withDownload(async (ledger) => {
      const run = await requirePathRun(c, ledger, c.req.valid("param").id);
      return await propose(ledger, run, { importersFolder, ownSchema });
    });
    const notes = report.notes.map((note) => withoutCommands(withoutPaths(note)));
    return c.json({ data: { ...report, notes } }, 200);
  });

  handleKeyed(app, apply, async (c, { id }) => {
    const asked = await readJson(c, appliedBody);
    requireSaving(c);
    const { importersFolder, schemaName: ownSchema, withDownload } = c.get("server");
    return await withDownload(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      const importers = { importersFolder, ownSchema };
      const proposed = await propose(ledger, run, importers);
      const cannot = `Cannot apply a suggestion of run ${run.id}`;
      const { suggested: { number } } = findProposal(proposed, asked, cannot);
      const how = { ...importers, numbers: [number] };
      const { file, rows } = await applySuggestions(ledger, run, proposed, how);
      const message =
        `Saved in ${basename(file)}. ${rows === 1 ? "1 row" : `${rows} rows`} would ` +
        "be right now.";
      return c.json({ message, rows }, 200);
    });
  }, "no run");

  handleKeyed(app, correct, async (c, { id }) => {
    const { column, definition, undo = false } = await readJson(c, suggestedBody);
    const { importersFolder, schemaName: ownSchema, withDownload } = c.get("server");
    return await withDownload(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      const proposed = await propose(ledger, run, { importersFolder, ownSchema });
      const user = c.get("principal").name;
      const asked = { suggestion: { column, definition }, undo, user };
      const { rows, first } = await correctAsSuggested(ledger, run, proposed, asked);
      const message = `${undo ? "Took back" : "Corrected"} ${rows} ${rows === 1 ? "row" : "rows"}.`;
      return c.json({ message, rows, data: await recheck(c, ledger, run, first) }, 200);
    });
  }, "same answer");
}
