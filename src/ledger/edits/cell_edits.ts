/**
 * `corrections` of a chain's root, cell by cell, as requests make them. The views of failed rows write
 * the same (`correct_failed_row`), and a retry takes both (edited_rows.ts).
 */
import { isLockTimeout } from "../../db/table_locked.ts";
import { editsOf, loggedRow, SHOWN } from "./found_edits.ts";
import type { Ledger } from "../ledger.ts";
import { ChainBusy, type ChainMember, findActiveInChain } from "../runs/retries.ts";

/** Milliseconds that a request waits for a retry that is just being created. */
const PATIENCE = 5_000;

/**
 * Keeps retries from being created, resumed or deleted until the end of the open transaction. Many may
 * hold it at a time. Returns the run of the chain that is active: then nothing may be changed. Null also
 * if the root is gone. Throws ChainBusy.
 */
export async function holdEdits(ledger: Ledger, root: number): Promise<ChainMember | null> {
  try {
    await ledger.query(
      `set local lock_timeout = ${PATIENCE};
       select from ${ledger.schema}.runs where id = ${BigInt(root)} for share;
       set local lock_timeout to default`,
    );
  } catch (error) {
    throw isLockTimeout(error) ? new ChainBusy(root, { cause: error }) : error;
  }
  return await findActiveInChain(ledger, root);
}

/** A new value for a cell. `column`: of the source. */
export interface AskedCell {
  readonly row_number: number;
  readonly column: string;
  readonly value: string;
  /** What the cell has to hold now; null: not said. */
  readonly expected: string | null;
}

/** What a cell holds before it is changed, in the order in which they were asked for. */
export interface FoundCell {
  /** Is the row logged as failed? What follows means nothing otherwise. */
  readonly failed: boolean;
  readonly resolved_by: number | null;
  readonly waived: boolean;
  /** Has somebody corrected it before? */
  readonly corrected: boolean;
  /** It holds the new value already, or the value that was expected. */
  readonly same: boolean;
  readonly as_expected: boolean;
  /** The new value is the file's own. */
  readonly restores: boolean;
  /** The value now, cut if it is long. */
  readonly current: string;
}

/**
 * Of several who change the same row at once, one does it after the other: nobody else changes these
 * rows' corrections until the transaction ends. (They may be somebody's who works on a view.) What is
 * found before may be out of date. Returns the rows that had none: see `forgetUnused`.
 */
export async function holdRows(
  ledger: Ledger,
  root: number,
  rows: readonly number[],
): Promise<readonly number[]> {
  const held = await ledger.query<{ row_number: number; is_new: boolean }>(
    `insert into ${ledger.schema}.corrections as c (run_id, row_number, cells, after_run_id)
     select $1, row_number, '{}', ${lastRun(ledger)}
     from (select distinct unnest($2::bigint[]) as row_number order by row_number) asked
     on conflict (run_id, row_number) do update set run_id = c.run_id
     returning row_number, xmax = 0 as is_new`,
    [root, rows],
  );
  return held.filter(({ is_new }) => is_new).map(({ row_number }) => row_number);
}

/** Of the rows that were only held, nothing stays. */
export async function forgetUnused(
  ledger: Ledger,
  root: number,
  rows: readonly number[],
): Promise<void> {
  await ledger.execute(
    `delete from ${ledger.schema}.corrections
     where run_id = $1 and row_number = any($2::bigint[]) and cells = '{}' and not drops_surplus`,
    [root, rows],
  );
}

export function findCells(
  ledger: Ledger,
  root: number,
  asked: readonly AskedCell[],
): Promise<FoundCell[]> {
  return ledger.query<FoundCell>(
    `select r.row_number is not null as failed, r.resolved_by_run_id as resolved_by,
       r.waiver_id is not null as waived, coalesce(c.cells ? w."column", false) as corrected,
       now.value = w.value as same, w.expected is not null and now.value = w.expected as as_expected,
       now.original = w.value as restores, left(now.value, ${SHOWN}) as current
     from unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) with ordinality
       as w (row_number, "column", value, expected, place)
     left join ${loggedRow(ledger, "$1", "w.row_number")} r on true
     left join ${editsOf(ledger, "w.row_number")} c on true
     cross join lateral (
       select coalesce(c.cells ->> w."column", r.data ->> w."column", '') as value,
         coalesce(r.data ->> w."column", '') as original offset 0
     ) now
     order by w.place`,
    [
      root,
      asked.map(({ row_number }) => row_number),
      asked.map(({ column }) => column),
      asked.map(({ value }) => value),
      asked.map(({ expected }) => expected),
    ],
  );
}

