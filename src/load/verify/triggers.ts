import type { Session } from "../../db/session.ts";
import type { Table } from "../catalog/table.ts";

/** The names of the table's triggers that fire when rows are written. */
export async function listTriggers(session: Session, { oid }: Table): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    `select distinct tgname::text as name from pg_trigger
     where (tgrelid = ${oid} or tgrelid in (select relid from pg_partition_tree(${oid})))
       and not tgisinternal and tgenabled <> 'D' and tgtype & 20 > 0 order by 1`,
  );
  return rows.map(({ name }) => name);
}
