/** Shows the importers. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Definition } from "../../importer/definition.ts";
import { findImporter, loadImporters } from "../../importer/folder.ts";
import { mayUse } from "../identity/principal.ts";
import { redact } from "../answers/redact.ts";
import { apiRoute, json } from "../route.ts";
import { requireImporter } from "../runs_of.ts";
import { importerSlug, listOfImporters, oneImporter } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";

const list = apiRoute("read", {
  method: "get",
  path: "/importers",
  operationId: "listImporters",
  summary: "List the importers.",
  responses: {
    200: json(
      listOfImporters,
      "The definitions. `meta.broken`: those with mistakes.",
    ),
  },
}, [422]);

const show = apiRoute("read", {
  method: "get",
  path: "/importers/{importer}",
  operationId: "showImporter",
  summary: "Show the definition of an importer.",
  request: { params: importerSlug },
  responses: { 200: json(oneImporter, "The definition.") },
}, [404, 422]);

export function importerRoutes(app: OpenAPIHono<RequestEnv>): void {
  app.openapi(list, async (c) => {
    const { importersFolder, sourceFolder, schemaName } = c.get("server");
    const principal = c.get("principal");
    const { usable, broken } = await loadImporters(importersFolder, { ownSchema: schemaName });
    return c.json({
      data: usable.filter(({ definition }) => mayUse(principal, definition.slug))
        .map(({ definition }) => shown(definition, sourceFolder)),
      meta: { broken: broken.map(({ slug }) => slug).filter((slug) => mayUse(principal, slug)) },
    }, 200);
  });

  app.openapi(show, async (c) => {
    const { importer } = c.req.valid("param");
    requireImporter(c, importer);
    const { importersFolder, sourceFolder, schemaName } = c.get("server");
    const { definition } = await findImporter(importersFolder, importer, { ownSchema: schemaName });
    return c.json({ data: shown(definition, sourceFolder) }, 200);
  });
}

function shown(definition: Definition, sourceFolder: string | null) {
  const { slug, table, description, ...rest } = redact(definition, sourceFolder);
  return { slug, table, description, ...rest as Readonly<Record<string, unknown>> };
}
