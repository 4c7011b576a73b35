import type { Session } from "./session.ts";

/**
 * Tables that somebody may want to load into, as they are written in SQL: those of the search path
 * without their schema.
 */
export async function listTables(
  session: Session,
  ownSchema: string,
  limit: number,
): Promise<readonly string[]> {
  const tables = await session.query<{ name: string }>(
    `select c.oid::regclass::text as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'f', 'v') and not c.relispartition
       and n.nspname <> $1 and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
       and has_table_privilege(c.oid, 'insert')
     order by name limit $2`,
    [ownSchema, limit],
  );
  return tables.map(({ name }) => name);
}
