/**
 * Which functions a table calls by itself when its rows are written: in defaults, generated columns,
 * CHECKs, indexes, policies and keys of partitions, and in what its types demand.
 */
import type { Session } from "../../db/session.ts";

/**
 * SQL: has the database any functions that a table could call, beside those in the schema whose oid is
 * `own`? Most have none. To look at a table's takes 4 ms. (From 16384 on, objects are the users'.)
 */
export function anyFunctions(own: string): string {
  return `exists (select from pg_proc f join pg_language l on l.oid = f.prolang
    where f.oid >= 16384 and l.lanname not in ('c', 'internal')
      and f.pronamespace is distinct from ${own} and f.prorettype <> 'trigger'::regtype)`;
}

/**
 * Their names, as far as they may contain statements: neither Postgres's own nor any in C. Postgres
 * notes what an expression needs, operators and types included; what it has itself is not noted.
 * Without those of triggers.
 */
export async function listCalledFunctions(session: Session, oid: number): Promise<string[]> {
  const found = await session.query<{ name: string }>(
    `with recursive relations as (
       -- As an array, which Postgres takes for small: to clear away a large table of hashes takes 20 ms.
       select array(select relid::oid from pg_partition_tree($1::oid::regclass)) || $1::oid as oids
     ), needed (class, oid) as (
       select own.* from relations cross join lateral (
         select 'pg_class'::regclass::oid, unnest(oids) as oid
         union all select 'pg_attrdef'::regclass, d.oid from pg_attrdef d
           where d.adrelid = any(oids)
         union all select 'pg_constraint'::regclass, c.oid from pg_constraint c
           where c.conrelid = any(oids) and c.contype in ('c', 'x')
         union all select 'pg_class'::regclass, i.indexrelid from pg_index i
           where i.indrelid = any(oids)
         union all select 'pg_policy'::regclass, p.oid from pg_policy p
           where p.polrelid = any(oids)
       ) own
       union
       select next.* from needed n cross join lateral (
         -- Other tables and sequences don't run code of theirs. A type may be made of columns.
         select d.refclassid, d.refobjid from pg_depend d
         where d.classid = n.class and d.objid = n.oid
           and (d.refclassid <> 'pg_class'::regclass or n.class = 'pg_type'::regclass)
         union all
         -- The CHECKs of a domain.
         select d.classid, d.objid from pg_depend d
         where n.class = 'pg_type'::regclass and d.refclassid = n.class and d.refobjid = n.oid
           and d.classid = 'pg_constraint'::regclass and d.deptype = 'a'
       ) next
     )
     select p.oid::regprocedure::text as name from needed n
     join pg_proc p on n.class = 'pg_proc'::regclass and p.oid = n.oid
     join pg_language l on l.oid = p.prolang
     where l.lanname not in ('c', 'internal') and p.prokind <> 'a' order by 1`,
    [oid],
  );
  return found.map(({ name }) => name);
}
