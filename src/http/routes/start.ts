/** Starts runs: uploads and triggers. Reads or streams their bodies itself. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { dirname, resolve } from "node:path";
import type { Context } from "hono";
import type { Definition } from "../../importer/definition.ts";
import { findImporter } from "../../importer/folder.ts";
import { createRunFor } from "../../run/request/create.ts";
import { LoadedBefore } from "../../run/request/once.ts";
import type { StoredFile } from "../../run/request/stored_file.ts";
import { RequestRefused } from "../answer_failure.ts";
import { accepted } from "../answer_headers.ts";
import { readJson } from "../json_body.ts";
import { alongside, handleKeyed, keyHeader } from "../keyed_route.ts";
import { withoutCommands } from "../public_commands.ts";
import { namingPath } from "../public_words.ts";
import { receiveUpload } from "../receive.ts";
import { apiRoute, json } from "../route.ts";
import { publicReport, requireImporter } from "../runs_of.ts";
import { importerSlug, loadedRun, onceQuery, oneRun, triggerBody, uploadForm } from "../schemas.ts";
import type { RequestEnv } from "../server_context.ts";
import { resolveInside } from "../source_path.ts";
import { wrongField } from "../validation.ts";
import { watchClient } from "../watch_client.ts";

const LOADED = "With `once`: the run that has loaded the same bytes, or is loading them.";

const upload = apiRoute("run", {
  method: "post",
  path: "/upload/{importer}",
  operationId: "uploadFile",
  summary: "Upload a file and start a run with it.",
  description: "The run exists once the file is complete and stored.",
  request: {
    params: importerSlug,
    headers: keyHeader,
    query: onceQuery,
    body: {
      required: true,
      content: {
        "multipart/form-data": { schema: uploadForm },
        "text/csv": { schema: { type: "string" } },
        "text/tab-separated-values": { schema: { type: "string" } },
      },
    },
  },
  responses: {
    200: json(loadedRun, LOADED),
    202: json(oneRun, "The run. Workers will load it."),
  },
}, [400, 404, 408, 409, 413, 415, 422]);

const trigger = apiRoute("run", {
  method: "post",
  path: "/trigger/{importer}",
  operationId: "triggerImporter",
  summary: "Start a run with the file that the importer's definition names.",
  request: {
    params: importerSlug,
    headers: keyHeader,
    body: { required: false, content: { "application/json": { schema: triggerBody } } },
  },
  responses: {
    200: json(loadedRun, LOADED),
    202: json(oneRun, "The run. Workers will load it."),
  },
}, [400, 404, 409, 413, 415, 422]);

export function startRoutes(app: OpenAPIHono<RequestEnv>): void {
  handleKeyed(app, upload, async (c, { importer }) => {
    const found = await findAllowed(c, importer);
    if (found.definition.source.type !== "upload") throw notUploaded(importer);
    const { file, dryRun, once } = await receiveUpload(c, ["dry_run", "once"]);
    return await start(c, found, file, { dryRun: dryRun === true, once, detach: false });
  });

  handleKeyed(app, trigger, async (c, { importer }) => {
    const body = await readJson(c, triggerBody);
    const found = await findAllowed(c, importer);
    const server = c.get("server");
    const file = await triggeredFile(c, found.definition, body.source ?? {});
    const { dry_run, once } = body;
    const how = { dryRun: dry_run === true, once, detach: !server.worksHere };
    return await namingPath(file, () => start(c, found, file, how));
  });
}

async function findAllowed(c: Context<RequestEnv>, slug: string) {
  requireImporter(c, slug);
  const { importersFolder, schemaName } = c.get("server");
  return await findImporter(importersFolder, slug, { ownSchema: schemaName });
}

/** From here on a stored file belongs to the run, or is deleted. */
async function start(
  c: Context<RequestEnv>,
  found: Awaited<ReturnType<typeof findAllowed>>,
  file: string | StoredFile,
  how: {
    readonly dryRun: boolean;
    readonly once: boolean | undefined;
    readonly detach: boolean;
  },
): Promise<Response> {
  const server = c.get("server");
  const assertWanted = watchClient(c);
  const spoolFolder = typeof file === "string"
    ? await server.withLedger((ledger) => server.storageFolder(ledger))
    : dirname(file.path);
  const { definition } = found;
  const made = await server.lockedTables.waiting(
    definition.table,
    (patience) =>
      createRunFor(server.withLedger, {
        ...{ definition, file, spoolFolder, patience, assertWanted, alongside: alongside(c) },
        origin: found,
        user: c.get("principal").name,
        ...how,
      }),
  ).catch((error) => {
    if (error instanceof LoadedBefore) return error;
    throw error;
  });
  const id = made instanceof LoadedBefore ? made.run : made.run.id;
  const data = await server.withLedger((ledger) => publicReport(c, ledger, id));
  return made instanceof LoadedBefore
    ? c.json({ message: withoutCommands(made.message), data }, 200)
    : accepted(c, data);
}

/** The file that the definition names, or the request if the definition allows that. */
async function triggeredFile(
  c: Context<RequestEnv>,
  { slug, source }: Definition,
  asked: { readonly path?: string },
): Promise<string> {
  const { sourceFolder } = c.get("server");
  if (asked.path !== undefined) {
    if (source.type !== "file" || !source.override) {
      throw wrongField("source.path", "the definition doesn't let requests override it");
    }
    if (sourceFolder === null) {
      throw wrongField(
        "source.path",
        "the server has no folder for such files",
      );
    }
    return await resolveInside(sourceFolder, asked.path);
  }
  if (source.type !== "file" || source.path === null) {
    throw new RequestRefused(
      422,
      "needs_upload",
      `The definition of ${slug} names no source. Upload the file: POST upload/${slug}`,
    );
  }
  return sourceFolder === null ? source.path : resolve(sourceFolder, source.path);
}

function notUploaded(slug: string): RequestRefused {
  return new RequestRefused(
    422,
    "needs_trigger",
    `The definition of ${slug} names a source, so it takes no upload: POST trigger/${slug}`,
  );
}
