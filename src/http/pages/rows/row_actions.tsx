/** What can be done about failed rows: try them again, take them elsewhere and back, leave them out. */
import type { Child } from "hono/jsx";
import { formatCount } from "../../../report/numbers.ts";
import { asksNothing } from "../../../run/request/choose_errors.ts";
import { BASE_PATH } from "../../route.ts";
import { rowsText } from "../parts/numbers.tsx";
import type { Viewer } from "../view.ts";
import { rowsQuery } from "./chips.tsx";
import { isRepairable } from "./repairable.ts";
import type { RowsData } from "./rows_data.ts";

export function RowActions({ data, viewer }: { data: RowsData; viewer: Viewer }) {
  const { run, asked, rows, corrected } = data;
  if (rows.length === 0) return null;
  const mayRepair = viewer.mayRun && isRepairable(run);
  const { unresolved, unlogged, waived } = run.progress;
  const query = rowsQuery(asked);
  const to = (what: string) => `/runs/${run.id}/rows/${what}`;
  const file = (form: string) =>
    `${BASE_PATH}/${run.id}/failed-rows/download?${form}${query === "" ? "" : `&${query}`}`;
  const hasOriginal = mayRepair || unresolved > 0;
  return (
    <div class="actions">
      {hasOriginal && (
        <>
          <a class="button" href={file("format=xlsx")} download="">Download as Excel</a>
          <a class="button" href={file("bom=1")} download="">Download as CSV</a>
        </>
      )}
      {mayRepair && (
        <Menu name="upload" title="Upload corrected file">
          <form method="post" action={to("upload")} enctype="multipart/form-data" data-upload="">
            <label for="file">The downloaded file, corrected</label>
            <input id="file" type="file" name="file" accept=".csv,.txt,.xlsx,text/csv" required />
            <label class="check">
              <input type="checkbox" name="accept_changes" value="true" />{" "}
              Take its cells as they are, even where a spreadsheet seems to have changed them
            </label>
            <p class="hint" role="status"></p>
            <button type="submit" class="primary">Retry its rows</button>
          </form>
        </Menu>
      )}
      {viewer.mayRun && run.kind === "import" && run.undo === null && !run.dry_run &&
        run.is_terminal && (mayRepair || waived > 0) && (
        <Menu name="waive" title="Leave out …">
          {mayRepair && (
            <form method="post" action={to(`waive${query === "" ? "" : `?${query}`}`)}>
              <p class="hint">
                Rows that nobody needs: no retry loads them, and they no longer count as failed.
              </p>
              <label for="rows-to-waive">Rows to leave out for good</label>
              <select id="rows-to-waive" name="rows">
                <option value="">
                  {asksNothing(asked)
                    ? `All ${rowsText(unresolved)} that still fail`
                    : "All that are shown with these errors"}
                </option>
              </select>
              <label for="reason">Why (required)</label>
              <input
                id="reason"
                name="reason"
                required
                maxlength={1000}
                placeholder="For whoever asks later"
                autocomplete="off"
              />
              <button type="submit" class="primary">Leave them out</button>
            </form>
          )}
          {waived > 0 && (
            <form method="post" action={to("waive")}>
              <input type="hidden" name="undo" value="true" />
              <p>{rowsText(waived)} {waived === 1 ? "is" : "are"} left out.</p>
              <button type="submit">Take {waived === 1 ? "it" : "them"} back in</button>
            </form>
          )}
        </Menu>
      )}
      {mayRepair && (
        <form method="post" action={to("retry")} data-retry="" data-all={unresolved - unlogged}>
          <input type="hidden" name="corrected" value={corrected > 0 ? "true" : ""} />
          <span class="hint" role="status"></span>
          <button type="submit" class="primary">
            {corrected > 0
              ? `Retry ${formatCount(corrected)} corrected ${corrected === 1 ? "row" : "rows"}`
              : `Retry all ${formatCount(unresolved - unlogged)}`}
          </button>
        </form>
      )}
    </div>
  );
}

function Menu({ name, title, children }: { name: string; title: string; children: Child }) {
  return (
    <details class="menu" name="menu" data-menu={name}>
      <summary class="button">{title}</summary>
      <div class="panel">{children}</div>
    </details>
  );
}
