/** Reads the target table from the catalog. */
import type { Session } from "../db/session.ts";
import type { CheckConstraint, ForeignKey, Table, TableColumn, UniqueIndex } from "./table.ts";

/** Rows can't be loaded into the table. The message says why and what to do. */
export class TargetError extends Error {
  override readonly name = "TargetError";
}

interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly row_level_security: boolean;
  readonly has_exclusion: boolean;
  readonly has_before_row_triggers: boolean;
  readonly has_rules: boolean;
}

/** What `pg_class.relkind` means, for the relations that rows can't be loaded into. */
const NOT_A_TABLE: Readonly<Record<string, string>> = {
  v: "a view; name the table behind it",
  m: "a materialized view; name the table behind it",
  f: "a foreign table; import on the server that holds it",
  S: "a sequence",
  i: "an index",
  I: "an index",
  c: "a composite type",
};

/**
 * Finds the table that a definition names: `crm.customers`, or `customers` on the search path.
 * Throws TargetError if it doesn't exist, isn't a table, or belongs to Postgres or to ingest.
 */
export async function introspect(
  session: Session,
  name: string,
  ledgerSchema: string,
): Promise<Table> {
  const relation = await findRelation(session, name, ledgerSchema);
  refuseForeignGround(relation, name, ledgerSchema);
  return {
    oid: relation.oid,
    schema: relation.schema,
    name: relation.name,
    columns: await readColumns(session, relation.oid),
    uniqueIndexes: await readUniqueIndexes(session, relation.oid),
    foreignKeys: await readForeignKeys(session, relation.oid),
    checks: await readChecks(session, relation.oid),
    hasExclusionConstraint: relation.has_exclusion,
    hasBeforeRowTriggers: relation.has_before_row_triggers,
    hasRules: relation.has_rules,
    rowLevelSecurity: relation.row_level_security,
  };
}

async function findRelation(
  session: Session,
  name: string,
  ledgerSchema: string,
): Promise<Relation> {
  const [relation] = await session.query<Relation>(
    `select c.oid::bigint as oid, n.nspname as schema, c.relname as name, c.relkind::text as kind,
       row_security_active(c.oid) as row_level_security, c.relhasrules as has_rules,
       exists (select from pg_constraint x where x.conrelid = c.oid and x.contype = 'x')
         as has_exclusion,
       exists (select from pg_trigger t
         where (t.tgrelid = c.oid or t.tgrelid in (select relid from pg_partition_tree(c.oid)))
         and not t.tgisinternal
         and t.tgenabled <> 'D' and t.tgtype & 1 = 1 and t.tgtype & 2 = 2 and t.tgtype & 20 > 0)
         as has_before_row_triggers
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.oid = to_regclass($1)`,
    [name],
  );
  if (relation) return relation;
  throw new TargetError(
    `There is no table ${name} in this database${await suggestion(session, name, ledgerSchema)}`,
  );
}

async function suggestion(
  session: Session,
  name: string,
  ledgerSchema: string,
): Promise<string> {
  const bare = name.split(".").at(-1)!.replaceAll('"', "");
  const rows = await session.query<{ name: string }>(
    `select case when pg_table_is_visible(c.oid) then quote_ident(c.relname)
         else format('%I.%I', n.nspname, c.relname) end as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%'
       and n.nspname not in ('information_schema', $2)
       and (lower(c.relname) = lower($1) or lower(c.relname) = lower($1) || 's'
         or lower(c.relname) || 's' = lower($1))
     order by 1 limit 1`,
    [bare, ledgerSchema],
  );
  return rows.length > 0 ? `; did you mean ${rows[0].name}?` : ".";
}

function refuseForeignGround(relation: Relation, name: string, ledgerSchema: string): void {
  const { schema, kind } = relation;
  if (schema === ledgerSchema) {
    throw new TargetError(
      `${name} is in the schema ${schema}, which is ingest's own; an import can't write to it. ` +
        `For a table of another schema, write its name with the schema: public.${relation.name}.`,
    );
  }
  if (schema === "information_schema" || schema.startsWith("pg_")) {
    throw new TargetError(`${name} belongs to Postgres itself; an import can't write to it.`);
  }
  if (kind !== "r" && kind !== "p") {
    throw new TargetError(
      `${name} is ${NOT_A_TABLE[kind] ?? "not a table"}. Rows can be loaded only into tables.`,
    );
  }
}

