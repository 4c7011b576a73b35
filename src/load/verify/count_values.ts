/**
 * Rows without a key can't be found again one by one. Here it is counted how many of them are in the
 * table with all their values. Rows are compared by a hash of their text, 64 bits.
 */
import { identifiers } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { byName, stageOf } from "../stage_table.ts";
import { ownRows } from "../own_rows.ts";
import type { Comparable } from "./comparable.ts";
import { isKeyless } from "./compare_staged.ts";

const NOTED = 'pg_temp."ingest noted rows"';

/** The columns that the rows have from the file, whatever the file has. */
export function countedColumns({ inserted, defaulted }: Comparable): readonly string[] {
  return inserted.filter((name) => !defaulted.includes(name));
}

/** In the open transaction, once. */
export async function createNotes(session: Session): Promise<void> {
  await session.query(
    `create temporary table ${NOTED} (run bigint, row_number bigint, hash bigint) on commit drop`,
  );
}

export async function clearNotes(session: Session): Promise<void> {
  await session.query(`truncate ${NOTED}`);
}

/** Notes the staged rows; `numbers`: their row numbers, by position. */
export async function noteStaged(
  session: Session,
  how: Comparable,
  run: number,
  numbers: readonly number[],
): Promise<void> {
  const { table, position } = stageOf(how.plan);
  await session.query(
    `insert into ${NOTED} select ${run}, n.number, ${hash(how, "s.")}
     from ${table} s join unnest($1::bigint[]) with ordinality n (number, at)
       on n.at = s.${position} + 1`,
    [numbers],
  );
}

export interface Counted {
  readonly found: number;
  readonly missing: number;
  /** The first of them. */
  readonly samples: readonly { readonly run: number; readonly row_number: number }[];
}

/** Each row of the table stands for one of the noted rows. */
export async function countNoted(
  session: Session,
  how: Comparable,
  samples: number,
): Promise<Counted> {
  const keyless = isKeyless(how.plan, (name) => byName(name).replace(/^s\./u, "t."));
  // For the hashes of a million rows.
  await session.query("set local work_mem = '64MB'");
  const there = `there as (
    select hash, count(*) as n
    from (select ${hash(how, "t.")} as hash from ${ownRows(how.plan.table)} t
      ${keyless === null ? "" : `where ${keyless}`}) own
    group by hash)`;
  const [{ found, missing }] = await session.query<Omit<Counted, "samples">>(
    `with ${there}, noted as (select hash, count(*) as n from ${NOTED} group by hash)
     select coalesce(sum(least(noted.n, coalesce(there.n, 0))), 0)::bigint as found,
       coalesce(sum(greatest(noted.n - coalesce(there.n, 0), 0)), 0)::bigint as missing
     from noted left join there using (hash)`,
  );
  if (missing === 0) return { found, missing, samples: [] };
  const rows = await session.query<Counted["samples"][number]>(
    `with ${there}, noted as (
       select run, row_number, hash,
         row_number() over (partition by hash order by run, row_number) as nth from ${NOTED}
     )
     select run, row_number from noted left join there using (hash) where nth > coalesce(n, 0)
     order by run, row_number limit ${samples}`,
  );
  return { found, missing, samples: rows };
}

function hash(how: Comparable, prefix: string): string {
  return `hashtextextended((row(${identifiers(countedColumns(how), prefix)}))::text, 0)`;
}
