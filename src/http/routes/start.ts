/** Starts runs: uploads, triggers and retries. Reads or streams their bodies itself. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { dirname, resolve } from "node:path";
import type { Context } from "hono";
import type { Definition } from "../../importer/definition.ts";
import { findImporter } from "../../importer/folder.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { createRunFor } from "../../run/request/create.ts";
import { LoadedBefore } from "../../run/request/once.ts";
import { asksNothing } from "../../run/request/choose_errors.ts";
import { createRetry } from "../../run/request/retry.ts";
import { chooseRetryDefinition } from "../../run/request/retry_definition.ts";
import { discardFile, type StoredFile } from "../../run/request/stored_file.ts";
import { errorsAsked } from "../error_schemas.ts";
import { RequestRefused } from "../answer_failure.ts";
import { readJson } from "../json_body.ts";
import { namingPath } from "../public_words.ts";
import { bringsFile, readFlag, receiveFile } from "../receive.ts";
import { apiRoute, json } from "../route.ts";
import { publicReport, requireImporter, requirePathRun } from "../runs_of.ts";
import {
  importerSlug,
  loadedRun,
  onceQuery,
  oneRun,
  retryBody,
  retryForm,
  retryQuery,
  runId,
  triggerBody,
  uploadForm,
} from "../schemas.ts";
import type { RequestEnv } from "../server_context.ts";
import { resolveInside } from "../source_path.ts";
import { handle } from "../streamed_route.ts";
import { wrongField } from "../validation.ts";

const LOADED = "With `once`: the run that has loaded the same bytes, or is loading them.";

const upload = apiRoute("run", {
  method: "post",
  path: "/upload/{importer}",
  operationId: "uploadFile",
  summary: "Upload a file and start a run with it.",
  description: "The run exists once the file is complete and stored.",
  request: {
    params: importerSlug,
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
    body: { required: false, content: { "application/json": { schema: triggerBody } } },
  },
  responses: {
    200: json(loadedRun, LOADED),
    202: json(oneRun, "The run. Workers will load it."),
  },
}, [400, 404, 409, 413, 415, 422]);

const retry = apiRoute("run", {
  method: "post",
  path: "/{id}/retry",
  operationId: "retryRun",
  summary: "Start a run with the failed rows that no retry has fixed.",
  description:
    "With a file, it tries the edited rows in it, matched by `_row_number`. Cells that a " +
    "spreadsheet seems to have changed by itself are refused (409), unless `accept_changes` is set.",
  request: {
    params: runId,
    query: retryQuery,
    body: {
      required: false,
      content: {
        "application/json": { schema: retryBody },
        "multipart/form-data": { schema: retryForm },
        "text/csv": { schema: { type: "string" } },
      },
    },
  },
  responses: { 202: json(oneRun, "The new run. Workers will load it.") },
}, [400, 404, 408, 409, 413, 415, 422]);

export function startRoutes(app: OpenAPIHono<RequestEnv>): void {
  handle(app, upload, async (c, { importer }) => {
    const found = await findAllowed(c, importer);
    if (found.definition.source.type !== "upload") throw notUploaded(importer);
    const { file, dryRun, once } = await receive(c, ["dry_run", "once"]);
    return await start(c, found, file, { dryRun: dryRun === true, once, detach: false });
  });

  handle(app, trigger, async (c, { importer }) => {
    const body = await readJson(c, triggerBody);
    const found = await findAllowed(c, importer);
    const server = c.get("server");
    const file = await triggeredFile(c, found.definition, body.source ?? {});
    const { dry_run, once } = body;
    const how = { dryRun: dry_run === true, once, detach: !server.worksHere };
    return await namingPath(file, () => start(c, found, file, how));
  });

  handle(app, retry, async (c, { id }) => {
    const { withLedger } = c.get("server");
    await withLedger((ledger) => requirePathRun(c, ledger, id));
    const hasFile = bringsFile(c.req.header("content-type") ?? "");
    if (!hasFile) {
      const body = await readJson(c, retryBody);
      const inQuery = readFlag(c.req.query("dry_run"));
      if (inQuery !== undefined && body.dry_run !== undefined && inQuery !== body.dry_run) {
        throw wrongField("dry_run", "the body and the query disagree");
      }
      const asked = { ...body, dry_run: body.dry_run ?? inQuery, file: null };
      const data = await withLedger((ledger) => startRetry(c, ledger, id, asked));
      return c.json({ data }, 202);
    }
    const { file, dryRun, acceptChanges } = await receive(c, ["dry_run", "accept_changes"]);
    const asked = { file, dry_run: dryRun, accept_changes: acceptChanges };
    try {
      const data = await withLedger((ledger) => startRetry(c, ledger, id, asked));
      return c.json({ data }, 202);
    } finally {
      // By now its rows are in the ledger.
      await discardFile(file);
    }
  });
}

async function findAllowed(c: Context<RequestEnv>, slug: string) {
  requireImporter(c, slug);
  const { importersFolder, schemaName } = c.get("server");
  return await findImporter(importersFolder, slug, { ownSchema: schemaName });
}

async function receive(c: Context<RequestEnv>, known?: Parameters<typeof receiveFile>[2]) {
  const server = c.get("server");
  const folder = await server.withLedger((ledger) => server.storageFolder(ledger));
  return await receiveFile(c, folder, known);
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
        ...{ definition, file, spoolFolder, patience, assertWanted },
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
    ? c.json({ message: made.message, data }, 200)
    : c.json({ data }, 202);
}

/** The check throws if the client has hung up: it believes that there is no run, and asks again. */
function watchClient(c: Context<RequestEnv>): () => void {
  // Deno watches the connection only from the moment that somebody asks for the signal.
  const { signal } = c.req.raw;
  return () => {
    if (signal.aborted) throw new RequestRefused(408, "gone", "The client has gone.");
  };
}

async function startRetry(
  c: Context<RequestEnv>,
  ledger: Ledger,
  id: string,
  asked: {
    readonly dry_run?: boolean;
    readonly original_definition?: boolean;
    readonly accept_changes?: boolean;
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
    acceptChanges: asked.accept_changes === true,
    spoolFolder: await server.storageFolder(ledger),
    assertWanted,
  });
  if (retry.made) return await publicReport(c, ledger, retry.run.id);
  throw new RequestRefused(
    400,
    "nothing_to_retry",
    asksNothing(only) ? "The original run has no failed rows to retry." : retry.because,
  );
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
        "the server was started without --source-dir",
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
