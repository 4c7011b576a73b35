/** `corrections` of many rows at once: a value that is wrong wherever it is. */
import { forgetEmpty, lastRun } from "./cell_edits.ts";
import type { Ledger } from "../ledger.ts";
import { BLOCK_ROWS, blockOf, type MarkedRows } from "../rows/row_marks.ts";
import type { RowSet } from "../rows/row_set.ts";

export interface Replacement {
  readonly root: number;
  /** Of the source, and its place in the header, from 0. */
  readonly column: string;
  readonly field: number;
  /** What the cell holds, with corrections, and what it shall hold. */
  readonly from: string;
  readonly to: string;
  readonly by: string | null;
}

export interface Replaced {
  readonly rows: number;
  /** The first of them. */
  readonly first: readonly number[];
}

/** How many blocks of rows a statement goes through: it takes about a tenth of a second. */
const BLOCKS = 32;
/** How many rows are named. */
const NAMED = 100;

/** Among the given failed rows of the root. In the open transaction. */
export async function replaceCells(
  ledger: Ledger,
  replacement: Replacement,
  rows: RowSet,
): Promise<Replaced> {
  const { root, by } = replacement;
  const replaced = await inPieces(rows, (marks) => {
    const { statement, parameters } = touched(ledger, replacement, marks);
    return ledger.query<Replaced>(
      `with touched as (${statement}), kept as (
         insert into ${ledger.schema}.corrections as c
           (run_id, row_number, cells, made_by, made_at, after_run_id)
         select $1, row_number,
           case when restores then '{}' else jsonb_build_object($4::text, $7::text) end,
           $8, clock_timestamp(), ${lastRun(ledger)}
         from touched
         on conflict (run_id, row_number) do update set
           cells = case when excluded.cells = '{}' then c.cells - $4::text
             else c.cells || excluded.cells end,
           made_by = excluded.made_by, made_at = excluded.made_at,
           after_run_id = excluded.after_run_id
         -- Unless somebody has corrected it while this waited.
         where coalesce(c.cells ->> $4::text, $6::text) = $6::text
         returning row_number
       )
       select count(*) as rows, (array_agg(row_number order by row_number))[1:${NAMED}] as first
       from kept`,
      [...parameters, by],
    );
  });
  await forgetEmpty(ledger, root, null);
  return replaced;
}

/** What `replaceCells` would do. */
export function countReplaced(
  ledger: Ledger,
  replacement: Replacement,
  rows: RowSet,
): Promise<Replaced> {
  return inPieces(rows, (marks) => {
    const { statement, parameters } = touched(ledger, replacement, marks);
    return ledger.query<Replaced>(
      `select count(*) as rows, (array_agg(row_number order by row_number))[1:${NAMED}] as first
       from (${statement}) touched`,
      parameters,
    );
  });
}

async function inPieces(
  rows: RowSet,
  work: (marks: readonly MarkedRows[]) => Promise<readonly Replaced[]>,
): Promise<Replaced> {
  let count = 0;
  const named: number[] = [];
  const marks = [...rows.marks()];
  for (let at = 0; at < marks.length; at += BLOCKS) {
    const [{ rows, first }] = await work(marks.slice(at, at + BLOCKS));
    count += rows;
    // Null, if there are none.
    if (named.length < NAMED) named.push(...(first ?? []).slice(0, NAMED - named.length));
  }
  return { rows: count, first: named };
}

/**
 * The rows whose cell holds the value. Only that cell is read: to make `data` of a row with many columns
 * takes as long as all the rest. OFFSET: along the index, whatever Postgres knows of the tables.
 */
function touched(
  { schema }: Ledger,
  { root, column, field, from, to }: Replacement,
  marks: readonly MarkedRows[],
) {
  const statement = `
    select r.row_number, r.original = $7::text as restores
    from (
      select block, ('x' || rows)::bit(${BLOCK_ROWS}) as bits
      from unnest($2::bigint[], $3::text[]) as given (block, rows) offset 0
    ) mark
    cross join lateral (
      select l.row_number, coalesce(case when l.data is null
          then (string_to_array(coalesce(l.cells, convert_from(l.raw, 'UTF8')), l.separator))[$5::int]
          else l.data ->> $4::text end, '') as original
      from ${schema}.logged_rows l
      where l.run_id = $1 and l.status = 'failed'
        and l.row_number between mark.block and mark.block + ${BLOCK_ROWS - 1}
        and get_bit(mark.bits, (l.row_number & ${BLOCK_ROWS - 1})::int) = 1
      offset 0
    ) r
    left join lateral (
      select c.cells from ${schema}.corrections c
      where c.run_id = $1 and c.row_number = r.row_number and c.cells is not null offset 0
    ) known on true
    where coalesce(known.cells ->> $4::text, r.original) = $6::text`;
  const parameters = [
    root,
    marks.map(({ firstRow }) => blockOf(firstRow)),
    marks.map(({ bits }) => bits.toHex()),
    column,
    field + 1,
    from,
    to,
  ];
  return { statement, parameters };
}
