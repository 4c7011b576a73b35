/** What `view` says about the view that it has made. */
import { identifier } from "../../db/quoting.ts";
import type { MadeView } from "../../run/request/failed_view.ts";
import { formatRows } from "../../report/numbers.ts";
import type { Style } from "./style.ts";
import { printable } from "./terminal_text.ts";

/** Of `--json`. */
export function viewReport({ view, run, columns, missing, shown, elsewhere }: MadeView) {
  return {
    view,
    run_id: run.id,
    columns: columns.map(({ name, source }) => ({ name, source })),
    columns_left_out: missing,
    runs: shown.map(({ id, unresolved }) => ({ id, unresolved })),
    runs_with_other_columns: elsewhere.map(({ id, unresolved }) => ({ id, unresolved })),
  };
}

/** `asked`: the run that was named. */
export function renderView(made: MadeView, asked: number, { bold }: Style): string[] {
  const { view, run: { id }, columns } = made;
  const own = made.shown.find((run) => run.id === id)?.unresolved ?? 0;
  const others = made.shown.filter((run) => run.id !== id).map((run) => run.id);
  const [{ name }] = columns;
  return [
    `${bold(view)} has ${formatRows(own)} of run ${id}` +
    (others.length === 0 ? "." : `, and those of ${runs(others)}.`),
    ...(asked === id ? [] : [`Run ${asked} retries run ${id}: its rows have run_id ${id}.`]),
    ...notes(made),
    "",
    `See them:     select * from ${view} where run_id = ${id};`,
    `Correct one:  update ${view} set ${printable(identifier(name))} = '…' ` +
    `where run_id = ${id} and row_number = …;`,
    `Load them:    ${bold(`ingest retry ${asked}`)}`,
  ];
}

function notes({ columns, missing, elsewhere }: MadeView): string[] {
  const renamed = columns.filter(({ name, source }) => name !== source);
  const shown = renamed.slice(0, 5).map(({ name, source }) =>
    `${quoted(source)} is ${quoted(name)}`
  );
  const more = renamed.length - shown.length;
  return [
    ...(renamed.length === 0
      ? []
      : [`In the view, ${shown.join(", ")}${more > 0 ? ` and ${more} more are renamed` : ""}.`]),
    ...(missing === 0 ? [] : [
      `A view can't have more columns: the last ${missing} of the file are left out, and keep ` +
      "their values.",
    ]),
    ...(elsewhere.length === 0 ? [] : [
      `Files with other columns have failed rows, too: ${runs(elsewhere.map(({ id }) => id))}. ` +
      `\`ingest view ${elsewhere[0].id}\` makes the view of those instead.`,
    ]),
  ];
}

function quoted(name: string): string {
  return printable(JSON.stringify(name));
}

/** Enough to see which ones. */
const MAX_RUNS = 5;

function runs(ids: readonly number[]): string {
  const more = ids.length - MAX_RUNS;
  const shown = ids.slice(0, MAX_RUNS).join(", ");
  return `${ids.length === 1 ? "run" : "runs"} ${shown}${more > 0 ? ` and ${more} more` : ""}`;
}
