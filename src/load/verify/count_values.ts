/**
 * Rows without a key can't be found again one by one. Here it is counted how many of them are in the
 * table with all their values. Rows are compared by a hash of their text, 64 bits.
 */
import { identifiers } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { byName, stageOf } from "../stage/stage_table.ts";
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
    `create temporary table ${NOTED} (part int, position int, hash bigint) on commit drop`,
  );
}

export async function clearNotes(session: Session): Promise<void> {
  await session.query(`truncate ${NOTED}`);
}

/** Notes the staged rows, which are those of the part with this number. */
export async function noteStaged(session: Session, how: Comparable, part: number): Promise<void> {
  const { table, position } = stageOf(how.plan);
  await session.query(
    `insert into ${NOTED} select ${part}, s.${position}, ${hash(how, "s.")} from ${table} s`,
  );
}

export interface Counted {
  readonly found: number;
  readonly missing: number;
  /** The first of them. */
  readonly samples: readonly { readonly part: number; readonly position: number }[];
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
  const own = `select ${hash(how, "t.")} as hash from ${ownRows(how.plan.table)} t
    ${keyless === null ? "" : `where ${keyless}`}`;
  // Grouped together, which takes less than to group both and join them.
  const [{ found, missing }] = await session.query<Omit<Counted, "samples">>(
    `select coalesce(sum(least(noted, there)), 0)::bigint as found,
       coalesce(sum(greatest(noted - there, 0)), 0)::bigint as missing
     from (
       select hash, sum(noted) as noted, sum(1 - noted) as there
       from (select hash, 1 as noted from ${NOTED} union all select hash, 0 from (${own}) own) each
       group by hash) hashes`,
  );
  if (missing === 0) return { found, missing, samples: [] };
  const rows = await session.query<Counted["samples"][number]>(
    `with there as (select hash, count(*) as n from (${own}) own group by hash), noted as (
       select part, position, hash,
         row_number() over (partition by hash order by part, position) as nth from ${NOTED}
     )
     select part, position from noted left join there using (hash) where nth > coalesce(n, 0)
     order by part, position limit ${samples}`,
  );
  return { found, missing, samples: rows };
}

function hash(how: Comparable, prefix: string): string {
  return `hashtextextended((row(${identifiers(countedColumns(how), prefix)}))::text, 0)`;
}
