/** What the buttons of the page of failed rows do. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { RequestEnv } from "../../server_context.ts";
import { callApi, forwardToApi } from "../call_api.ts";
import { leaveNote } from "../note.ts";
import { action } from "../page.tsx";
import { pageWords } from "../words.ts";
import { readForm } from "../read_form.ts";
import { rowsPath } from "./chips.tsx";
import { readAsked } from "./rows_data.ts";

export function rowButtons(app: OpenAPIHono<RequestEnv>): void {
  action(app, "/runs/:id/rows/retry", async (c) => {
    const corrected = (await readForm(c)).get("corrected") === "true";
    const made = await callApi(
      app,
      c,
      `/${c.req.param("id")}/retry`,
      corrected ? { corrected } : {},
    );
    return `/runs/${made.id}`;
  });

  action(app, "/runs/:id/rows/upload", async (c) => {
    const made = await forwardToApi(app, c, `/${c.req.param("id")}/retry/upload`);
    return `/runs/${made.id}`;
  });

  action(app, "/runs/:id/rows/waive", async (c) => {
    const id = c.req.param("id");
    const asked = readAsked(c);
    const form = await readForm(c);
    const made = await callApi(app, c, `/${id}/waive`, whichRows(c, form));
    leaveNote(c, { kind: "done", text: pageWords(made.message ?? "Done.") });
    return rowsPath(Number(id), asked);
  });
}

/** Those that are marked, those with the errors that the page shows, or all. */
function whichRows(c: Context<RequestEnv>, form: URLSearchParams) {
  const undo = form.get("undo") === "true";
  if (undo) return { undo, all: true };
  const { groups, codes, columns } = readAsked(c);
  const reason = form.get("reason")?.trim() ?? "";
  const rows = form.get("rows") ?? "";
  if (rows !== "") return { reason, rows };
  const lists = { group: groups, code: codes, column: columns };
  const given = Object.entries(lists).filter(([, list]) => list.length > 0);
  return given.length === 0 ? { reason, all: true } : { reason, ...Object.fromEntries(given) };
}
