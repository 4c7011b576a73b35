/** What there is to say about a run's failed rows, and why there are none to see. */
import type { Child } from "hono/jsx";
import { formatCount } from "../../../report/numbers.ts";
import { asksNothing } from "../../../run/request/choose_errors.ts";
import { rowsText, Time } from "../parts/numbers.tsx";
import { rowsPath } from "./chips.tsx";
import { isRepairable } from "./repairable.ts";
import type { RowsData } from "./rows_data.ts";

export function RowNotes({ data: { run, rows, suggestions } }: { data: RowsData }) {
  const { progress, undo, kind } = run;
  if (rows.length === 0) return null;
  const { unlogged, failed, unresolved, waived } = progress;
  return (
    <>
      {unlogged > 0 && (
        <Note tone="partly">
          {formatCount(failed - unlogged)} of {rowsText(failed)}{" "}
          that failed are kept here. Of the others only the number is known: repair them in the file
          itself, and import it again.
        </Note>
      )}
      {kind === "import" && undo !== null && (
        <Note>
          <a href={`/runs/${undo.run_id}`}>Run {undo.run_id}</a>{" "}
          takes this run back, so its rows can’t be repaired any more. Import the file again
          instead.
        </Note>
      )}
      {run.dry_run && (
        <Note>
          A dry run: the rows can be looked at. To repair them here, import the file for real.
        </Note>
      )}
      {kind === "import" && !run.dry_run && undo === null && unresolved === 0 && (
        <Note tone="good">
          {waived === 0
            ? "All of them are fixed: retries have loaded them."
            : waived === failed
            ? "All of them are left out for good: somebody has decided not to load them."
            : "All of them are fixed or left out."}
        </Note>
      )}
      <div data-suggestions={isRepairable(run) ? "" : undefined}>
        {suggestions.map(({ column, definition, fits, of }) => (
          <Note>
            {formatCount(fits)} of {formatCount(of)} {column === null ? "rows could be read" : (
              <>
                wrong values of <bdi>{column}</bdi> would be right
              </>
            )} if the importer’s definition said <code>{definition}</code>. Then retry all rows.
          </Note>
        ))}
      </div>
      {!run.is_terminal && (
        <Note>The run is still {run.status}. More rows appear here as they fail.</Note>
      )}
    </>
  );
}

function Note({ tone, children }: { tone?: "good" | "partly"; children: Child }) {
  return (
    <p class={`note ${tone === undefined ? "" : tone === "good" ? "done" : tone}`}>{children}</p>
  );
}

export function NoRows({ data }: { data: RowsData }) {
  const { title, why } = reasonOf(data);
  return (
    <section class="empty" data-awaited={data.run.is_terminal ? undefined : ""}>
      <h2>{title}</h2>
      <p>{why}</p>
      <p>
        <a class="button" href={`/runs/${data.run.id}`}>Back to run {data.run.id}</a>
      </p>
    </section>
  );
}

function reasonOf({ run, logsRows, asked, after, total }: RowsData): { title: string; why: Child } {
  const { progress, rows_removed_at: removed } = run;
  if (removed !== null) {
    return {
      title: "The failed rows are no longer kept",
      why: (
        <>
          They were removed,{" "}
          <Time at={removed} />, as the importer’s definition says. To see them, import the file
          again.
        </>
      ),
    };
  }
  if (!logsRows && progress.failed > 0) {
    return {
      title: `${rowsText(progress.failed)} failed`,
      why: "This importer keeps no rows (options.log_rows: none), only why they failed.",
    };
  }
  if (progress.failed === 0) {
    return run.is_terminal
      ? { title: "No row has failed", why: "There is nothing to repair." }
      : { title: "No row has failed so far", why: "Rows appear here as soon as they fail." };
  }
  if (after > 0 && total > 0) {
    return {
      title: "There are no rows after these",
      why: <a href={rowsPath(run.id, asked)}>First page</a>,
    };
  }
  return asksNothing(asked)
    ? {
      title: `${rowsText(progress.failed)} failed`,
      why: "None of them is kept, only why they failed.",
    }
    : {
      title: "No row has failed with these errors",
      why: <a href={rowsPath(run.id, { groups: [], codes: [], columns: [] })}>All failed rows</a>,
    };
}
