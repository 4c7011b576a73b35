/** The later phases of a run, which load its deferred rows. */
import type { Definition } from "../../importer/definition.ts";
import type { Ledger } from "../ledger.ts";

export interface BatchSize {
  readonly rows: number;
  readonly bytes: number;
}

export function batchSizeOf({ options }: Definition): BatchSize {
  return { rows: options.batch_rows, bytes: options.batch_bytes };
}

/**
 * Cuts the deferred rows into batches, in file order. These come after all existing batches, and
 * are loaded one at a time.
 */
export async function openNextPhase(ledger: Ledger, runId: number, size: BatchSize): Promise<void> {
  await ledger.execute(
    `with waiting as (
       select d.*, sum(byte_end - byte_start) over (order by row_number) as bytes,
         row_number() over (order by row_number) as position
       from ${ledger.schema}.deferred d
       where run_id = $1
         and phase > (select coalesce(max(phase), 1) from ${ledger.schema}.batches where run_id = $1)
     ), cut as (
       select *, greatest((position - 1) / $2::bigint, floor((bytes - 1) / $3::bigint)) as piece from waiting
     )
     insert into ${ledger.schema}.batches
       (run_id, number, phase, first_row, last_row, first_line, byte_start, byte_end, row_count)
     select $1,
       (select coalesce(max(number), 0) from ${ledger.schema}.batches where run_id = $1)
         + row_number() over (order by min(row_number)),
       max(phase), min(row_number), max(row_number), min(line), min(byte_start), max(byte_end),
       count(*)
     from cut group by piece`,
    [runId, size.rows, size.bytes],
  );
}

/** Did this phase write anything? If not, deferring rows again is of no use. */
export async function phaseChangedSomething(
  ledger: Ledger,
  runId: number,
  phase: number,
): Promise<boolean> {
  const [row] = await ledger.query<{ changed: boolean }>(
    `select coalesce(sum(created + updated + taken), 0) > 0 as changed
     from ${ledger.schema}.batches where run_id = $1 and phase = $2`,
    [runId, phase],
  );
  return row.changed;
}
