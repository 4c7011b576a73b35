/** `rows`: the log of single rows, written with their batch. */
import type { Ledger } from "./ledger.ts";

export interface LoggedRow {
  readonly row_number: number;
  readonly line: number;
  readonly status: "created" | "updated" | "skipped" | "failed";
  readonly data: Readonly<Record<string, string>>;
  readonly errors: RowErrors | null;
}

/** As in the HTTP API. */
export interface RowErrors {
  /** The headline, by which rows group. */
  readonly message: string;
  /** Messages by target column. */
  readonly validation: Readonly<Record<string, readonly string[]>>;
  readonly details: readonly Readonly<Record<string, unknown>>[];
}

/** COPY takes the lines that `LOGGED_ROW_COLUMNS` describes, in the open transaction. */
export function copyRows(ledger: Ledger, lines: Uint8Array): Promise<number> {
  return ledger.session.copyIn(
    `copy ${ledger.schema}.rows (${LOGGED_ROW_COLUMNS.join(", ")}) from stdin`,
    [lines],
  );
}

export const LOGGED_ROW_COLUMNS = [
  "run_id",
  "row_number",
  "line",
  "status",
  "raw",
  "data",
  "errors",
];

export interface RowFilter {
  readonly status: string | null;
  /** Only rows after this number. */
  readonly after: number;
  readonly limit: number;
}

/** In file order. */
export function listRows(ledger: Ledger, runId: number, filter: RowFilter): Promise<LoggedRow[]> {
  return ledger.query<LoggedRow>(
    `select row_number, line, status, data, errors from ${ledger.schema}.rows
     where run_id = $1 and row_number > $2 and ($3::text is null or status = $3)
     order by row_number limit $4`,
    [runId, filter.after, filter.status, filter.limit],
  );
}

/** Those of the given rows that are logged as failed. */
export async function listFailedAmong(
  ledger: Ledger,
  runId: number,
  rowNumbers: readonly number[],
): Promise<number[]> {
  const rows = await ledger.query<{ row_number: number }>(
    `select row_number from ${ledger.schema}.rows
     where run_id = $1 and row_number = any($2::bigint[]) and status = 'failed'`,
    [runId, rowNumbers],
  );
  return rows.map((row) => row.row_number);
}
