/**
 * Where the failed rows of a run begin that are a hundred apart: with that, a grid fetches the rows
 * around any place by key, and nobody has to count a million rows for it again.
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { chooseRows } from "../../../ledger/chosen_errors.ts";
import { readUnlogged } from "../../../ledger/unlogged_rows.ts";
import { chooseErrors } from "../../../run/request/choose_errors.ts";
import { requirePathRun } from "../../runs_of.ts";
import type { RequestEnv } from "../../server_context.ts";
import { page } from "../page.tsx";
import { requireNumber } from "../run/run_data.ts";
import { readAsked } from "./rows_data.ts";

/** The grid's blocks have as many rows. */
const APART = 100;
const ALL = { groups: null, codes: null, columns: null } as const;

export function placesRoute(app: OpenAPIHono<RequestEnv>): void {
  page(app, "/runs/:id/rows/places", async (c) => {
    const id = c.req.param("id");
    requireNumber(id);
    const asked = readAsked(c);
    const rows = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      const chosen = await chooseErrors(ledger, run, asked) ?? ALL;
      const failed = await chooseRows(ledger, run.id, chosen);
      failed.removeAll(await readUnlogged(ledger, run));
      return failed.list();
    });
    // The cursor of a block: the row before it.
    const ends = rows.filter((_, i) => i % APART === APART - 1);
    return c.json({ total: rows.length, apart: APART, cursors: [0, ...ends] });
  });
}
