/** What went wrong in a run, grouped. Quick for any run, because its batches keep sums. */
import { type ErrorGroupSum, sumErrorGroups } from "../ledger/batch_errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { listErrorsOf, type RowErrors } from "../ledger/rows.ts";
import type { ErrorSummary } from "./error_schema.ts";

/** Limit for each kind. A file of bad values can have more groups than anybody reads. */
const MAX_GROUPS = 1_000;

export type SummedGroup = Omit<ErrorGroupSum, "kind_count">;

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
  runId: number,
  maxGroups = MAX_GROUPS,
): Promise<SummedErrors> {
  const groups = await sumErrorGroups(ledger, runId, maxGroups);
  const rows = groups.filter((group) => group.kind === "row");
  return {
    totalFailedRows: rows[0]?.kind_count ?? 0,
    rows: withOthers(rows),
    validation: withOthers(groups.filter((group) => group.kind === "validation")),
  };
}

/** Doesn't throw for a run that doesn't exist: it has no errors. */
export async function errorSummary(ledger: Ledger, runId: number): Promise<ErrorSummary> {
  return toErrorSummary(await sumErrors(ledger, runId));
}

export function toErrorSummary({ totalFailedRows, rows, validation }: SummedErrors): ErrorSummary {
  return {
    total_failed_rows: totalFailedRows,
    error_summary: rows.map(({ message, count, code, sample_rows }) => ({
      message,
      count,
      code,
      sample_rows,
    })),
    validation_summary: validation.map((group) => ({
      message: validationMessage(group),
      count: group.count,
    })),
  };
}

/** `email: The email field is required.` */
export function validationMessage({ column, message }: SummedGroup): string {
  return column === null ? message : `${column}: ${message}`;
}

/** Adds the groups beyond the limit to the group "other", which batches also have. */
function withOthers(groups: readonly ErrorGroupSum[]): SummedGroup[] {
  if (groups.length === 0) return [];
  const [{ kind, kind_count }] = groups;
  const missing = kind_count - groups.reduce((sum, { count }) => sum + count, 0);
  if (missing === 0) return [...groups];
  const others = groups.find(({ code }) => code === "other") ??
    { kind, message: "Other errors.", code: "other", column: null, count: 0, sample_rows: [] };
  const all = { ...others, count: others.count + missing };
  return [...groups.filter((group) => group !== others), all]
    .sort((one, other) => other.count - one.count);
}

/**
 * A value with which the group's first row failed, for each group that has one and whose first row
 * is logged.
 */
export async function sampleValues(
  ledger: Ledger,
  runId: number,
  groups: readonly SummedGroup[],
): Promise<ReadonlyMap<SummedGroup, string>> {
  const firstRows = groups.flatMap(({ sample_rows }) => sample_rows.slice(0, 1));
  const logged = await listErrorsOf(ledger, runId, [...new Set(firstRows)]);
  const byRow = new Map(logged.map(({ row_number, errors }) => [row_number, errors]));
  const values = new Map<SummedGroup, string>();
  for (const group of groups) {
    const errors = byRow.get(group.sample_rows[0]);
    const value = errors && valueOf(group, errors);
    if (typeof value === "string" && value !== "") values.set(group, value);
  }
  return values;
}

function valueOf({ code, column }: SummedGroup, { details }: RowErrors): unknown {
  return details.find((detail) => detail.code === code && detail.column === column)?.value;
}
