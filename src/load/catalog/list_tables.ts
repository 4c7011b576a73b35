/** The tables that somebody may load files into. */
import type { Session } from "../../db/session.ts";

/** At most 1,000, as a definition would name them: without their schema where that is not needed. */
export async function listTables(session: Session, ledgerSchema: string): Promise<string[]> {
  const found = await session.query<{ name: string }>(
    `select case when pg_table_is_visible(c.oid) then quote_ident(c.relname)
       else format('%I.%I', n.nspname, c.relname) end as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition
       and n.nspname <> $1 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'insert')
     order by 1 limit 1000`,
    [ledgerSchema],
  );
  return found.map(({ name }) => name);
}
