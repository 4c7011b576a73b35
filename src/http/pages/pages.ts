/** The pages: what `serve` shows to people. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { RequestEnv } from "../server_context.ts";
import { assetRoutes } from "./assets.ts";
import { importPage } from "./import/import_page.tsx";
import { importerPage } from "./importers/importer_page.tsx";
import { importersPage } from "./importers/importers_page.tsx";
import { triggerAction } from "./importers/trigger.tsx";
import { runActions } from "./run/actions.tsx";
import { runPage } from "./run/run_page.tsx";
import { gridRoutes } from "./rows/grid_routes.ts";
import { rowButtons } from "./rows/row_buttons.ts";
import { rowsPage } from "./rows/rows_page.tsx";
import { runsPage } from "./runs/runs_page.tsx";
import { signInRoutes } from "./sign_in.tsx";

export function pageRoutes(app: OpenAPIHono<RequestEnv>): void {
  assetRoutes(app);
  signInRoutes(app);
  runsPage(app);
  runPage(app);
  runActions(app);
  rowsPage(app);
  gridRoutes(app);
  rowButtons(app);
  importersPage(app);
  importPage(app);
  importerPage(app);
  triggerAction(app);
}
