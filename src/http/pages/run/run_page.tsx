/** `/runs/12`: what a run is doing, how it went, and what to do about it. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Child } from "hono/jsx";
import { isTerminal } from "../../../ledger/runs/statuses.ts";
import { formatCount, formatDuration } from "../../../report/numbers.ts";
import type { RunReport } from "../../../report/report_schema.ts";
import { soFar } from "../../../report/so_far.ts";
import { BASE_PATH } from "../../route.ts";
import type { RequestEnv } from "../../server_context.ts";
import { page } from "../page.tsx";
import type { Viewer } from "../view.ts";
import { Bar } from "../parts/bar.tsx";
import { rowsText, Time } from "../parts/numbers.tsx";
import { Status } from "../parts/status.tsx";
import { RunRow } from "../runs/run_row.tsx";
import { Actions } from "./actions.tsx";
import { Changes, changesSomething } from "./changes.tsx";
import { Facts } from "./facts.tsx";
import { placeWord } from "../parts/place.ts";
import { Groups, SHOWN } from "./groups.tsx";
import { Happened } from "./happened.tsx";
import { Notes } from "./notes.tsx";
import { isWorthDrawing, Pace } from "./pace.tsx";
import { findRun, readRunData, type RunData } from "./run_data.ts";
import { Strip } from "./strip.tsx";
import { IntoTable } from "../parts/into_table.tsx";

export function runPage(app: OpenAPIHono<RequestEnv>): void {
  page(app, "/runs/:id", async (c, viewer) => {
    const run = await findRun(c, c.req.param("id"));
    const isOver = isTerminal(run.status);
    return {
      title: `Run ${run.id}, ${run.importer}`,
      section: "runs",
      assets: [
        "styles/runs.css",
        "styles/run.css",
        "live.js",
        ...(isOver ? [] : ["watch.js" as const]),
      ],
      ...(!isOver && { refresh: 2 }),
      body: async () => <WholeRun data={await readRunData(c, run)} viewer={viewer} />,
    };
  });
}

function WholeRun({ data, viewer }: { data: RunData; viewer: Viewer }) {
  const { run, cells, pace, failedRows, groups, samples, events, later, waitingOn, skips, root } =
    data;
  return (
    <article
      class="run"
      data-events={run.is_terminal ? undefined : `${BASE_PATH}/${run.id}/events`}
      // Somebody may retry it, undo it or delete it.
      data-poll={run.is_terminal ? "10" : undefined}
    >
      <p class="crumbs">
        <a href="/">Runs</a>
      </p>
      <div class="head">
        <div data-live="head">
          <Head data={data} />
        </div>
        <div data-live="actions">
          <Actions run={run} viewer={viewer} />
        </div>
      </div>
      <div data-live="progress" class="progress">
        <Bar run={run} />
        <p class="moving" data-moving="">{movement(run)}</p>
        <Facts run={run} />
        <Notes run={run} waitingOn={waitingOn} skips={skips} root={root} />
      </div>
      <div class="columns">
        <div>
          <Section name="changes" title="What would change" shown={changesSomething(run.changes)}>
            {changesSomething(run.changes) && <Changes changes={run.changes} />}
          </Section>
          <Section
            name="groups"
            title={run.kind === "undo" ? "Why rows are kept" : "Why rows failed"}
            shown={groups.length > 0}
          >
            <Groups runId={run.id} word={placeWord(run)} groups={groups} samples={samples} />
            <p class="more">
              <a href={`/runs/${run.id}/rows`}>
                {run.progress.unresolved > 0
                  ? `See and repair ${rowsText(run.progress.unresolved)}`
                  : `See all ${rowsText(failedRows)}`}
              </a>
              {groups.length > SHOWN && <span>{formatCount(groups.length - SHOWN)} more kinds
              </span>}
            </p>
          </Section>
          <Section
            name="pace"
            title="Rows per second"
            shown={isWorthDrawing(pace) || !run.is_terminal}
          >
            <Pace steps={pace} />
          </Section>
          <Section name="strip" title="Batches" shown={cells.length > 0 || !run.is_terminal}>
            <Strip cells={cells} />
          </Section>
        </div>
        <div>
          <Section name="later" title="Retries and undo" shown={later.length > 0}>
            <ol class="runs">
              {later.map((one) => (
                <li>
                  <RunRow run={one} isLater />
                </li>
              ))}
            </ol>
          </Section>
          <Section name="timeline" title="What happened" shown={events.length > 0}>
            <Happened events={events} />
          </Section>
        </div>
      </div>
    </article>
  );
}

/** Its element is there even if it is empty, so that it can appear while somebody watches. */
function Section(
  { name, title, shown, children }: {
    name: string;
    title: string;
    shown: boolean;
    children: Child;
  },
) {
  return (
    <section data-live={name}>
      {shown && (
        <>
          <h2>{title}</h2>
          {children}
        </>
      )}
    </section>
  );
}

function Head({ data: { run, table } }: { data: RunData }) {
  return (
    <>
      <h1>
        <span class="id">#{run.id}</span> {titleOf(run)}
        {run.dry_run && <span class="tag">dry run</span>} <Status run={run} />
      </h1>
      <p class="about">
        <IntoTable from={run.original_filename} table={table} />
        {originOf(run)}
        {run.user_id !== null && (
          <>
            , by <bdi>{run.user_id}</bdi>
          </>
        )}, <Time at={run.started_at ?? run.created_at} ago />
      </p>
    </>
  );
}

function titleOf(run: RunReport): string {
  if (run.kind === "undo") {
    return `Undo of run ${run.undoes_run_id}${run.dry_run ? ": what it would do" : ""}`;
  }
  return run.retried_from_run_id === null ? run.importer : `${run.importer}, retry`;
}

function originOf(run: RunReport) {
  const from = run.undoes_run_id ?? run.retried_from_run_id;
  if (from === null) return null;
  return (
    <>
      , {run.kind === "undo"
        ? "takes back"
        : run.only === undefined || run.only.rows === run.only.of
        ? "of"
        : "of some rows of"} <a href={`/runs/${from}`}>run {from}</a>
    </>
  );
}

function movement({ progress, is_terminal, summary, queued_behind }: RunReport): string {
  const { total, processed, percent, rows_per_second: rate, eta_seconds: eta, deferred } = soFar(
    progress,
  );
  const rows = total === null
    ? `${rowsText(processed)} so far`
    : processed === total
    ? rowsText(total)
    : `${formatCount(processed)} of ${rowsText(total)}`;
  const took = typeof summary?.seconds === "number" ? summary.seconds : null;
  const facts = is_terminal ? [rows, took === null ? "" : `in ${formatDuration(took)}`] : [
    percent === null ? "" : `${percent.toFixed(1)} %`,
    rows,
    rate === null || rate === 0 ? "" : `${formatCount(rate)} rows/s`,
    eta === null ? "" : `${formatDuration(eta)} left`,
    deferred === 0 ? "" : `${formatCount(deferred)} wait for earlier rows with the same key`,
    queued_behind === null ? "" : `waits for run ${queued_behind}`,
  ];
  return facts.filter((fact) => fact !== "").join(" · ");
}
