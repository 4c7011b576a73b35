/** `rows`: a page of a run's log, for people and programs. */
import type { RowStatus } from "../../row/outcome.ts";
import type { Ledger } from "../ledger.ts";
import type { LoggedRow, RowCorrection } from "./rows.ts";
import { fileOfRow } from "../runs/run_files.ts";

export interface RowFilter {
  readonly status: RowStatus | null;
  /** Only rows after this number. */
  readonly after: number;
  readonly limit: number;
  /** Only these; undefined: all. */
  readonly only?: readonly number[];
}

export interface RowPage {
  readonly rows: readonly LoggedRow[];
  /** There are more after these. */
  readonly more: boolean;
}

/** Rows whose bytes are no more are shown whole. */
const SHORT_ROW = 8_000;
/** Longer values are cut to this many characters, or to fewer in a row of many columns. */
export const LONGEST_VALUE = 1_000;
const SHORTEST_CUT = 20, LONGEST_ROW = 64_000;
/** SQL: to how many characters values of a row are cut. */
const ROOM =
  `greatest(${SHORTEST_CUT}, least(${LONGEST_VALUE}, ${LONGEST_ROW} / count(*) over ()))::int`;
/** A page ends at so many bytes of rows, as they are shown, and as Postgres has to read them. */
const PAGE = { shown: 8_000_000, read: 64_000_000 };

/**
 * In file order: as many as the filter allows, or fewer if they are long, but at least one. A row
 * may have 16 MB, and a hundred of them took the server's memory, so long values are cut. `names`:
 * bytes of the columns' names in each row.
 */
export async function listRows(
  ledger: Ledger,
  runId: number,
  filter: RowFilter,
  names: { readonly read: number; readonly shown: number } = { read: 0, shown: 0 },
): Promise<RowPage> {
  // The root of the chain records which rows are resolved.
  const found = await ledger.query<
    Omit<LoggedRow, "file" | "cut" | "correction"> & {
      file: string | null;
      resolved_by_run_id: number | null;
      waiver_id: number | null;
      cut: readonly string[] | null;
      correction: RowCorrection | null;
    }
  >(
    `with page as materialized (
       select *,
         sum(least(size, ${LONGEST_ROW}) + errors_size + $5::bigint) over earlier as shown_before,
         sum(size + $6::bigint) over earlier as read_before
       from (
         select r.row_number, octet_length(r.raw) as size,
           coalesce(pg_column_size(r.errors), 0) as errors_size
         from ${ledger.schema}.rows r
         where r.run_id = $1 and r.row_number > $2 and ($3::text is null or r.status = $3)
           and ($7::bigint[] is null or r.row_number = any($7))
         order by r.row_number limit $4 + 1
       ) sized
       window earlier as (order by row_number rows between unbounded preceding and 1 preceding)
     )
     select r.row_number, file.name as file, r.line, r.status,
       case when page.size <= ${SHORT_ROW} then r.data else short.data end as data,
       short.cut, r.errors, o.resolved_by_run_id, o.waiver_id, edit.correction
     from page
     join ${ledger.schema}.rows r on r.run_id = $1 and r.row_number = page.row_number
     cross join (select coalesce(parent_id, id) as root from ${ledger.schema}.runs where id = $1) runs
     left join ${ledger.schema}.rows o on r.status = 'failed' and o.row_number = r.row_number
       and o.run_id = runs.root
     left join lateral (
       select jsonb_object_agg(key, left(value, room)) as data,
         array_agg(key order by position) filter (where length(value) > room) as cut
       from (
         select key, value, position, ${ROOM} as room
         from jsonb_each_text(r.data) with ordinality as fields (key, value, position)
       ) measured
     ) short on page.size > ${SHORT_ROW}
     left join lateral (${
      correctionOf(ledger)
    }) edit on o.resolved_by_run_id is null and o.waiver_id is null
     left join lateral (${fileOfRow(ledger, "runs.root", "r.row_number")}) file on true
     where shown_before is null or shown_before < ${PAGE.shown} and read_before < ${PAGE.read}
     order by r.row_number`,
    [
      runId,
      filter.after,
      filter.status,
      filter.limit,
      names.shown,
      names.read,
      filter.only ?? null,
    ],
  );
  const last = found.at(filter.limit - 1) ?? found.at(-1);
  const rows = found.slice(0, filter.limit).map((found) => {
    const { file, resolved_by_run_id: by, waiver_id: waiver, cut, correction, ...row } = found;
    return {
      ...row,
      ...(file !== null && { file }),
      ...(cut !== null && { data: markCut(row.data, cut), cut }),
      ...(by !== null && { resolved_by_run_id: by }),
      ...(waiver !== null && { waived: true as const }),
      ...(correction !== null && { correction }),
    };
  });
  const more = found.length > filter.limit ||
    (last !== undefined && found.length < filter.limit &&
      await hasRowsAfter(ledger, runId, last.row_number, filter));
  return { rows, more };
}

/** SQL: what a retry would try instead of the row's own cells. `o`: the row in the root's log. */
function correctionOf({ schema }: Ledger): string {
  return `select jsonb_build_object('drop_surplus', c.drops_surplus, 'by', c.made_by, 'at', c.made_at,
      'values', coalesce(cells.shown, '{}'), 'cut', cells.cut) as correction
    from ${schema}.corrections c
    left join lateral (
      select jsonb_object_agg(key, left(value, room)) as shown,
        jsonb_agg(key) filter (where length(value) > room) as cut
      from (
        select key, value, ${ROOM} as room from jsonb_each_text(c.cells) as fields (key, value)
      ) measured
    ) cells on true
    where c.run_id = o.run_id and c.row_number = o.row_number
      and (c.cells <> '{}' or c.cells is not null and c.drops_surplus)
    offset 0`;
}

function markCut(data: LoggedRow["data"], cut: readonly string[]): LoggedRow["data"] {
  const names = new Set(cut);
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, names.has(name) ? `${value}…` : value]),
  );
}

async function hasRowsAfter(
  ledger: Ledger,
  runId: number,
  after: number,
  { status, only }: RowFilter,
): Promise<boolean> {
  const [{ found }] = await ledger.query<{ found: boolean }>(
    `select exists (select from ${ledger.schema}.rows
       where run_id = $1 and row_number > $2 and ($3::text is null or status = $3)
         and ($4::bigint[] is null or row_number = any($4))) as found`,
    [runId, after, status, only ?? null],
  );
  return found;
}