function readColumns(session: Session, oid: number): Promise<TableColumn[]> {
  return session.query<TableColumn>(
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
     )
     select a.attname as name,
       format_type(a.atttypid, a.atttypmod) as type,
       b.typname as "baseType",
       declared.typtype = 'd' as "isDomain",
       a.attnotnull or exists (
         select from base d where d.attnum = a.attnum and d.typtype = 'd' and d.typnotnull
       ) as "notNull",
       a.atthasdef or a.attidentity <> '' or b.domain_default as "hasDefault",
       a.attgenerated <> '' or a.attidentity = 'a' as readonly,
       a.attidentity <> '' as identity,
       case when b.typname in ('varchar', 'bpchar') and b.typmod >= 4 then b.typmod - 4 end
         as "maxLength",
       case when b.typname = 'numeric' and b.typmod >= 4 then ((b.typmod - 4) >> 16) & 65535 end
         as precision,
       case when b.typname = 'numeric' and b.typmod >= 4
         then (((b.typmod - 4) & 2047) # 1024) - 1024 end as scale,
       case when b.typtype = 'e' then array(
         select enumlabel::text from pg_enum where enumtypid = b.oid order by enumsortorder) end
         as "enumLabels",
       coalesce(l.collisdeterministic, true) as deterministic
     from pg_attribute a
     join pg_type declared on declared.oid = a.atttypid
     join base b on b.attnum = a.attnum and b.typtype <> 'd'
     left join pg_collation l on l.oid = a.attcollation
     where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
    [oid],
  );
}

function readUniqueIndexes(session: Session, oid: number): Promise<UniqueIndex[]> {
  // Postgres 15 introduced NULLS NOT DISTINCT. In to_jsonb, older servers simply lack the field.
  return session.query<UniqueIndex>(
    `select c.relname as name, i.indisprimary as primary,
       array(select p.relname::text from pg_partition_tree(c.oid) t join pg_class p on p.oid = t.relid
         where p.oid <> c.oid) as "partitionNames",
       case when i.indexprs is null then array(
         select a.attname::text from unnest(i.indkey::int2[]) with ordinality k (attnum, position)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
         where k.position <= i.indnkeyatts order by k.position) end as columns,
       i.indpred is not null as partial,
       coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) as "nullsNotDistinct",
       not i.indimmediate as deferrable
     from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = $1 and i.indisunique and i.indisvalid
     order by i.indisprimary desc, c.relname`,
    [oid],
  );
}

function readForeignKeys(session: Session, oid: number): Promise<ForeignKey[]> {
  return session.query<ForeignKey>(
    `select f.conname as name,
       array(select a.attname::text from unnest(f.conkey) with ordinality k (attnum, position)
         join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum
         order by k.position) as columns,
       f.confrelid::regclass::text as "referencedTable",
       r.relname as "referencedName",
       array(select a.attname::text from unnest(f.confkey) with ordinality k (attnum, position)
         join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum
         order by k.position) as "referencedColumns",
       f.confrelid = f.conrelid as "toItself",
       not has_schema_privilege(r.relnamespace, 'usage')
         or not has_table_privilege(f.confrelid, 'select')
         or row_security_active(f.confrelid)
         or exists (select from pg_trigger t where t.tgconstraint = f.oid
           and t.tgrelid = f.conrelid and t.tgenabled in ('D', 'R'))
         -- Postgres 18 introduced NOT ENFORCED and PERIOD. Older servers lack the fields.
         or not coalesce((to_jsonb(f) ->> 'conenforced')::boolean, true)
         or coalesce((to_jsonb(f) ->> 'conperiod')::boolean, false) as opaque
     from pg_constraint f join pg_class r on r.oid = f.confrelid
     where f.conrelid = $1 and f.contype = 'f'
       -- A foreign key to a partitioned table has an additional one for each of its partitions.
       and not exists (
         select from pg_constraint p where p.oid = f.conparentid and p.conrelid = f.conrelid)
     order by f.conname`,
    [oid],
  );
}

function readChecks(session: Session, oid: number): Promise<CheckConstraint[]> {
  // Postgres 18 introduced NOT ENFORCED. In to_jsonb, older servers simply lack the field.
  return session.query<CheckConstraint>(
    `select c.conname as name, pg_get_expr(c.conbin, c.conrelid) as expression,
       case when not 0 = any(c.conkey) then array(
         select a.attname::text from unnest(c.conkey) k (attnum)
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum) end as columns
     from pg_constraint c
     where c.conrelid = $1 and c.contype = 'c'
       and coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true)
     order by c.conname collate "C"`,
    [oid],
  );
}
