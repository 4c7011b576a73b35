/** Starts runs of files that are sent: for an importer, or for a table without one. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { takesUploads } from "../../importer/source_rule.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import { discardFile } from "../../run/request/stored_file.ts";
import { type AskedDefinition, askedImporter, askedTable } from "../requests/asked_definition.ts";
import { mappedAs } from "../requests/asked_mapping.ts";
import { handleKeyed, keyHeader } from "../keyed/keyed_route.ts";
import { receiveUpload } from "../requests/receive.ts";
import { apiRoute, json } from "../route.ts";
import { importerSlug, loadedRun, oneRun } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";
import { LOADED, startRun } from "../start_run.ts";
import { FILE_BODIES } from "../schemas/file_bodies.ts";
import { uploadForm, uploadImporterQuery, uploadTableQuery } from "../schemas/upload_schemas.ts";

const body = {
  required: true,
  content: { "multipart/form-data": { schema: uploadForm }, ...FILE_BODIES },
} as const;

const responses = {
  200: json(loadedRun, LOADED),
  202: json(oneRun, "The run. Workers will load it."),
};

const ofImporter = apiRoute("run", {
  method: "post",
  path: "/upload/{importer}",
  operationId: "uploadFile",
  summary: "Upload a file and start a run with it.",
  description: "The run exists once the file is complete and stored.",
  request: { params: importerSlug, headers: keyHeader, query: uploadImporterQuery, body },
  responses,
}, [400, 404, 408, 409, 413, 415, 422]);

const ofTable = apiRoute("run", {
  method: "post",
  path: "/upload",
  operationId: "uploadTableFile",
  summary: "Upload a file into a table: columns are matched to the table's by name.",
  description: "The run's importer is called like the table. Tokens that are limited to some " +
    "importers can't use it.",
  request: { headers: keyHeader, query: uploadTableQuery, body },
  responses,
}, [400, 408, 409, 413, 415, 422]);

export function uploadRoutes(app: OpenAPIHono<RequestEnv>): void {
  handleKeyed(app, ofImporter, async (c, { importer }) => {
    const asked = await askedImporter(c, importer);
    if (!takesUploads(asked.definition.source)) throw notUploaded(importer);
    return await start(c, asked);
  });
  handleKeyed(app, ofTable, async (c) => start(c, await askedTable(c)));
}

async function start(c: Context<RequestEnv>, asked: AskedDefinition): Promise<Response> {
  const received = await receiveUpload(c, ["dry_run", "once"], ["mapping"]);
  const { file, dryRun, once, mapping } = received;
  let mapped: AskedDefinition;
  try {
    mapped = mappedAs(c, asked, mapping);
  } catch (error) {
    await discardFile(file);
    throw error;
  }
  return await startRun(c, mapped, file, { dryRun: dryRun === true, once, detach: false });
}

function notUploaded(slug: string): RequestRefused {
  return new RequestRefused(
    422,
    "needs_trigger",
    `The definition of ${slug} names a source, so it takes no upload: POST trigger/${slug}`,
  );
}
