/** Reads what the target table demands of its rows from the catalog. */
import type { Session } from "../../db/session.ts";
import { calledAs, collateBy, operatorInFamily } from "./read_operator.ts";
import type { CheckConstraint, ForeignKey, UniqueIndex } from "./table.ts";

export function readUniqueIndexes(session: Session, oid: number): Promise<UniqueIndex[]> {
  // Postgres 15 introduced NULLS NOT DISTINCT. In to_jsonb, older servers simply lack the field.
  return session.query<UniqueIndex>(
    `select c.relname as name, i.indisprimary as primary,
       array(select p.relname::text from pg_partition_tree(c.oid) t join pg_class p on p.oid = t.relid
         where p.oid <> c.oid) as "partitionNames",
       keys.columns, keys.equal, keys.collate,
       i.indpred is not null as partial, pg_get_expr(i.indpred, i.indrelid) as predicate,
       coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) as "nullsNotDistinct",
       not i.indimmediate as deferrable
     from pg_index i join pg_class c on c.oid = i.indexrelid
     cross join lateral (
       select case when i.indexprs is null then array_agg(a.attname::text order by k.position) end
           as columns,
         array_agg(coalesce(${operatorInFamily("o.opcfamily", "o.opcintype", EQUAL)}, '=')
           order by k.position) as equal,
         array_agg(${collateBy("k.coll", "a.attcollation")} order by k.position) as collate
       from unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[])
         with ordinality k (attnum, class, coll, position)
       left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
       left join pg_opclass o on o.oid = k.class
       where k.position <= i.indnkeyatts) keys
     -- WITHOUT OVERLAPS makes an exclusion constraint of a key.
     where i.indrelid = $1 and i.indisunique and i.indisvalid and not i.indisexclusion
     order by i.indisprimary desc, c.relname`,
    [oid],
  );
}

/** The strategy of btree. Only btree indexes can be unique. */
const EQUAL = 3;

export function readForeignKeys(session: Session, oid: number): Promise<ForeignKey[]> {
  return session.query<ForeignKey>(
    `select f.conname as name, keys.columns, keys.equal, keys.collate,
       case r.relkind when 'p' then '' else 'only ' end
         || format('%I.%I', n.nspname, r.relname) as "referencedRows",
       r.relname as "referencedName",
       keys.referenced as "referencedColumns",
       f.confrelid = f.conrelid as "toItself", f.confrelid::bigint as "referencedOid",
       not has_schema_privilege(r.relnamespace, 'usage')
         or not has_table_privilege(f.confrelid, 'select')
         or row_security_active(f.confrelid)
         or exists (select from pg_trigger t where t.tgconstraint = f.oid
           and t.tgrelid = f.conrelid and t.tgenabled in ('D', 'R'))
         -- Postgres 18 introduced NOT ENFORCED and PERIOD. Older servers lack the fields.
         or not coalesce((to_jsonb(f) ->> 'conenforced')::boolean, true)
         or coalesce((to_jsonb(f) ->> 'conperiod')::boolean, false) as opaque
     from pg_constraint f join pg_class r on r.oid = f.confrelid
     join pg_namespace n on n.oid = r.relnamespace
     cross join lateral (
       -- Postgres compares by the collation of the referenced column.
       select array_agg(a.attname::text order by k.position) as columns,
         array_agg(b.attname::text order by k.position) as referenced,
         array_agg(${calledAs("p", "m")} order by k.position) as equal,
         array_agg(case when a.attcollation = b.attcollation then ''
           else ${collateBy("b.attcollation", "0")} end order by k.position) as collate
       from unnest(f.conkey, f.confkey, f.conpfeqop)
         with ordinality k (attnum, referenced, op, position)
       join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum
       join pg_attribute b on b.attrelid = f.confrelid and b.attnum = k.referenced
       join pg_operator p on p.oid = k.op join pg_namespace m on m.oid = p.oprnamespace) keys
     where f.conrelid = $1 and f.contype = 'f'
       -- A foreign key to a partitioned table has an additional one for each of its partitions.
       and not exists (
         select from pg_constraint p where p.oid = f.conparentid and p.conrelid = f.conrelid)
     order by f.conname`,
    [oid],
  );
}

/**
 * Postgres leaves out the schemas of functions, types and operators that are on the search path. The
 * expression is used on other sessions, where the path may be another. So it is written down while
 * the path is empty. (The elements of an array are evaluated one after the other.)
 */
export function readChecks(session: Session, oid: number): Promise<CheckConstraint[]> {
  // Postgres 18 introduced NOT ENFORCED. In to_jsonb, older servers simply lack the field.
  return session.query<CheckConstraint>(
    `with session as materialized (select current_setting('search_path') as path)
     select c.conname as name,
       (array[
         set_config('search_path', '', true),
         pg_get_expr(c.conbin, c.conrelid),
         set_config('search_path', session.path, true)
       ])[2] as expression,
       case when not 0 = any(c.conkey) then array(
         select a.attname::text from unnest(c.conkey) k (attnum)
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum) end as columns
     from pg_constraint c, session
     where c.conrelid = $1 and c.contype = 'c'
       and coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true)
     order by c.conname collate "C"`,
    [oid],
  );
}
