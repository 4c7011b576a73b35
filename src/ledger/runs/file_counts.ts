/** `batches.by_file`: what came of the rows of each file, where a run reads several. */
import type { Ledger } from "../ledger.ts";

/** Of one of the run's files: what came of its rows. */
export interface FileCounts {
  /** Of the file, among those of the run. */
  readonly number: number;
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
}

/** Of a batch, as its column has it. */
export function byFile(counts: readonly FileCounts[]): string {
  return JSON.stringify(
    counts.map(({ number, created, updated, skipped }) => [number, created, updated, skipped]),
  );
}

/** What came of the rows of some of the files, so far. */
export interface OutcomesByFile {
  /** Files with no row yet that was tried are missing. */
  readonly counts: ReadonlyMap<number, FileCounts>;
  /** False: an older version has loaded some of the batches, and nobody knows of which file their rows are. */
  readonly areKnown: boolean;
}

/** Of the files with the numbers from `first` to `last`. */
export async function countFileOutcomes(
  ledger: Ledger,
  run: number,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<OutcomesByFile> {
  const [{ known }] = await ledger.query<{ known: boolean }>(
    `select not exists (
       select from ${ledger.schema}.batches where run_id = $1 and status = 'completed'
         and by_file is null and created + updated + skipped > 0
     ) as known`,
    [run],
  );
  const counts = await ledger.query<FileCounts>(
    `select p.number, sum(p.created)::bigint as created, sum(p.updated)::bigint as updated,
       sum(p.skipped)::bigint as skipped
     from ${ledger.schema}.batches b, jsonb_array_elements(b.by_file) part,
       lateral (select (part->>0)::int as number, (part->>1)::bigint as created,
         (part->>2)::bigint as updated, (part->>3)::bigint as skipped) p
     where b.run_id = $1 and b.status = 'completed' and p.number between $2 and $3
     group by p.number`,
    [run, first, last],
  );
  return { counts: new Map(counts.map((one) => [one.number, one])), areKnown: known };
}
