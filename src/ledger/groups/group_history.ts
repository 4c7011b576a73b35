/** In which earlier runs of its importer a run's error groups were, too. */
import { idOf } from "../batches/batch_errors.ts";
import type { Ledger } from "../ledger.ts";
import type { Run } from "../runs/runs.ts";

/** How many earlier runs are looked at. */
export const LOOKED_AT = 10;

export interface EarlierRun {
  readonly id: number;
  /** The ids of its groups. */
  readonly groups: ReadonlySet<string>;
}

/**
 * The completed runs of the same importer before this one, the latest first: not its dry runs, retries
 * and undos. Along an index, however many there are.
 */
export async function listEarlier(ledger: Ledger, run: Run): Promise<EarlierRun[]> {
  const { schema } = ledger;
  const found = await ledger.query<{ id: number; groups: readonly string[] | null }>(
    `select r.id, (select array_agg(distinct ${idOf(ledger)})
       from ${schema}.batch_errors e where e.run_id = r.id) as groups
     from (
       select id from ${schema}.runs
       where importer = $1 and id < $2 and parent_id is null and not dry_run and kind = 'import'
         and status in ('completed', 'completed_with_errors')
       order by id desc limit ${LOOKED_AT}
     ) r order by r.id desc`,
    [run.importer, run.id],
  );
  return found.map(({ id, groups }) => ({ id, groups: new Set(groups ?? []) }));
}
