/** Logged rows as people and programs get to see them. */
import { chooseRows } from "../ledger/groups/chosen_errors.ts";
import type { ErrorChoice } from "../ledger/groups/error_choice.ts";
import { listRows, type RowFilter, type RowPage } from "../ledger/rows/list_rows.ts";
import type { LoggedRow, RowCorrection } from "../ledger/rows/rows.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { displayText } from "../source/display_text.ts";
import { errorsInFileWords } from "./file_words.ts";
import { type CellOf, cellsOf } from "./places.ts";
import type { RowReport } from "./row_schema.ts";
import { reportedName, SourceNames } from "./source_names.ts";

export interface RowReports {
  readonly rows: readonly RowReport[];
  /** There are more after these. */
  readonly more: boolean;
}

/** In file order. At most `limit`, and fewer if they are very long. `choice`: only with such errors. */
export async function rowReports(
  ledger: Ledger,
  run: Run,
  filter: RowFilter,
  choice: ErrorChoice | null = null,
): Promise<RowReports> {
  const header = run.header.map((name, field) => ({
    logged: displayText(name),
    reported: reportedName(name, field),
  }));
  const sizes = { read: 0, shown: 0 };
  for (const { logged, reported } of header) {
    sizes.read += logged.length;
    sizes.shown += reported.length;
  }
  const { rows, more } = choice === null
    ? await listRows(ledger, run.id, filter, sizes)
    : await listChosen(ledger, run.id, filter, choice, sizes);
  const names = new SourceNames(run);
  const cellOf = cellsOf(run.source.format, names);
  return { rows: rows.map((row) => toRowReport(row, header, names, cellOf)), more };
}

/** How many times as many rows are looked for if too many of those found are no longer logged. */
const FURTHER = 16;

async function listChosen(
  ledger: Ledger,
  runId: number,
  filter: RowFilter,
  choice: ErrorChoice,
  sizes: { readonly read: number; readonly shown: number },
): Promise<RowPage> {
  const { after, limit } = filter;
  for (let size = limit + 1;; size *= FURTHER) {
    const only = (await chooseRows(ledger, runId, choice, { after, limit: size })).list(size);
    const page = await listRows(ledger, runId, { ...filter, only }, sizes);
    if (page.more || page.rows.length === limit || only.length < size) return page;
  }
}

/** A column of the header, as the row log has it, and as reports have it. */
interface Named {
  readonly logged: string;
  readonly reported: string;
}

function toRowReport(
  row: LoggedRow,
  header: readonly Named[],
  names: SourceNames,
  cellOf: CellOf,
): RowReport {
  const { row_number, line, status, data, errors, cut, resolved_by_run_id: by, waived } = row;
  const { correction, file } = row;
  return {
    row_number,
    ...(file !== undefined && { file }),
    line,
    status,
    data: inOrder(data, header),
    ...(cut !== undefined && { cut: cut.map((name) => reportedAs(name, header)) }),
    errors: errors === null
      ? null
      : errorsInFileWords(errors, names, (column) => cellOf(column, line)),
    ...(by !== undefined && { resolved_by_run_id: by }),
    ...(waived && { waived }),
    ...(correction && { correction: toCorrection(correction, header) }),
  };
}

function toCorrection(
  { values, cut, drop_surplus, by, at }: RowCorrection,
  header: readonly Named[],
): NonNullable<RowReport["correction"]> {
  const shown = Object.entries(values).map(([name, value]) =>
    [name, cut?.includes(name) ? `${value}…` : value] as const
  );
  return {
    values: inOrder(Object.fromEntries(shown), header),
    ...(cut !== null && { cut: cut.map((name) => reportedAs(name, header)) }),
    ...{ drop_surplus, by, at: new Date(at).toISOString() },
  };
}

function reportedAs(logged: string, header: readonly Named[]): string {
  return header.find((name) => name.logged === logged)?.reported ?? logged;
}

/** jsonb doesn't keep the order of the file's columns. Those beyond the header come last. */
function inOrder(
  data: LoggedRow["data"],
  header: readonly Named[],
): Readonly<Record<string, string>> {
  const known = new Map(header.map(({ logged, reported }) => [logged, reported]));
  const rest = Object.keys(data).filter((name) => !known.has(name)).sort(byNumber);
  const logged = [...[...known.keys()].filter((name) => Object.hasOwn(data, name)), ...rest];
  const names = logged.map((name) => known.get(name) ?? name);
  const ordered = Object.fromEntries(names.map((name, i) => [name, data[logged[i]]]));
  // JavaScript lists names such as `2024` first, unless told otherwise.
  return names.some((name) => /^\d/u.test(name))
    ? new Proxy(ordered, { ownKeys: () => names })
    : ordered;
}

/** `column_9` before `column_10`. */
function byNumber(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1);
}