/** What changes in a row. */
export interface RowEdit {
  readonly row_number: number;
  readonly cells: Readonly<Record<string, string>>;
  /** Columns that have the file's own values again. */
  readonly restored: readonly string[];
  readonly dropsSurplus: boolean;
}

export async function saveEdits(
  ledger: Ledger,
  root: number,
  edits: readonly RowEdit[],
  by: string | null,
): Promise<void> {
  const { schema } = ledger;
  const rows = edits.map(({ row_number }) => row_number);
  const changed = edits.map(({ cells }) => JSON.stringify(cells));
  const drops = edits.map(({ dropsSurplus }) => dropsSurplus);
  // Cell by cell: somebody else may have corrected another one of the row.
  await ledger.execute(
    `insert into ${schema}.corrections as c
       (run_id, row_number, cells, drops_surplus, made_by, made_at, after_run_id)
     select $1, e.row_number, e.cells::jsonb, e.drops, $5, clock_timestamp(), ${lastRun(ledger)}
     from unnest($2::bigint[], $3::text[], $4::boolean[]) e (row_number, cells, drops)
     where e.cells <> '{}' or e.drops or exists (select from ${schema}.corrections known
       where known.run_id = $1 and known.row_number = e.row_number)
     on conflict (run_id, row_number) do update set cells = c.cells || excluded.cells,
       drops_surplus = c.drops_surplus or excluded.drops_surplus,
       made_by = excluded.made_by, made_at = excluded.made_at, after_run_id = excluded.after_run_id`,
    [root, rows, changed, drops, by],
  );
  const restoring = edits.filter(({ restored }) => restored.length > 0);
  if (restoring.length === 0) return;
  await ledger.execute(
    `update ${schema}.corrections c
     set cells = c.cells - array(select jsonb_array_elements_text(e.columns::jsonb))
     from unnest($2::bigint[], $3::text[]) e (row_number, columns)
     where c.run_id = $1 and c.row_number = e.row_number`,
    [
      root,
      restoring.map(({ row_number }) => row_number),
      restoring.map(({ restored }) => JSON.stringify(restored)),
    ],
  );
  await forgetEmpty(ledger, root, restoring.map(({ row_number }) => row_number));
}

/** SQL: the last run of the chain `$1`: it and those before it don't know of the change. */
export function lastRun({ schema }: Ledger): string {
  return `(select max(id) from ${schema}.runs where id = $1 or parent_id = $1)`;
}

/**
 * Rows without a changed cell are kept only where a retry may have tried other bytes of theirs: the
 * next one takes the file's then. `rows`: null: all.
 */
export async function forgetEmpty(
  ledger: Ledger,
  root: number,
  rows: readonly number[] | null,
): Promise<void> {
  const { schema } = ledger;
  await ledger.execute(
    `delete from ${schema}.corrections where run_id = $1 and cells = '{}' and not drops_surplus
       and ($2::bigint[] is null or row_number = any($2))
       and not exists (select from ${schema}.runs where parent_id = $1)`,
    [root, rows],
  );
}

export interface RemovedEdits {
  readonly rows: number;
  readonly cells: number;
}

/** Takes corrections back. `rows`, `column`: null: all of them. */
export async function removeEdits(
  ledger: Ledger,
  root: number,
  { rows, column }: { readonly rows: readonly number[] | null; readonly column: string | null },
): Promise<RemovedEdits> {
  const [removed] = await ledger.query<RemovedEdits>(
    `with old as materialized (
       select c.row_number, case when $3::text is null then c.cells else
         case when c.cells ? $3 then jsonb_build_object($3, c.cells -> $3) else '{}' end end as gone,
         $3 is null and c.drops_surplus as undrops
       from ${ledger.schema}.corrections c
       where c.run_id = $1 and c.cells is not null and ($2::bigint[] is null or c.row_number = any($2))
         and (case when $3 is null then c.cells <> '{}' or c.drops_surplus else c.cells ? $3 end)
     ), changed as (
       update ${ledger.schema}.corrections c
       set cells = c.cells - array(select jsonb_object_keys(old.gone)),
         drops_surplus = c.drops_surplus and not old.undrops
       from old where c.run_id = $1 and c.row_number = old.row_number
     )
     select count(*) as rows,
       coalesce(sum((select count(*) from jsonb_object_keys(gone)) + undrops::int), 0)::bigint as cells
     from old`,
    [root, rows, column],
  );
  await forgetEmpty(ledger, root, rows);
  return removed;
}
