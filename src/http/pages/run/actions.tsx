/** What can be done with a run now, and what comes of it. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { BROKEN_SOURCE } from "../../../ledger/runs/runs.ts";
import { ROWS_FAILED } from "../../../ledger/runs/settle.ts";
import type { RunReport } from "../../../report/report_schema.ts";
import type { RequestEnv } from "../../server_context.ts";
import { callApi } from "../call_api.ts";
import { leaveNote } from "../note.ts";
import { action } from "../page.tsx";
import type { Viewer } from "../view.ts";
import { rowsText } from "../parts/numbers.tsx";
import { readForm } from "../read_form.ts";

export function Actions({ run, viewer }: { run: RunReport; viewer: Viewer }) {
  if (!viewer.mayRun) return null;
  const { id, status, stalled, is_terminal, undo, dry_run, kind, progress } = run;
  const to = (what: string) => `/runs/${id}/${what}`;
  const isUndone = undo !== null;
  const stopped = status === "cancelled" || status === "failed";
  // All that can be read of its file was read.
  const isBroken = run.error?.code === BROKEN_SOURCE;
  // It was all rows or none, and none was loaded: they are retried with all others.
  const isWhole = run.error?.code === ROWS_FAILED;
  const isCompleted = run.completed_by_run_id !== undefined;
  const isUnloaded = isCompleted || run.held !== undefined && stopped && !isWhole;
  const canRetry = kind === "import" && is_terminal && !dry_run && !isUndone && !isUnloaded &&
    progress.unresolved > progress.unlogged && run.rows_removed_at === null;
  const wrote = progress.created + progress.updated + (run.absent?.absent ?? 0) > 0;
  return (
    <div class="actions">
      {status === "held" && <Button to={to("release")} text="Load the rows" />}
      {!is_terminal && status !== "cancelling" && <Button to={to("cancel")} text="Cancel" />}
      {status === "cancelling" && (
        <Button
          to={to("cancel")}
          text="Cancel now"
          name="now"
          title="Roll back the batches in progress"
        />
      )}
      {(stalled || (stopped && !isUndone && !isBroken && !isCompleted)) && (
        <Button to={to("resume")} text="Resume" tone="primary" />
      )}
      {canRetry && (
        <>
          <a class="button primary" href={to("rows")}>
            Repair {rowsText(progress.unresolved - progress.unlogged)}
          </a>
          <Button
            to={to("retry")}
            text={isWhole ? "Retry with all rows" : "Retry as they are"}
            title={isWhole
              ? "Loads all rows of the file, these as they were corrected"
              : "For when the table or the definition was mended"}
          />
        </>
      )}
      {kind === "import" && is_terminal && !dry_run && !isUndone && run.parent_id === null &&
        wrote && (
        <Button
          to={to("undo")}
          text="Undo …"
          name="dry_run"
          title="First shows what would be taken back. Nothing is changed yet."
        />
      )}
      {kind === "undo" && dry_run && is_terminal && !stopped && (
        <Button
          to={`/runs/${run.undoes_run_id}/undo`}
          text={`Take back ${rowsText(progress.deleted + progress.updated)}`}
          tone="danger"
        />
      )}
    </div>
  );
}

interface ButtonProps {
  readonly to: string;
  readonly text: string;
  /** Sent as true. */
  readonly name?: string;
  readonly title?: string;
  readonly tone?: "primary" | "danger";
}

function Button({ to, text, name, title, tone }: ButtonProps) {
  return (
    <form method="post" action={to}>
      {name !== undefined && <input type="hidden" name={name} value="true" />}
      <button type="submit" class={tone} title={title}>{text}</button>
    </form>
  );
}

export function runActions(app: OpenAPIHono<RequestEnv>): void {
  action(app, "/runs/:id/release", async (c) => {
    await callApi(app, c, `/${c.req.param("id")}/release`, {});
    return `/runs/${c.req.param("id")}`;
  });

  action(app, "/runs/:id/cancel", async (c) => {
    const now = (await readForm(c)).get("now") === "true";
    await callApi(app, c, `/${c.req.param("id")}/cancel`, now ? { now } : {});
    leaveNote(c, {
      kind: "done",
      text: now
        ? "The batches in progress are rolled back."
        : "It stops after the batches in progress. What is loaded stays, and it can be resumed.",
    });
    return `/runs/${c.req.param("id")}`;
  });

  action(app, "/runs/:id/resume", async (c) => {
    await callApi(app, c, `/${c.req.param("id")}/resume`, {});
    return `/runs/${c.req.param("id")}`;
  });

  action(app, "/runs/:id/retry", async (c) => {
    const made = await callApi(app, c, `/${c.req.param("id")}/retry`, {});
    return `/runs/${made.id}`;
  });

  action(app, "/runs/:id/undo", async (c) => {
    const dryRun = (await readForm(c)).get("dry_run") === "true";
    const made = await callApi(app, c, `/${c.req.param("id")}/undo`, { dry_run: dryRun });
    return `/runs/${made.id}`;
  });
}
