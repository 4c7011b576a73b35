/** `/runs/12/rows`: the failed rows of a run, to look through and to repair. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { raw } from "hono/html";
import { isTerminal } from "../../../ledger/runs/statuses.ts";
import { formatCount } from "../../../report/numbers.ts";
import { asksNothing } from "../../../run/request/choose_errors.ts";
import { BASE_PATH } from "../../route.ts";
import type { RequestEnv } from "../../server_context.ts";
import { page } from "../page.tsx";
import { rowsText } from "../parts/numbers.tsx";
import type { Viewer } from "../view.ts";
import { findRun } from "../run/run_data.ts";
import { Chips, rowsPath, rowsQuery } from "./chips.tsx";
import { isRepairable } from "./repairable.ts";
import { RowActions } from "./row_actions.tsx";
import { NoRows, RowNotes } from "./row_states.tsx";
import { placeWord } from "../parts/place.ts";
import { rowsThatFit, RowTable } from "./row_table.tsx";
import { chooseRows, readRowsData, type RowsData } from "./rows_data.ts";
import { IntoTable } from "../parts/into_table.tsx";

/** Bytes for the columns' names and the rows: a page has less than 50,000. */
const ROOM = 36_000;
/** Of these, for the rows, however many columns there are. */
const ROOM_OF_ROWS = 6_000;

/** Each is named, so that they are all fetched at once. */
const SCRIPTS = [
  "grid/ask.js",
  "grid/faults.js",
  "grid/rows.js",
  "grid/parts.js",
  "grid/view.js",
  "grid/widths.js",
  "grid/cells.js",
  "grid/block.js",
  "grid/bubble.js",
  "grid/bar.js",
  "grid/edits.js",
  "grid/editor.js",
  "grid/draw.js",
  "grid/everywhere.js",
  "grid/advice.js",
  "grid/repair.js",
  "grid/forms.js",
  "grid/suggestions.js",
  "grid/grid.js",
] as const;

export function rowsPage(app: OpenAPIHono<RequestEnv>): void {
  page(app, "/runs/:id/rows", async (c, viewer) => {
    const run = await findRun(c, c.req.param("id"));
    const asked = await chooseRows(c, run);
    return {
      title: `Failed rows of run ${run.id}, ${run.importer}`,
      section: "runs",
      isLong: run.header.length > 30,
      assets: ["styles/rows.css", ...SCRIPTS],
      ...(!isTerminal(run.status) && { refresh: 3 }),
      body: async () => <FailedRows data={await readRowsData(c, run, asked)} viewer={viewer} />,
    };
  });
}

function FailedRows({ data, viewer }: { data: RowsData; viewer: Viewer }) {
  return (
    <article class="failed-rows">
      <Head data={data} viewer={viewer} />
      <RowNotes data={data} />
      {data.groups.length > 0 && <Chips data={data} />}
      {data.rows.length === 0 ? <NoRows data={data} /> : <Rows data={data} viewer={viewer} />}
    </article>
  );
}

function Head({ data, viewer }: { data: RowsData; viewer: Viewer }) {
  const { run, table } = data;
  return (
    <div class="head">
      <div>
        <p class="crumbs">
          <a href="/">Runs</a> / <a href={`/runs/${run.id}`}>#{run.id} {run.importer}</a>
        </p>
        <h1>{run.kind === "undo" ? "Rows that were kept" : "Failed rows"}</h1>
        <p class="about">
          <IntoTable from={run.original_filename} table={table} />
        </p>
      </div>
      <RowActions data={data} viewer={viewer} />
    </div>
  );
}

function Rows({ data, viewer }: { data: RowsData; viewer: Viewer }) {
  const { run, columns, total, after, more, asked, left } = data;
  const forScript = scriptData(data, viewer);
  const rows = rowsThatFit(data.rows, columns, Math.max(ROOM_OF_ROWS, ROOM - forScript.length));
  const isLast = !more && rows.length === data.rows.length;
  return (
    <div class="rows-place" id="rows">
      <script type="application/json" id="rows-data">{raw(forScript)}</script>
      <RowTable rows={rows} columns={columns} word={placeWord(run)} />
      <nav class="pages" aria-label="Pages">
        <span class="hint">
          {rowsText(total)}
          {(left || !asksNothing(asked)) && ` of ${formatCount(run.progress.failed)} that failed`}
        </span>
        {after > 0 && <a href={rowsPath(run.id, asked, 0, left)}>First page</a>}
        {!isLast && (
          <a
            rel="next"
            href={rowsPath(run.id, asked, rows[rows.length - 1].row_number, left)}
          >
            Next rows
          </a>
        )}
      </nav>
    </div>
  );
}

/** As JSON that can stand in a page. */
function scriptData(data: RowsData, viewer: Viewer): string {
  const { run, columns, total, asked, left, savesDefinitions } = data;
  const reasons = new Set(run.waivers?.map(({ reason }) => reason));
  return JSON.stringify({
    run: run.id,
    word: placeWord(run),
    api: `${BASE_PATH}/${run.id}`,
    query: left ? "left=1" : rowsQuery(asked),
    total,
    isOpen: !run.is_terminal,
    mayRepair: viewer.mayRun && isRepairable(run),
    maySave: viewer.mayAdminister && savesDefinitions,
    waived: reasons.size === 1 ? [...reasons][0] : null,
    // Most columns of a table have the name that they have in the file.
    columns: columns.map(({ name, fills }) =>
      fills.length === 1 && fills[0] === name ? name : [name, ...fills]
    ),
  }).replaceAll("<", "\\u003c");
}
