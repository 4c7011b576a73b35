/** How a file would be understood, and its first rows as they would be loaded. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type PreviewReport, toPreviewReport } from "../../report/preview_report.ts";
import { preview } from "../../run/request/preview.ts";
import { isBeginning, storeBeginning } from "../../run/request/stored_beginning.ts";
import { discardFile } from "../../run/request/stored_file.ts";
import { type AskedDefinition, askedImporter, askedTable } from "../requests/asked_definition.ts";
import { mappedAs, MAPPING_FIELD, oneMapping, readMapping } from "../requests/asked_mapping.ts";
import {
  previewBody,
  previewForm,
  previewQuery,
  previewTableQuery,
} from "../schemas/preview_schemas.ts";
import { publicPreview } from "../answers/preview_words.ts";
import { mayUse } from "../identity/principal.ts";
import { namingPath } from "../answers/public_words.ts";
import { receiveStored } from "../requests/receive.ts";
import { apiRoute, json } from "../route.ts";
import { FILE_BODIES } from "../schemas/file_bodies.ts";
import { importerSlug } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";
import { handle } from "../streamed_route.ts";

const body = {
  required: true,
  content: { "multipart/form-data": { schema: previewForm }, ...FILE_BODIES },
} as const;

const WRITES_NOTHING =
  "Writes nothing. The first megabyte of the file is enough, unless it is a workbook: the rest may " +
  "be left out, and is ignored. What a run would be refused for is in `problems`, with the status 200.";

const SHOWN = json(previewBody, "How the file would be understood.");

const ofImporter = apiRoute("run", {
  method: "post",
  path: "/preview/{importer}",
  operationId: "previewFile",
  summary: "Show how a file would be understood, and its first rows as they would be loaded.",
  description: WRITES_NOTHING,
  request: { params: importerSlug, query: previewQuery, body },
  responses: { 200: SHOWN },
}, [400, 404, 408, 413, 415, 422]);

const ofTable = apiRoute("run", {
  method: "post",
  path: "/preview",
  operationId: "previewTableFile",
  summary: "Show the same without an importer: columns are matched to the table's by name.",
  description: `${WRITES_NOTHING} Tokens that are limited to some importers can't use it.`,
  request: { query: previewTableQuery, body },
  responses: { 200: SHOWN },
}, [400, 408, 413, 415, 422]);

/** How many of the first rows are shown. */
const SHOWN_ROWS = 50;
/** In characters. Longer values are cut. */
const LONGEST_VALUE = 1_000;

export function previewRoutes(app: OpenAPIHono<RequestEnv>): void {
  handle(app, ofImporter, async (c, { importer }) => show(c, await askedImporter(c, importer)));
  handle(app, ofTable, async (c) => show(c, await askedTable(c)));
}

async function show(c: Context<RequestEnv>, asked: AskedDefinition): Promise<Response> {
  const server = c.get("server");
  const { slug, table } = asked.definition;
  const inQuery = readMapping(c.req.query("mapping"));
  const folder = await server.withLedger((ledger) => server.storageFolder(ledger));
  const { file, fields } = await receiveStored(c, {
    ...{ known: ["mapping"], long: MAPPING_FIELD, folder },
    store: (content, name) => storeBeginning(content, name, folder, server.maxUpload),
  });
  try {
    const mapping = oneMapping(readMapping(fields.get("mapping")), inQuery);
    const { definition, origin } = mappedAs(c, asked, mapping);
    const request = {
      ...{ definition, path: file.path, name: file.name, folder, shown: SHOWN_ROWS },
      user: c.get("principal").name,
      isBeginning: isBeginning(file),
      maxUnpacked: server.maxUpload,
      ...origin !== null && { origin },
    };
    const seen = await namingPath(
      file.path,
      () =>
        server.lockedTables.waiting(
          table,
          (patience) =>
            server.withLedger(({ session, schemaName }) =>
              preview(request, { session, ledgerSchema: schemaName, lockedThrows: true, patience })
            ),
        ),
    );
    const report = toPreviewReport(seen, {
      ...{ importer: slug, table, file: file.name, longest: LONGEST_VALUE },
      isBeginning: request.isBeginning,
    });
    return c.json({ data: visible(c, publicPreview(report, origin?.file ?? null)) }, 200);
  } finally {
    await discardFile(file);
  }
}

/** A token that is limited to some importers doesn't learn of the runs of others. */
function visible(c: Context<RequestEnv>, report: PreviewReport): PreviewReport {
  const { loaded_before: loaded } = report;
  return loaded === null || mayUse(c.get("principal"), loaded.importer)
    ? report
    : { ...report, loaded_before: null };
}
