/**
 * `waivers` and `waived_ranges`: rows that somebody has decided not to load, beside the log of the
 * chain's root. Nothing of it changes while a run of the chain is active.
 */
import { bitsOf, readSet } from "./chosen_rows.ts";
import type { Ledger } from "../ledger.ts";
import { isAmongChosen } from "./rows_to_retry.ts";
import type { Retry } from "../runs/retries.ts";
import { BLOCK_ROWS, blockOf } from "./row_marks.ts";
import { RowSet } from "./row_set.ts";

export interface Waiver {
  readonly id: number;
  readonly at: Date;
  readonly by: string | null;
  readonly reason: string;
  /** Which rows were meant. */
  readonly words: string;
  /** How many of them are still waived. */
  readonly rows: number;
}

/** The decisions about rows of a chain that still hold, the oldest first. */
export function listWaivers(ledger: Ledger, root: number): Promise<Waiver[]> {
  const { schema } = ledger;
  return ledger.query<Waiver>(
    `select w.id, w.made_at as at, w.made_by as by, w.reason, w.words, held.rows
     from ${schema}.waivers w
     cross join lateral (
       select coalesce(sum(bit_count(rows)), 0)::bigint as rows
       from ${schema}.waived_ranges where waiver_id = w.id
     ) held
     where w.run_id = $1 and held.rows > 0 order by w.id`,
    [root],
  );
}

export function readWaived(ledger: Ledger, root: number): Promise<RowSet> {
  return readSet(ledger, `waived_ranges where run_id = ${root}`);
}

export async function countWaived(ledger: Ledger, root: number): Promise<number> {
  const [{ n }] = await ledger.query<{ n: number }>(
    `select coalesce(sum(bit_count(rows)), 0)::bigint as n
     from ${ledger.schema}.waived_ranges where run_id = $1`,
    [root],
  );
  return n;
}

export interface NewWaiver {
  readonly root: number;
  /** The run that was named; the root or a retry. */
  readonly run: number;
  readonly by: string | null;
  readonly reason: string;
  readonly words: string;
}

/** `rows`: failed rows of the chain that are neither fixed nor waived. */
export async function waive(
  ledger: Ledger,
  { root, run, by, reason, words }: NewWaiver,
  rows: RowSet,
): Promise<void> {
  const { schema } = ledger;
  const [{ id }] = await ledger.query<{ id: number }>(
    `insert into ${schema}.waivers (run_id, made_by, reason, words, after_run_id)
     select $1, $2, $3, $4, max(id) from ${schema}.runs where id = $1 or parent_id = $1
     returning id`,
    [root, by, reason, words],
  );
  await keepWaived(ledger, root, [...rows.marks()].map((mark) => ({ ...mark, waiver: id })));
  await record(ledger, "waived", { root, run, by }, { rows: rows.size, words, reason });
}

/** Takes it back for these rows, all of which are waived. */
export async function unwaive(
  ledger: Ledger,
  about: Pick<NewWaiver, "root" | "run" | "by" | "words"> & { readonly reason: string | null },
  rows: RowSet,
): Promise<void> {
  const { root, words, reason } = about;
  const blocks = [...rows.marks()].map((mark) => blockOf(mark.firstRow));
  const held = await ledger.query<{ first_row: number; waiver: number; rows: string }>(
    `delete from ${ledger.schema}.waived_ranges
     where run_id = $1 and first_row & ${-BLOCK_ROWS} = any($2::bigint[])
     returning first_row, waiver_id as waiver, rows`,
    [root, blocks],
  );
  const left = held.flatMap(({ first_row, waiver, rows: bits }) => {
    const set = new RowSet();
    set.add({ firstRow: first_row, lastRow: first_row, bits: bitsOf(bits) });
    set.removeAll(rows);
    return [...set.marks()].map((mark) => ({ ...mark, waiver }));
  });
  await keepWaived(ledger, root, left);
  await record(ledger, "waive undone", about, { rows: rows.size, words, reason });
}

async function keepWaived(
  ledger: Ledger,
  root: number,
  marks: readonly {
    readonly firstRow: number;
    readonly lastRow: number;
    readonly bits: Uint8Array;
    readonly waiver: number;
  }[],
): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.waived_ranges (run_id, first_row, last_row, waiver_id, rows)
     select $1, first_row, last_row, waiver, ('x' || rows)::bit(${BLOCK_ROWS})
     from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
       as mark (first_row, last_row, waiver, rows)`,
    [
      root,
      marks.map((mark) => mark.firstRow),
      marks.map((mark) => mark.lastRow),
      marks.map((mark) => mark.waiver),
      marks.map((mark) => mark.bits.toHex()),
    ],
  );
}

/** Tells the run that was named, and the chain's root. */
async function record(
  ledger: Ledger,
  type: string,
  { root, run, by }: Pick<NewWaiver, "root" | "run" | "by">,
  details: { readonly rows: number; readonly words: string; readonly reason: string | null },
): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.run_events (run_id, type, actor, details)
     select distinct run, $3, $4, jsonb_strip_nulls($5::text::jsonb)
     from unnest(array[$1::bigint, $2]) as run`,
    [root, run, type, by, JSON.stringify(details)],
  );
}

/** How many rows of the retry's plan that it has not done were waived since it began. */
export async function countWaivedSince(ledger: Ledger, retry: Retry): Promise<number> {
  const { schema } = ledger;
  const { id, root, corrected } = retry;
  const own = corrected
    ? `exists (select from ${schema}.corrections own
        where own.run_id = ${id} and own.row_number = waived.row)`
    : isAmongChosen(ledger, retry, "waived.row");
  const [{ n }] = await ledger.query<{ n: number }>(
    `select count(*) as n from (
       select (r.first_row & ${-BLOCK_ROWS}) + n as row
       from ${schema}.waived_ranges r
       join ${schema}.waivers w on w.id = r.waiver_id and w.after_run_id >= $1
       cross join generate_series(0, ${BLOCK_ROWS - 1}) n
       where r.run_id = $2 and get_bit(r.rows, n) = 1
     ) waived
     where ${own} and (
       exists (select from ${schema}.batches b
         where b.run_id = $1 and b.phase = 1 and b.status <> 'completed'
           and waived.row between b.first_row and b.last_row)
       or exists (select from ${schema}.deferred d
         where d.run_id = $1 and d.row_number = waived.row))`,
    [id, root],
  );
  return n;
}
