/** How a file would be understood, and its first rows as they would be loaded. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { adHocDefinition, PARAMETERS } from "../../importer/ad_hoc.ts";
import type { Definition } from "../../importer/definition.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import { findImporter, type Importer } from "../../importer/folder.ts";
import { overrideSource, WrongOverride } from "../../importer/override_source.ts";
import { toPreviewReport } from "../../report/preview_report.ts";
import { preview } from "../../run/request/preview.ts";
import { isBeginning, storeBeginning } from "../../run/request/stored_beginning.ts";
import { discardFile } from "../../run/request/stored_file.ts";
import { RequestRefused } from "../answer_failure.ts";
import { previewBody, previewForm, previewQuery, previewTableQuery } from "../preview_schemas.ts";
import { publicPreview } from "../preview_words.ts";
import { namingPath } from "../public_words.ts";
import { receiveStored } from "../receive.ts";
import { apiRoute, json } from "../route.ts";
import { requireImporter } from "../runs_of.ts";
import { importerSlug } from "../schemas.ts";
import type { RequestEnv } from "../server_context.ts";
import { handle } from "../streamed_route.ts";
import { validationFailure, wrongField } from "../validation.ts";

const body = {
  required: true,
  content: {
    "multipart/form-data": { schema: previewForm },
    "text/csv": { schema: { type: "string" } },
    "text/tab-separated-values": { schema: { type: "string" } },
  },
} as const;

const WRITES_NOTHING =
  "Writes nothing. The first megabyte of the file is enough: the rest may be " +
  "left out, and is ignored. What a run would be refused for is in `problems`, with the status 200.";

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
  handle(app, ofImporter, async (c, { importer }) => {
    requireImporter(c, importer);
    const query = read(previewQuery, c.req.query());
    const { importersFolder, schemaName: ownSchema } = c.get("server");
    const found = await findImporter(importersFolder, importer, { ownSchema });
    return await show(c, found.definition, query, found);
  });

  handle(app, ofTable, async (c) => {
    if (c.get("principal").importers !== null) {
      throw new RequestRefused(
        403,
        "forbidden",
        "This token is limited to some importers: ask for the preview of one of them.",
      );
    }
    const { key } = c.req.queries();
    const query = read(previewTableQuery, { ...c.req.query(), ...key && { key } });
    return await show(c, tableDefinition(query, c.get("server").schemaName), query, null);
  });
}

function read<Schema extends z.ZodType>(schema: Schema, query: unknown): z.infer<Schema> {
  const read = schema.safeParse(query);
  if (read.success) return read.data;
  throw validationFailure(read.error);
}

function tableDefinition(
  { table, key, on_duplicate, identity }: z.infer<typeof previewTableQuery>,
  ownSchema: string,
): Definition {
  const keys = typeof key === "string" ? [key] : key;
  try {
    return adHocDefinition(
      { table, key: keys, onDuplicate: on_duplicate, identity },
      { ownSchema },
      PARAMETERS,
    );
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    const [{ path, message }] = error.problems;
    throw wrongField(
      path,
      message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message,
    );
  }
}

async function show(
  c: Context<RequestEnv>,
  written: Definition,
  query: z.infer<typeof previewQuery>,
  found: Importer | null,
): Promise<Response> {
  const server = c.get("server");
  const definition = { ...written, source: overridden(written, query) };
  const { slug, table } = definition;
  const folder = await server.withLedger((ledger) => server.storageFolder(ledger));
  const { file } = await receiveStored(c, {
    known: [],
    store: (content, name) => storeBeginning(content, name, folder, server.maxUpload),
  });
  try {
    const request = {
      ...{ definition, path: file.path, name: file.name, folder, shown: SHOWN_ROWS },
      user: c.get("principal").name,
      isBeginning: isBeginning(file),
      ...found !== null && { origin: found },
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
    return c.json({ data: publicPreview(report, found?.file ?? null) }, 200);
  } finally {
    await discardFile(file);
  }
}

function overridden(
  { source }: Definition,
  { skip_lines, ...query }: z.infer<typeof previewQuery>,
): Definition["source"] {
  try {
    return overrideSource(source, {
      ...query,
      skip_lines: skip_lines === undefined ? undefined : Number(skip_lines),
    });
  } catch (error) {
    if (!(error instanceof WrongOverride)) throw error;
    const { key, expected, got, isWritten } = error;
    throw isWritten
      ? wrongField(key, `expected ${expected}, got ${got}`)
      : wrongField("delimiter", `the definition has source.${key}: ${got}; give ${key} as well`);
  }
}
