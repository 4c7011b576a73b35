/** Starts runs of files that are on the server. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Definition } from "../../importer/definition.ts";
import { ownSource } from "../../run/request/own_source.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import { importerWith } from "../requests/asked_definition.ts";
import { setValues } from "../requests/asked_set.ts";
import { readJson } from "../requests/json_body.ts";
import { handleKeyed, keyHeader } from "../keyed/keyed_route.ts";
import { expectedAddress } from "../../run/request/remote/asked_address.ts";
import { namingPath } from "../answers/public_words.ts";
import { apiRoute, json } from "../route.ts";
import { requireImporter } from "../runs_of.ts";
import { importerSlug, loadedRun, oneRun, triggerBody } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";
import { resolveInside } from "../requests/source_path.ts";
import { LOADED, startRun } from "../start_run.ts";
import { wrongField } from "../requests/validation.ts";

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
  handleKeyed(app, trigger, async (c, { importer }) => {
    const body = await readJson(c, triggerBody);
    requireImporter(c, importer);
    const server = c.get("server");
    const set = body.set === undefined ? undefined : setValues(body.set);
    const found = await importerWith(c, importer, set);
    const file = await triggeredFile(c, found.definition, body.source ?? {});
    const { dry_run, once } = body;
    const how = { dryRun: dry_run === true, once, detach: !server.worksHere };
    const asked = { definition: found.definition, origin: found };
    return await namingPath([file].flat()[0], () => startRun(c, asked, file, how));
  });
}

/** The file that the definition names, or the request if the definition allows that. */
async function triggeredFile(
  c: Context<RequestEnv>,
  { slug, source }: Definition,
  asked: { readonly path?: string; readonly url?: string },
): Promise<string | readonly string[]> {
  const { sourceFolder } = c.get("server");
  const isRemote = source.url !== undefined;
  if (asked.url !== undefined) {
    if (!isRemote || !source.override) {
      throw wrongField("source.url", "the definition doesn't let requests override it");
    }
    const expected = expectedAddress(source, asked.url);
    if (expected !== null) throw wrongField("source.url", `expected ${expected}`);
    return [asked.url];
  }
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
  if (source.type === "folder") {
    throw new RequestRefused(
      422,
      "needs_upload",
      `The definition of ${slug} watches a folder: files that are put there are loaded by themselves. ` +
        `Or upload the file: POST upload/${slug}`,
    );
  }
  const own = ownSource(source, sourceFolder);
  if (own === null) {
    throw new RequestRefused(
      422,
      "needs_upload",
      `The definition of ${slug} names no source. Upload the file: POST upload/${slug}`,
    );
  }
  return own;
}
