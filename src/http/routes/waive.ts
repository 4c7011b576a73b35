/** Waives failed rows. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "@hono/zod-openapi";
import { asksNothing } from "../../run/request/choose_errors.ts";
import { readRowRuns } from "../../run/request/row_runs.ts";
import { type RowsAsked, type Waived, waiveRows } from "../../run/request/waive.ts";
import { waivedText } from "../../run/request/waived_text.ts";
import { errorsAsked } from "../schemas/error_schemas.ts";
import { readJson } from "../requests/json_body.ts";
import { handleKeyed, keyHeader } from "../keyed/keyed_route.ts";
import { withoutCommands } from "../answers/public_commands.ts";
import { apiRoute, json } from "../route.ts";
import { publicReport, requirePathRun } from "../runs_of.ts";
import { runId, waiveBody, waivedRows } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";
import { wrongField } from "../requests/validation.ts";

const waive = apiRoute("run", {
  method: "post",
  path: "/{id}/waive",
  operationId: "waiveRows",
  summary: "Decide not to load failed rows, or take that back.",
  description:
    "They count as waived, not as unresolved, and no retry tries them. `rows`, `all`, or `group`, " +
    "`code` and `column` say which rows. Who, when and why is kept on record.",
  request: {
    params: runId,
    headers: keyHeader,
    body: { content: { "application/json": { schema: waiveBody } }, required: true },
  },
  responses: {
    200: json(waivedRows, "What was done. If there was nothing to do, the message says why."),
  },
}, [400, 404, 409, 413, 415, 422]);

export function waiveRoutes(app: OpenAPIHono<RequestEnv>): void {
  handleKeyed(app, waive, async (c, { id }) => {
    const body = await readJson(c, waiveBody);
    const which = rowsAsked(body);
    const undo = body.undo === true;
    if (body.reason === undefined && !undo) {
      throw wrongField("reason", "expected a reason: it is kept on record");
    }
    const user = c.get("principal").name;
    const answer = await c.get("server").withLedger(async (ledger) => {
      const run = await requirePathRun(c, ledger, id);
      const keyed = c.get("keyed");
      const request = {
        ...{ run, which, user, undo, reason: body.reason ?? null },
        alongside: async (waived: Waived) => {
          const message = withoutCommands(waivedText(run.id, waived, undo));
          await keyed?.record(ledger, run.id, { message, rows: waived.rows });
        },
      };
      const waived = await waiveRows(ledger, request);
      const message = withoutCommands(waivedText(run.id, waived, undo));
      return { message, rows: waived.rows, data: await publicReport(c, ledger, run.id) };
    });
    return c.json(answer, 200);
  });
}

function rowsAsked(body: z.infer<typeof waiveBody>): RowsAsked {
  const errors = errorsAsked(body);
  const rows = body.rows === undefined ? null : readRowRuns(body.rows);
  const asked: RowsAsked[] = [
    ...(body.all ? [{ all: true } as const] : []),
    ...(rows === null || typeof rows === "string" ? [] : [{ rows }]),
    ...(asksNothing(errors) ? [] : [{ errors }]),
  ];
  if (asked.length === 1) return asked[0];
  throw wrongField(
    asked.length === 0 ? "body" : asked.length > 1 && body.all ? "all" : "rows",
    asked.length === 0
      ? "expected group, code, column, rows or all: which rows"
      : "all, rows, and group, code or column exclude each other",
  );
}
