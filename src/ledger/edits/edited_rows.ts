/**
 * `corrections` of a chain's root: the cells that people have changed in a view of failed rows. They
 * stay until their row is loaded. A retry takes a copy, row by row, as bytes.
 */
import { Buffer } from "node:buffer";
import type { Ledger } from "../ledger.ts";
import type { Retry } from "../runs/retries.ts";
import { isAmongChosen } from "../rows/rows_to_retry.ts";

/** A failed row, and what was changed in it. */
export interface EditedRow {
  readonly row_number: number;
  /** Of the root's file. */
  readonly line: number;
  /** The row's own bytes, and its values for people. */
  readonly raw: Uint8Array;
  readonly data: Readonly<Record<string, string>>;
  /** New values, by column of the source. Empty if all have their old values again. */
  readonly cells: Readonly<Record<string, string>>;
  readonly drops_surplus: boolean;
}

/**
 * SQL: edits of rows that a retry of `from` would try. Each edit's row is looked up: OFFSET makes sure of
 * that. Without statistics, Postgres read the whole log for it, a second for 300,000 failed rows, even
 * if nothing was edited.
 */
function editsOf({ schema }: Ledger, root: number, from: number): string {
  const failed = (run: number) =>
    `lateral (
      select * from ${schema}.rows r
      where r.run_id = ${run} and r.row_number = edit.row_number and r.status = 'failed' offset 0
    )`;
  return `${schema}.corrections edit
    cross join ${failed(root)} root
    ${from === root ? "" : `cross join ${failed(from)} tried`}
    where edit.run_id = ${root} and edit.cells is not null and root.resolved_by_run_id is null
      and root.waiver_id is null`;
}

/** In file order, after row `after`. A retry takes all of them, also those that were changed back. */
export function listEdited(
  ledger: Ledger,
  retry: Retry,
  after: number,
  limit: number,
): Promise<EditedRow[]> {
  return ledger.query<EditedRow>(
    `select root.row_number, root.line, root.raw, root.data, edit.cells, edit.drops_surplus
     from ${editsOf(ledger, retry.root, retry.from)} and edit.row_number > $1
       and ${isAmongChosen(ledger, retry, "root.row_number")}
     order by edit.row_number limit $2`,
    [after, limit],
  );
}

/** Stores what a retry tries instead of its rows' own bytes. */
export async function keepEdited(
  ledger: Ledger,
  retry: Retry,
  rows: readonly { readonly row_number: number; readonly raw: Uint8Array }[],
): Promise<void> {
  if (rows.length === 0) return;
  await ledger.execute(
    `insert into ${ledger.schema}.corrections (run_id, row_number, raw)
     select $1, row_number, decode(raw, 'hex')
     from unnest($2::bigint[], $3::text[]) given (row_number, raw)`,
    [
      retry.id,
      rows.map(({ row_number }) => row_number),
      rows.map(({ raw }) => Buffer.from(raw).toString("hex")),
    ],
  );
}

/** The retry takes rows of `corrections`, of which so many are changed. */
export async function recordEdited(ledger: Ledger, retry: Retry, rows: number): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.runs
     set source = source || jsonb_build_object('edited_rows', $2::bigint) where id = $1`,
    [retry.id, rows],
  );
}

/** How many rows of a retry's edited file were edited in a view as well. */
export async function countAlsoEdited(ledger: Ledger, { id, root }: Retry): Promise<number> {
  const [{ rows }] = await ledger.query<{ rows: number }>(
    `select count(*) as rows from ${ledger.schema}.corrections own
     join ${ledger.schema}.corrections edit
       on edit.run_id = $2 and edit.row_number = own.row_number and edit.cells <> '{}'
     where own.run_id = $1`,
    [id, root],
  );
  return rows;
}

/** How many of the rows that a retry has left were edited after it began. */
export async function countEditedSince(ledger: Ledger, retry: Retry): Promise<number> {
  const { id, root, from, corrected } = retry;
  const own = corrected
    ? `and exists (select from ${ledger.schema}.corrections own
        where own.run_id = ${id} and own.row_number = root.row_number)`
    : "";
  const [{ rows }] = await ledger.query<{ rows: number }>(
    `select count(*) as rows
     from ${editsOf(ledger, root, from)} and edit.after_run_id >= $1 ${own}
       and ${isAmongChosen(ledger, retry, "root.row_number")}`,
    [id],
  );
  return rows;
}
