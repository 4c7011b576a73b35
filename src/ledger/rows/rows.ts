/** `rows`: the log of single rows, written together with their batch. */
import { fileOfRow } from "../runs/run_files.ts";
import { binaryCopy } from "../../db/binary_copy.ts";
import { escapeLogged } from "./escape_logged.ts";
import type { RowError, RowStatus } from "../../row/outcome.ts";
import type { Ledger } from "../ledger.ts";

export interface LoggedRow {
  readonly row_number: number;
  /** The file that it is in, if the run reads several. */
  readonly file?: string;
  readonly line: number;
  readonly status: RowStatus;
  readonly data: Readonly<Record<string, string>>;
  /** The columns whose values are cut, because they are long; left out if none are. */
  readonly cut?: readonly string[];
  readonly errors: RowErrors | null;
  /** For a failed row: the retry that has fixed it; left out if none has. */
  readonly resolved_by_run_id?: number;
  /** Somebody has decided not to load the failed row; left out if nobody has. */
  readonly waived?: true;
  /** What somebody has corrected in the failed row; left out if nobody has, or it is fixed. */
  readonly correction?: RowCorrection;
}

/** Cells that wait for a retry. */
export interface RowCorrection {
  /** By column of the source; long ones are cut. */
  readonly values: Readonly<Record<string, string>>;
  readonly cut: readonly string[] | null;
  /** The fields beyond the header are left out. */
  readonly drop_surplus: boolean;
  readonly by: string | null;
  /** In ISO 8601. */
  readonly at: string;
}

/** As in the HTTP API. */
export interface RowErrors {
  /** The headline, by which rows group. */
  readonly message: string;
  /** Messages by target column. */
  readonly validation: Readonly<Record<string, readonly string[]>>;
  readonly details: readonly LoggedError[];
}

/** One error of a row, in the order of the row's values. */
export type LoggedError = Omit<RowError, "message">;

/**
 * Copies rows with the columns `LOGGED_ROW_COLUMNS`, in COPY's binary format, in the open
 * transaction.
 */
export async function copyRows(ledger: Ledger, runId: number, rows: Uint8Array): Promise<void> {
  // One lock on the run, instead of a foreign key's lock for each row. A transaction that deletes
  // the run waits, and then finds these rows. If it has already deleted the run, the batch is gone,
  // too, and `completeBatch` makes this transaction roll back.
  await ledger.query(`select from ${ledger.schema}.runs where id = $1 for key share`, [runId]);
  await ledger.session.copyIn(
    `copy ${ledger.schema}.logged_rows (${
      LOGGED_ROW_COLUMNS.join(", ")
    }) from stdin (format binary)`,
    binaryCopy(escapeLogged(rows, ledger.session.repertoire)),
  );
}

const LOGGED_ROW_COLUMNS = [
  "run_id",
  "row_number",
  "line",
  "status",
  "raw",
  "separator",
  "cells",
  "data",
  "errors",
];

/** The given rows that are logged as failed. */
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

/** What is wrong with the given rows, if they are logged. */
export function listErrorsOf(
  ledger: Ledger,
  runId: number,
  rowNumbers: readonly number[],
): Promise<{ readonly row_number: number; readonly line: number; readonly errors: RowErrors }[]> {
  return ledger.query(
    `select row_number, line, errors from ${ledger.schema}.rows
     where run_id = $1 and row_number = any($2::bigint[]) and errors is not null`,
    [runId, rowNumbers],
  );
}

/** The bytes of the run's first failed rows that could not be read; of each, at most `size`. */
export async function listUnreadableRows(
  ledger: Ledger,
  runId: number,
  rows: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  const found = await ledger.query<{ raw: Uint8Array }>(
    `select raw from ${ledger.schema}.rows
     where run_id = $1 and status = 'failed' and errors -> 'details' -> 0 ->> 'code' = 'malformed'
       and octet_length(raw) <= ${size}
     order by row_number limit $2`,
    [runId, rows],
  );
  return found.map(({ raw }) => raw);
}

/** A value that is not of its column's type. */
export interface RefusedValue {
  /** Of the table. */
  readonly column: string;
  readonly message: string;
  readonly value: string;
}

/** Those of the run's first failed rows. */
export function listRefusedValues(
  ledger: Ledger,
  runId: number,
  rows: number,
): Promise<RefusedValue[]> {
  return ledger.query<RefusedValue>(
    `select detail ->> 'column' as "column",
       coalesce(r.errors -> 'validation' ->> (detail ->> 'column'), '') as message,
       detail ->> 'value' as value
     from (select errors from ${ledger.schema}.rows where run_id = $1 and status = 'failed'
         order by row_number limit $2) r,
       jsonb_array_elements(r.errors -> 'details') detail
     where detail ->> 'code' = 'type' and detail ->> 'column' is not null
       and detail ->> 'value' is not null`,
    [runId, rows],
  );
}

