/** What the grid asks for besides rows. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { readCell } from "../../../ledger/edits/read_cell.ts";
import { listPending } from "../../../ledger/edits/pending_edits.ts";
import { listTried } from "../../../ledger/edits/tried_edits.ts";
import { rootOf } from "../../../ledger/runs/retries.ts";
import { failedRowSet } from "../../../run/request/failed_row_set.ts";
import { reportedName } from "../../../report/source_names.ts";
import { chooseErrors } from "../../../run/request/choose_errors.ts";
import { displayText } from "../../../source/display_text.ts";
import { RequestRefused } from "../../answers/answer_failure.ts";
import { recheck } from "../../recheck.ts";
import { requirePathRun } from "../../runs_of.ts";
import type { RequestEnv } from "../../server_context.ts";
import { page } from "../page.tsx";
import { requireNumber } from "../run/run_data.ts";
import { isLeft, readAsked } from "./rows_data.ts";

/** The grid's blocks have as many rows. */
const APART = 100;
/** Of corrections that are checked at a time. */
const MOST_BYTES = 8 * 1024 * 1024;

export function gridRoutes(app: OpenAPIHono<RequestEnv>): void {
  // Where the failed rows are that are a hundred apart: with that, the grid fetches the rows around any
  // place by key, and nobody has to count a million rows for it again.
  page(app, "/runs/:id/rows/places", async (c) => {
    const id = c.req.param("id");
    requireNumber(id);
    const asked = readAsked(c);
    const rows = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      const chosen = await chooseErrors(ledger, run, asked);
      const failed = await failedRowSet(ledger, run, chosen, isLeft(c));
      return failed.list();
    });
    // The cursor of a block: the row before it.
    const ends = rows.filter((_, i) => i % APART === APART - 1);
    return c.json({ total: rows.length, apart: APART, cursors: [0, ...ends] });
  });
  // The API tells what the next retry tries, not what an earlier one has tried.
  page(app, "/runs/:id/rows/tried", async (c) => {
    const id = c.req.param("id");
    const { first = "", last = "" } = c.req.query();
    for (const number of [id, first, last]) requireNumber(number);
    const found = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      const names = new Map(
        run.header.map((name, i) => [displayText(name), reportedName(name, i)]),
      );
      const rows = await listTried(ledger, rootOf(run), [Number(first), Number(last)]);
      return rows.map(({ row_number, cells }) => {
        const values = Object.entries(cells).map((
          [name, value],
        ) => [names.get(name) ?? name, value]);
        return [row_number, { values: Object.fromEntries(values), drop_surplus: false }];
      });
    });
    return c.json({ tried: Object.fromEntries(found) });
  });
  // Whether a correction is right is not kept: the table and the definition may have changed since.
  page(app, "/runs/:id/rows/checked", async (c, { mayRun }) => {
    const id = c.req.param("id");
    const { first = "", last = "" } = c.req.query();
    for (const number of [id, first, last]) requireNumber(number);
    if (!mayRun) throw new RequestRefused(403, "forbidden", "Only who may import can check rows.");
    const report = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      const page = { rows: APART, bytes: MOST_BYTES };
      const pending = await listPending(ledger, rootOf(run), Number(first) - 1, page);
      const rows = pending.map(({ row_number }) => row_number).filter((row) => row <= Number(last));
      return await recheck(c, ledger, run, rows);
    });
    return c.json(report);
  });
  // Rows have long values cut. Whoever edits one needs it whole.
  page(app, "/runs/:id/rows/cell", async (c) => {
    const id = c.req.param("id");
    requireNumber(id);
    const { row = "", column } = c.req.query();
    requireNumber(row);
    const value = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      const name = run.header.find((name, field) => reportedName(name, field) === column);
      if (name === undefined) return null;
      const cell = { row: Number(row), column: displayText(name) };
      return await readCell(ledger, { run: run.id, root: rootOf(run), ...cell });
    });
    if (value === null) throw new RequestRefused(404, "not_found", "There is no such cell.");
    return c.json({ value });
  });
}
