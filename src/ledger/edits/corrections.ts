/**
 * `corrections`: the rows that a retry with an edited file tries. Everything happens in the
 * transaction that creates the retry: the file's rows go to a temporary table, are checked there,
 * and are kept if all of them are right.
 */
import type { ChangedColumn } from "./changed_cells.ts";
import { Buffer } from "node:buffer";
import type { Ledger } from "../ledger.ts";
import type { Retry } from "../runs/retries.ts";
import type { RowErrors } from "../rows/rows.ts";

/** Columns of the lines that `copyCorrections` takes; `line` is the edited file's. */
const CORRECTION_COLUMNS = ["line", "row_number", "raw"];

const RECEIVED = "pg_temp.ingest_corrections";

export async function prepareCorrections(ledger: Ledger): Promise<void> {
  await ledger.execute(
    `create temporary table ingest_corrections (line bigint, row_number bigint, raw bytea)
     on commit drop`,
  );
}

export function copyCorrections(ledger: Ledger, lines: Uint8Array): Promise<number> {
  return ledger.session.copyIn(
    `copy ${RECEIVED} (${CORRECTION_COLUMNS.join(", ")}) from stdin`,
    [lines],
  );
}

export interface WrongCorrection {
  readonly line: number;
  readonly row_number: number;
  readonly problem:
    /** Line `other` has the same row. */
    | "twice"
    /** It is not one of the run's failed rows. */
    | "unknown"
    /** The run `other` has fixed it. */
    | "resolved"
    /** Somebody has decided not to load it. */
    | "waived";
  readonly other: number | null;
}

/** The first row that can't be tried; null if all can. */
export async function findWrongCorrection(
  ledger: Ledger,
  { root, from }: Retry,
): Promise<WrongCorrection | null> {
  const { schema } = ledger;
  await ledger.execute(`analyze ${RECEIVED}`);
  const [wrong] = await ledger.query<WrongCorrection>(
    `select line, row_number, problem, other from (
       select line, row_number, 'twice' as problem,
         min(line) over (partition by row_number) as other
       from ${RECEIVED}
       union all
       select c.line, c.row_number,
         case when tried.row_number is null or root.row_number is null then 'unknown'
           when root.resolved_by_run_id is not null then 'resolved' else 'waived' end,
         root.resolved_by_run_id
       from ${RECEIVED} c
       left join ${schema}.rows tried
         on tried.run_id = $1 and tried.row_number = c.row_number and tried.status = 'failed'
       left join ${schema}.rows root on root.run_id = $2 and root.row_number = c.row_number
       where tried.row_number is null or root.row_number is null
         or root.resolved_by_run_id is not null or root.waiver_id is not null
     ) found
     where problem <> 'twice' or line <> other
     order by line limit 1`,
    [from, root],
  );
  return wrong ?? null;
}

/** A failed row, and the edited file's bytes for it. */
export interface ReceivedRow {
  readonly row_number: number;
  /** Of the edited file. */
  readonly line: number;
  /** As it was exported. */
  readonly data: Readonly<Record<string, string>>;
  readonly errors: RowErrors;
  /** The row's own bytes. */
  readonly raw: Uint8Array;
  readonly received: Uint8Array;
}

/** In file order, from row `after` on: as many as `page` allows, and at least one. */
export function listReceived(
  ledger: Ledger,
  { from }: Retry,
  after: number,
  page: { readonly rows: number; readonly bytes: number },
): Promise<ReceivedRow[]> {
  return ledger.query<ReceivedRow>(
    `select row_number, line, data, errors, raw, received from (
       select c.row_number, c.line, tried.data, tried.errors, tried.raw, c.raw as received,
         sum(octet_length(c.raw)) over (order by c.row_number) - octet_length(c.raw) as before
       from (
         select * from ${RECEIVED} where row_number > $2 order by row_number limit $3
       ) c
       join ${ledger.schema}.rows tried
         on tried.run_id = $1 and tried.row_number = c.row_number and tried.status = 'failed'
     ) as page where before < $4 order by row_number`,
    [from, after, page.rows, page.bytes],
  );
}

/** Makes the retry try these rows with their original bytes. */
export async function takeLoggedBytes(
  ledger: Ledger,
  { from }: Retry,
  rowNumbers: readonly number[],
): Promise<void> {
  if (rowNumbers.length === 0) return;
  await ledger.execute(
    `update ${RECEIVED} c set raw = tried.raw
     from ${ledger.schema}.rows tried
     where tried.run_id = $1 and tried.row_number = c.row_number
       and c.row_number = any($2::bigint[])`,
    [from, rowNumbers],
  );
}

/** Makes the retry try these rows with other bytes than those that the file gave. */
export async function replaceReceived(
  ledger: Ledger,
  rows: readonly { readonly row_number: number; readonly raw: Uint8Array }[],
): Promise<void> {
  if (rows.length === 0) return;
  await ledger.execute(
    `update ${RECEIVED} c set raw = decode(given.raw, 'hex')
     from unnest($1::bigint[], $2::text[]) given (row_number, raw)
     where c.row_number = given.row_number`,
    [
      rows.map(({ row_number }) => row_number),
      rows.map(({ raw }) => Buffer.from(raw).toString("hex")),
    ],
  );
}

/** Returns their number. */
export function keepCorrections(ledger: Ledger, retry: Retry): Promise<number> {
  return ledger.execute(
    `insert into ${ledger.schema}.corrections (run_id, row_number, raw)
     select $1, row_number, raw from ${RECEIVED}`,
    [retry.id],
  );
}

/** Records what a retry's edited file has changed. */
export async function recordChanges(
  ledger: Ledger,
  retry: Retry,
  changes: readonly ChangedColumn[],
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.runs
     set source = source || jsonb_build_object('changed_cells', $2::text::jsonb) where id = $1`,
    [retry.id, JSON.stringify(changes)],
  );
}
