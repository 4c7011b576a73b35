/** Reads the columns of the target table from the catalog. */
import type { Session } from "../../db/session.ts";
import { operatorInFamily } from "./read_operator.ts";
import type { TableColumn } from "./table.ts";

export async function readColumns(session: Session, oid: number): Promise<TableColumn[]> {
  const columns = await session.query<TableColumn>(
    `with recursive base as (
       select a.attnum, t.oid, t.typname, t.typtype, t.typbasetype, a.atttypmod as typmod,
         t.typnotnull, t.typdefault is not null as domain_default
       from pg_attribute a join pg_type t on t.oid = a.atttypid
       where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
       union all
       select b.attnum, t.oid, t.typname, t.typtype, t.typbasetype,
         (select typtypmod from pg_type d where d.oid = b.oid), t.typnotnull or b.typnotnull,
         b.domain_default
       from base b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd'
     ), ordered as (
       select t.oid, ${operatorInFamily("o.opcfamily", "o.opcintype", "o.equal")} as equal,
         ${operatorInFamily("o.opcfamily", "o.opcintype", "o.greater")} as greater
       from pg_type t cross join lateral (${DEFAULT_CLASS}) o
       where t.oid in (select oid from base where typtype <> 'd')
     )
     select a.attname as name,
       a.attnum as number,
       format_type(a.atttypid, a.atttypmod) as type,
       b.typname as "baseType",
       declared.typtype = 'd' as "isDomain",
       case when declared.typtype = 'd' then format_type(b.oid, b.typmod) end as "domainOf",
       a.attnotnull or exists (
         select from base d where d.attnum = a.attnum and d.typtype = 'd' and d.typnotnull
       ) as "notNull",
       a.atthasdef or a.attidentity <> '' or b.domain_default as "hasDefault",
       (${DEFAULT}) as "defaultExpression",
       a.attgenerated <> '' as readonly,
       case a.attidentity when 'a' then 'always' when 'd' then 'by default' end as identity,
       ${SEQUENCE} as sequence,
       -- Asked only where it matters: the catalog has no index for this.
       a.attidentity = 'a' and a.attnum in (
         select unnest(confkey) from pg_constraint where contype = 'f' and confrelid = $1)
         as referenced,
       case when b.typname in ('varchar', 'bpchar') and b.typmod >= 4 then b.typmod - 4 end
         as "maxLength",
       case when b.typname = 'numeric' and b.typmod >= 4 then ((b.typmod - 4) >> 16) & 65535 end
         as precision,
       case when b.typname = 'numeric' and b.typmod >= 4
         then (((b.typmod - 4) & 2047) # 1024) - 1024 end as scale,
       case when b.typtype = 'e' then array(
         select enumlabel::text from pg_enum where enumtypid = b.oid order by enumsortorder) end
         as "enumLabels",
       coalesce(l.collisdeterministic, true) and not exists (
         select from pg_index i, unnest(i.indkey::int2[], i.indcollation::oid[]) k (attnum, coll)
         join pg_collation c on c.oid = k.coll
         where i.indrelid = a.attrelid and i.indisunique and k.attnum = a.attnum
           and not c.collisdeterministic) as deterministic,
       ordered.equal, ordered.greater,
       has_column_privilege(a.attrelid, a.attnum, 'select') as "mayRead",
       has_column_privilege(a.attrelid, a.attnum, 'insert') as "mayInsert",
       has_column_privilege(a.attrelid, a.attnum, 'update') as "mayUpdate",
       (${CLOSED_SEQUENCE}) as "closedSequence",
       case when not has_type_privilege(a.atttypid, 'usage')
         then format_type(a.atttypid, null) end as "closedType"
     from pg_attribute a
     join pg_type declared on declared.oid = a.atttypid
     join base b on b.attnum = a.attnum and b.typtype <> 'd'
     left join pg_collation l on l.oid = a.attcollation
     left join ordered on ordered.oid = b.oid
     where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
    [oid],
  );
  return columns.map(withoutNullDefault);
}

/** `DEFAULT NULL` is no default. Postgres keeps it only where a domain casts it. */
function withoutNullDefault(column: TableColumn): TableColumn {
  if (!column.defaultExpression?.startsWith("NULL::")) return column;
  return { ...column, hasDefault: false, defaultExpression: null };
}

/** SQL: a column's DEFAULT, or its type's. A column that Postgres numbers takes the next number. */
const DEFAULT = `
  case when a.attgenerated <> '' or a.attidentity = 'a' then null
    when a.attidentity = 'd' then format('nextval(%L::regclass)',
      pg_get_serial_sequence(a.attrelid::regclass::text, a.attname))
    else coalesce(
      (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d
        where d.adrelid = a.attrelid and d.adnum = a.attnum),
      pg_get_expr(declared.typdefaultbin, 0)) end`;

/**
 * SQL: the sequence of an identity column, or of one whose default is its next number and nothing
 * else.
 */
const SEQUENCE = `case
    when a.attidentity <> '' then (
      select format('%I.%I', n.nspname, q.relname)
      from pg_depend d join pg_class q on q.oid = d.objid and q.relkind = 'S'
      join pg_namespace n on n.oid = q.relnamespace
      where d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid
        and d.refobjsubid = a.attnum and d.classid = 'pg_class'::regclass and d.deptype = 'i')
    when a.atthasdef and a.attgenerated = ''
      and b.typname in ('int2', 'int4', 'int8', 'numeric') then (
      select format('%I.%I', n.nspname, q.relname)
      from pg_attrdef f join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = f.oid
        and d.refclassid = 'pg_class'::regclass
      join pg_class q on q.oid = d.refobjid and q.relkind = 'S'
      join pg_namespace n on n.oid = q.relnamespace
      where f.adrelid = a.attrelid and f.adnum = a.attnum
        and pg_get_expr(f.adbin, f.adrelid) ~ '^nextval[(]''.*''::regclass[)]$')
  end`;

/** The strategies of the index methods. A hash index knows no order. */
const BTREE_EQUAL = 3, BTREE_GREATER = 5, HASH_EQUAL = 1;

/**
 * SQL: the default operator class that compares values of the type `t`, as Postgres looks for it: the
 * type's own, that of its kind (all enums share one), or that of a type with the same form (a varchar
 * is compared as text). A type may have an `=` and no class: two boxes are `=` if their areas are.
 */
const DEFAULT_CLASS = `
  select c.opcfamily, c.opcintype,
    case m.amname when 'btree' then ${BTREE_EQUAL} else ${HASH_EQUAL} end as equal,
    case m.amname when 'btree' then ${BTREE_GREATER} end as greater
  from pg_opclass c
  join pg_am m on m.oid = c.opcmethod and m.amname in ('btree', 'hash')
  join pg_type i on i.oid = c.opcintype
  where c.opcdefault and (c.opcintype = t.oid
    or i.typnamespace = 'pg_catalog'::regnamespace and i.typname = case
      when t.typtype = 'e' then 'anyenum' when t.typtype = 'r' then 'anyrange'
      when t.typtype = 'm' then 'anymultirange' when t.typtype = 'c' then 'record'
      when t.typcategory = 'A' then 'anyarray' end
    or exists (select from pg_cast x where x.castsource = t.oid and x.casttarget = c.opcintype
      and x.castmethod = 'b' and x.castcontext = 'i'))
  order by m.amname, c.opcintype = t.oid desc, i.typispreferred desc limit 1`;

/** SQL: a sequence that the column's default calls, if the role may not use it. */
const CLOSED_SEQUENCE = `
  select format('%I.%I', n.nspname, s.relname)
  from pg_attrdef d
  join pg_depend p on p.classid = 'pg_attrdef'::regclass and p.objid = d.oid
    and p.refclassid = 'pg_class'::regclass
  join pg_class s on s.oid = p.refobjid
  join pg_namespace n on n.oid = s.relnamespace
  where d.adrelid = a.attrelid and d.adnum = a.attnum and case s.relkind when 'S' then
    not has_sequence_privilege(s.oid, 'usage') and not has_sequence_privilege(s.oid, 'update') end
  limit 1`;
