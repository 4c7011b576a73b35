/** What went wrong in a run, grouped. Quick for any run, because its batches keep sums. */
import { type ErrorGroupSum, sumErrorGroups } from "../ledger/batches/batch_errors.ts";
import type { ErrorChoice } from "../ledger/groups/error_choice.ts";
import { sumWithin } from "../ledger/groups/groups_within.ts";
import { groupId, messageForm } from "../ledger/groups/group_id.ts";
import { listEarlier } from "../ledger/groups/group_history.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { listErrorsOf, type RowErrors } from "../ledger/rows/rows.ts";
import type { Run } from "../ledger/runs/runs.ts";
import type { ErrorSummary } from "./error_schema.ts";
import { inFileWords } from "./file_words.ts";
import { type GroupHistory, historyOf } from "./group_history.ts";
import { cellsOf, sheetOf } from "./places.ts";
import { SourceNames } from "./source_names.ts";

/** Limit for each kind. A file of bad values can have more groups than anybody reads. */
const MAX_GROUPS = 1_000;

export type SummedGroup = Omit<ErrorGroupSum, "kind_count" | "varies"> & {
  /** Null: there are no earlier runs, or the run is a retry. */
  readonly history?: GroupHistory | null;
};

/** The groups of a run, the most frequent first. */
export interface SummedErrors {
  readonly totalFailedRows: number;
  /** By headline: each failed row is in one of them. */
  readonly rows: readonly SummedGroup[];
  /** By column and message. */
  readonly validation: readonly SummedGroup[];
}

export async function sumErrors(
  ledger: Ledger,
  run: Run,
  choice: ErrorChoice | null = null,
  maxGroups = MAX_GROUPS,
): Promise<SummedErrors> {
  const names = new SourceNames(run);
  const summed = choice?.ranges === undefined
    ? await sumErrorGroups(ledger, run.id, maxGroups, choice)
    : await sumWithin(ledger, run.id, maxGroups, { ...choice, ranges: choice.ranges });
  // A retry has the errors of its original.
  const earlier = summed.length === 0 || run.parent_id !== null
    ? []
    : await listEarlier(ledger, run);
  const groups = summed.map(({ varies, ...group }) => {
    // What is said of all errors of a group has to hold for each.
    const message = varies ? messageForm(group, "…") : group.message;
    return {
      ...group,
      message: inFileWords(message, group.code, group.column, names),
      history: historyOf(group.id, earlier),
    };
  });
  const rows = groups.filter((group) => group.kind === "row");
  return {
    totalFailedRows: rows[0]?.kind_count ?? 0,
    rows: withOthers(rows),
    validation: withOthers(groups.filter((group) => group.kind === "validation")),
  };
}

export async function errorSummary(
  ledger: Ledger,
  run: Run,
  choice: ErrorChoice | null = null,
): Promise<ErrorSummary> {
  return toErrorSummary(await sumErrors(ledger, run, choice));
}

export function toErrorSummary({ totalFailedRows, rows, validation }: SummedErrors): ErrorSummary {
  return {
    total_failed_rows: totalFailedRows,
    error_summary: rows.map(toReport),
    validation_summary: validation.map((group) => ({
      ...toReport(group),
      message: validationMessage(group),
    })),
  };
}

function toReport({ id, message, count, code, column, sample_rows, history }: SummedGroup) {
  return { group: id, message, count, code, column, sample_rows, ...(history && { history }) };
}

/** `email: The email field is required.` */
export function validationMessage({ column, message }: SummedGroup): string {
  return column === null ? message : `${column}: ${message}`;
}

/** Adds the groups beyond the limit to the group "other", which batches also have. */
function withOthers(groups: readonly Omit<ErrorGroupSum, "varies">[]): SummedGroup[] {
  if (groups.length === 0) return [];
  const [{ kind, kind_count }] = groups;
  const missing = kind_count - groups.reduce((sum, { count }) => sum + count, 0);
  if (missing === 0) return [...groups];
  const about = { kind, message: "Other errors.", code: "other", column: null } as const;
  const others = groups.find(({ code }) => code === "other") ??
    { ...about, id: groupId(about), count: 0, sample_rows: [] };
  const all = { ...others, count: others.count + missing };
  return [...groups.filter((group) => group !== others), all]
    .sort((one, other) => other.count - one.count);
}

/** Rows that a sample names. */
export const SAMPLE_ROWS = 4;

export interface Sample {
  /** The value that the row failed with. */
  readonly value: string | null;
  /** What the CHECK wants that refused the row. */
  readonly check: string | null;
  /** What may help with that value. */
  readonly hint?: string | null;
  /** Of the file: where its first rows are that are logged. */
  readonly lines: readonly number[];
  /** In a workbook: the cells in these rows, or the rows if no cell is meant. */
  readonly cells?: readonly string[];
}

/** Of the first row of each group that has something to show, and whose first row is logged. */
export async function samplesOf(
  ledger: Ledger,
  run: Run,
  groups: readonly SummedGroup[],
): Promise<ReadonlyMap<SummedGroup, Sample>> {
  const numbers = groups.flatMap(({ sample_rows }) => sample_rows.slice(0, SAMPLE_ROWS));
  const logged = await listErrorsOf(ledger, run.id, [...new Set(numbers)]);
  const byRow = new Map(logged.map((row) => [row.row_number, row]));
  const samples = new Map<SummedGroup, Sample>();
  const cells = cellsOfGroups(run);
  for (const group of groups) {
    const rows = group.sample_rows.slice(0, SAMPLE_ROWS).flatMap((row) => byRow.get(row) ?? []);
    const first = byRow.get(group.sample_rows[0]);
    if (first === undefined) continue;
    const lines = rows.map(({ line }) => line);
    samples.set(group, { ...sampleOf(group, first.errors), lines, ...cells(group, lines) });
  }
  return samples;
}

function cellsOfGroups(run: Run) {
  const { format } = run.source;
  if (sheetOf(format) === null) return () => ({});
  const cellOf = cellsOf(format, new SourceNames(run));
  return ({ column }: SummedGroup, lines: readonly number[]) => ({
    cells: lines.map((line) =>
      (column === null ? null : cellOf(column, line)) ?? `sheet row ${line}`
    ),
  });
}

function sampleOf({ code, column }: SummedGroup, { details }: RowErrors) {
  const detail = details.find((detail) => detail.code === code && detail.column === column);
  const text = (value: unknown) => typeof value === "string" && value !== "" ? value : null;
  return { value: text(detail?.value), check: text(detail?.check), hint: text(detail?.hint) };
}