/** The failed rows of `run` that are neither resolved nor waived in `root`, the root of its chain. */
export interface UnresolvedOf {
  readonly run: number;
  readonly root: number;
  /** Those that are waived, too. */
  readonly withWaived?: boolean;
}

/** A failed row that no retry has fixed. */
export type UnresolvedRow = Pick<LoggedRow, "row_number" | "line" | "file" | "data"> & {
  readonly errors: RowErrors;
};

/** A condition on `r`, a row of the run `$1`. The root records which rows are resolved. */
function unresolved(ledger: Ledger, { run, root, withWaived }: UnresolvedOf): string {
  const failed = "r.run_id = $1 and r.status = 'failed'";
  const left = (row: string) =>
    `${row}.resolved_by_run_id is null ${withWaived ? "" : `and ${row}.waiver_id is null`}`;
  if (run === root) return `${failed} and ${left("r")}`;
  return `${failed} and exists (select from ${ledger.schema}.rows o
    where o.run_id = ${root} and o.row_number = r.row_number and ${left("o")})`;
}

/**
 * The next of them in file order, after row `after`: as many as `page` allows, and at least one if
 * there is one. `only`: only these.
 */
export function pageUnresolved(
  ledger: Ledger,
  of: UnresolvedOf,
  after: number,
  page: { readonly rows: number; readonly bytes: number },
  only: readonly number[] | null = null,
): Promise<UnresolvedRow[]> {
  return ledger.query<UnresolvedRow>(
    // `data` is made as it is read, so not before it is known which rows are.
    `select r.row_number, r.line, file.name as file, r.data, r.errors from (
       select row_number,
         sum(octet_length(raw)) over (order by row_number) - octet_length(raw) as bytes_before
       from ${ledger.schema}.rows r
       where ${unresolved(ledger, of)} and r.row_number > $2
         and ($5::bigint[] is null or r.row_number = any($5))
       order by row_number limit $3
     ) as page
     join ${ledger.schema}.rows r on r.run_id = $1 and r.row_number = page.row_number
     left join lateral (${fileOfRow(ledger, "$6", "r.row_number")}) file on true
     where bytes_before < $4 order by r.row_number`,
    [of.run, after, page.rows, page.bytes, only, of.root],
  );
}

/** How many there are; `most` if there are as many or more. `only`: among these. */
export async function countUnresolvedUpTo(
  ledger: Ledger,
  of: UnresolvedOf,
  most: number,
  only: readonly number[] | null,
): Promise<number> {
  const [{ count }] = await ledger.query<{ count: number }>(
    `select count(*)::int as count from (
       select from ${ledger.schema}.rows r
       where ${unresolved(ledger, of)} and ($2::bigint[] is null or r.row_number = any($2))
       limit ${most}
     ) found`,
    [of.run, only],
  );
  return count;
}

/** A failed row with its own bytes, and its first error. */
export interface FailedRow {
  readonly row_number: number;
  readonly line: number;
  readonly raw: Uint8Array;
  readonly code: string;
  /** Of the table. */
  readonly column: string | null;
}

/** Like `pageUnresolved`, with the rows' bytes instead of what is shown of them. */
export function pageFailed(
  ledger: Ledger,
  of: UnresolvedOf,
  after: number,
  page: { readonly rows: number; readonly bytes: number },
): Promise<FailedRow[]> {
  return ledger.query<FailedRow>(
    `select row_number, line, raw, coalesce(error ->> 'code', 'database') as code,
       error ->> 'column' as "column"
     from (
       select r.row_number, r.line, r.raw, r.errors -> 'details' -> 0 as error,
         sum(octet_length(r.raw)) over (order by r.row_number rows unbounded preceding)
           - octet_length(r.raw) as bytes_before
       from ${ledger.schema}.rows r
       where ${unresolved(ledger, of)} and r.row_number > $2
       order by r.row_number limit $3
     ) as page where bytes_before < $4 order by row_number`,
    [of.run, after, page.rows, page.bytes],
  );
}

/**
 * The names of values beyond the run's header, in rows with too many fields. At most `limit`, in
 * the order of the fields.
 */
export async function listExtraColumns(
  ledger: Ledger,
  of: UnresolvedOf,
  header: readonly string[],
  limit: number,
): Promise<string[]> {
  const found = await ledger.query<{ name: string }>(
    `select name from ${ledger.schema}.rows r, jsonb_object_keys(r.data) as name
     where ${unresolved(ledger, of)} and name <> all($2::text[])
       and r.errors -> 'details' -> 0 ->> 'code' in ('malformed', 'encoding')
     group by name order by length(name), name limit $3`,
    [of.run, header, limit],
  );
  return found.map(({ name }) => name);
}
