/** `corrections` of a chain's root as they wait for a retry: listed, measured and counted. */
import { editsOf, loggedRow, SHOWN } from "./found_edits.ts";
import type { EditedRow } from "./edited_rows.ts";
import type { Ledger } from "../ledger.ts";
import { BLOCK_ROWS } from "../rows/row_marks.ts";
import { RowSet } from "../rows/row_set.ts";

/** Corrections of a row that wait for a retry. */
export interface PendingEdit {
  readonly row_number: number;
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
  readonly drops_surplus: boolean;
  /** What the file has there, cut if it is long. */
  readonly before: Readonly<Record<string, string>>;
  readonly made_by: string | null;
  readonly made_at: Date;
}

/** In file order, after row `after`: as many as `page` allows, and at least one if there is one. */
export function listPending(
  ledger: Ledger,
  root: number,
  after: number,
  page: { readonly rows: number; readonly bytes: number },
): Promise<PendingEdit[]> {
  return ledger.query<PendingEdit>(
    `with page as materialized (
       select *, sum(octet_length(cells::text)) over earlier as bytes_before
       from (
         select c.*, r.line, r.data from ${ledger.schema}.corrections c
         cross join ${loggedRow(ledger, "$1", "c.row_number")} r
         where c.run_id = $1 and c.row_number > $2 and (c.cells <> '{}' or c.drops_surplus)
           and r.resolved_by_run_id is null and r.waiver_id is null
         order by c.row_number limit $3
       ) found
       window earlier as (order by row_number rows between unbounded preceding and 1 preceding)
     )
     select row_number, line, cells, drops_surplus, made_by, made_at,
       coalesce((select jsonb_object_agg(name, left(coalesce(data ->> name, ''), ${SHOWN}))
         from jsonb_object_keys(cells) name), '{}') as before
     from page where bytes_before is null or bytes_before < $4 order by row_number`,
    [root, after, page.rows, page.bytes],
  );
}

/** The given failed rows with their corrections, of which some may have none; in order. */
export function listWithEdits(
  ledger: Ledger,
  root: number,
  rowNumbers: readonly number[],
): Promise<EditedRow[]> {
  return ledger.query<EditedRow>(
    `select r.row_number, r.line, r.raw, r.data, coalesce(c.cells, '{}') as cells,
       coalesce(c.drops_surplus, false) as drops_surplus
     from unnest($2::bigint[]) w (row_number)
     cross join ${loggedRow(ledger, "$1", "w.row_number")} r
     left join ${editsOf(ledger, "w.row_number")} c on true
     order by r.row_number`,
    [root, rowNumbers],
  );
}

/** How many bytes each of these rows has, with its corrections. */
export async function measureWithEdits(
  ledger: Ledger,
  root: number,
  rowNumbers: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const found = await ledger.query<{ row_number: number; bytes: number }>(
    `select r.row_number, (r.size + coalesce(octet_length(c.cells::text), 0))::bigint as bytes
     from unnest($2::bigint[]) w (row_number)
     cross join lateral (
       select l.row_number, octet_length(l.raw) as size from ${ledger.schema}.logged_rows l
       where l.run_id = $1 and l.row_number = w.row_number and l.status = 'failed' offset 0
     ) r
     left join ${editsOf(ledger, "w.row_number")} c on true
     order by r.row_number`,
    [root, rowNumbers],
  );
  return new Map(found.map(({ row_number, bytes }) => [row_number, bytes]));
}

/** How many rows have corrections that wait for a retry. */
export async function countPending(ledger: Ledger, root: number): Promise<number> {
  const { schema } = ledger;
  const isMarked = (table: string) =>
    `exists (select from ${schema}.${table} m where m.run_id = c.run_id
       and m.first_row between c.row_number & ${-BLOCK_ROWS} and c.row_number
       and get_bit(m.rows, (c.row_number & ${BLOCK_ROWS - 1})::int) = 1`;
  const [{ rows }] = await ledger.query<{ rows: number }>(
    `select count(*) as rows from ${schema}.corrections c
     where c.run_id = $1 and (c.cells <> '{}' or c.drops_surplus)
       and not ${isMarked("retried_ranges")} and resolved) and not ${isMarked("waived_ranges")})`,
    [root],
  );
  return rows;
}

/** The rows that have corrections, whether they are fixed by now or not. */
export async function readCorrected(ledger: Ledger, root: number): Promise<RowSet> {
  const rows = new RowSet();
  const found = await ledger.query<{ rows: number[] }>(
    `select array_agg(row_number) as rows from ${ledger.schema}.corrections
     where run_id = $1 and (cells <> '{}' or cells is not null and drops_surplus)
     group by row_number & ${-BLOCK_ROWS}`,
    [root],
  );
  for (const block of found) for (const row of block.rows) rows.addRun(row, row);
  return rows;
}
