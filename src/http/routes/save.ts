/** Saves how a file is imported: as a new importer, or in the definition of one. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { basename } from "node:path";
import { DefinitionError } from "../../importer/definition_errors.ts";
import type { Problem } from "../../importer/problem.ts";
import { compareWithTable, type Finding } from "../../run/request/compare.ts";
import {
  type Place,
  saveChanges,
  type Saved,
  saveNew,
  WrongSlug,
} from "../../run/request/save/save_settings.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import { withoutPaths } from "../answers/public_words.ts";
import { handleKeyed, keyHeader } from "../keyed/keyed_route.ts";
import { mappedAs } from "../requests/asked_mapping.ts";
import { readJson } from "../requests/json_body.ts";
import { wrongField } from "../requests/validation.ts";
import { apiRoute, BASE_PATH, json } from "../route.ts";
import { requireImporter } from "../runs_of.ts";
import { changedImporterBody, newImporterBody, savedImporter } from "../schemas/save_schemas.ts";
import { importerSlug } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";
import { findImporter } from "../../importer/folder.ts";

/** A table may have 1,600 columns with long names. */
const MAX_BODY = 512 * 1024;

const ALLOWED = "Only where whoever runs the server allows it.";

const create = apiRoute("admin", {
  method: "post",
  path: "/importers",
  operationId: "createImporter",
  summary: "Save how a file is imported as a new importer.",
  description: "Writes `<slug>.yaml` into the folder of importers, never over another file. " +
    `The definition is checked first, also against its table. ${ALLOWED}`,
  request: {
    headers: keyHeader,
    body: { required: true, content: { "application/json": { schema: newImporterBody } } },
  },
  responses: { 201: json(savedImporter, "It is saved, and can be used.") },
}, [400, 409, 413, 415, 422]);

const change = apiRoute("admin", {
  method: "post",
  path: "/importers/{importer}",
  operationId: "changeImporter",
  summary: "Change in an importer's definition how its file is read, and what fills what.",
  description: "The file is edited in place: comments and all else stay as they are. Definitions " +
    `in JavaScript are not changed. ${ALLOWED}`,
  request: {
    params: importerSlug,
    headers: keyHeader,
    body: { required: true, content: { "application/json": { schema: changedImporterBody } } },
  },
  responses: { 200: json(savedImporter, "It is saved.") },
}, [400, 404, 409, 413, 415, 422]);

export function saveRoutes(app: OpenAPIHono<RequestEnv>): void {
  handleKeyed(app, create, async (c) => {
    const { slug, table, description, key = [], identity, source, columns, ...rest } =
      await readJson(c, newImporterBody, MAX_BODY);
    requireSaving(c);
    if (c.get("principal").importers !== null) {
      throw new RequestRefused(
        403,
        "forbidden",
        "This token is limited to some importers: it can't make new ones.",
      );
    }
    const given = Object.values(columns ?? {});
    if (given.length > 0 && given.every((from) => from === null)) {
      throw wrongField("columns", "expected at least one column that is filled");
    }
    const saved = await saveNew({
      ...{ slug, table, key, source: source ?? {}, columns: columns ?? {} },
      ...description !== undefined && { description },
      ...identity !== undefined && { identity },
      ...rest.on_duplicate !== undefined && { onDuplicate: rest.on_duplicate },
    }, placeOf(c)).catch((error) => {
      throw error instanceof WrongSlug ? wrongField("slug", error.message) : error;
    });
    c.header("location", `${BASE_PATH}/importers/${encodeURIComponent(slug)}`);
    return c.json(answer(saved, `Saved as the importer ${slug}.`), 201);
  }, "no run");

  handleKeyed(app, change, async (c, { importer }) => {
    requireImporter(c, importer);
    const { source = {}, columns = {} } = await readJson(c, changedImporterBody, MAX_BODY);
    requireSaving(c);
    const { importersFolder, schemaName: ownSchema } = c.get("server");
    const origin = await findImporter(importersFolder, importer, { ownSchema });
    // A token that is limited to importers can't make them fill more.
    mappedAs(c, { definition: origin.definition, origin }, columns);
    const saved = await saveChanges(importer, { source, columns }, placeOf(c));
    return c.json(answer(saved, `Saved in ${basename(saved.file)}.`), 200);
  }, "no run");
}

/** Throws RequestRefused. */
export function requireSaving(c: Context<RequestEnv>): void {
  if (c.get("server").savesDefinitions) return;
  throw new RequestRefused(
    403,
    "not_enabled",
    "This server doesn't save importers over HTTP. Whoever runs it can allow that.",
  );
}

function placeOf(c: Context<RequestEnv>): Place {
  const server = c.get("server");
  const { importersFolder: folder, schemaName: ownSchema } = server;
  return {
    ...{ folder, ownSchema },
    check: async (importer) => {
      const { problems, warnings } = await server.withLedger(({ session }) =>
        compareWithTable(session, importer, ownSchema)
      );
      if (problems.length > 0) throw new DefinitionError(problems.map(asProblem));
      return warnings.map(({ message, file }) => withoutPaths(message.replaceAll(file, basename)));
    },
  };
}

/** Nobody asks for more than the message. */
function asProblem(finding: Finding): Problem {
  return { ...finding, found: "", expected: "", suggestion: null };
}

function answer({ definition, file, text, warnings }: Saved, message: string) {
  return { message, data: { slug: definition.slug, file: basename(file), text, warnings } };
}
