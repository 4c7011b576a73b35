/** What the catalog says of a table whose rows are taken back. */
import { identifier } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { listCalledFunctions } from "../catalog/called_functions.ts";

export interface UndoRelation {
  readonly oid: number;
  /** SQL, with the schema. */
  readonly name: string;
  /** For messages: without the schema if it is on the search path. */
  readonly shown: string;
  readonly leaves: readonly Leaf[];
  /** Names of triggers that fire when rows are deleted or updated. */
  readonly triggers: readonly string[];
  /** Functions that it calls: see `called_functions.ts`. */
  readonly functions: readonly string[];
  /** Its triggers or functions may write rows of it beside those of a run. */
  readonly hasWriters: boolean;
  /** Policies hide rows from this role. */
  readonly hidesRows: boolean;
  readonly mayDelete: boolean;
  readonly mayUpdate: boolean;
  readonly maySelect: boolean;
  readonly mayInsert: boolean;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly writable: boolean;
    /** Postgres computes it from others. */
    readonly generated: boolean;
  }[];
}

/** The table itself, or one of its partitions: where rows are. */
export interface Leaf {
  readonly oid: number;
  readonly name: string;
  readonly shown: string;
  readonly isForeign: boolean;
  readonly blocks: number;
  readonly filenode: number;
}

/** Null if there is no such table any more. */
export async function readUndoRelation(
  session: Session,
  oid: number,
): Promise<UndoRelation | null> {
  const [found] = await session.query<Omit<UndoRelation, "functions">>(
    `select c.oid::bigint as oid, format('%I.%I', n.nspname, c.relname) as name,
       c.oid::regclass::text as shown,
       row_security_active(c.oid) as "hidesRows",
       has_table_privilege(c.oid, 'delete') as "mayDelete",
       has_any_column_privilege(c.oid, 'update') as "mayUpdate",
       has_table_privilege(c.oid, 'select') as "maySelect",
       has_any_column_privilege(c.oid, 'insert') as "mayInsert",
       array(select t.tgname::text from pg_trigger t
         where t.tgrelid = any(leaves.oids || c.oid) and not t.tgisinternal
           and t.tgenabled in ('O', 'A') and t.tgtype & 24 > 0 and t.tgparentid = 0
         order by t.tgname) as triggers,
       exists (select from pg_trigger t where t.tgrelid = any(leaves.oids || c.oid)
         and not t.tgisinternal and t.tgenabled <> 'D') as "hasWriters",
       (select coalesce(jsonb_agg(jsonb_build_object(
           'oid', l.oid::bigint, 'name', format('%I.%I', ln.nspname, l.relname),
           'shown', l.oid::regclass::text, 'isForeign', l.relkind = 'f',
           'blocks', case when l.relkind = 'f' then 0 else
             pg_relation_size(l.oid) / current_setting('block_size')::int end,
           'filenode', coalesce(pg_relation_filenode(l.oid), 0)::bigint) order by l.oid), '[]')
         from pg_class l join pg_namespace ln on ln.oid = l.relnamespace
         where l.oid = any(leaves.oids)) as leaves,
       (select jsonb_agg(jsonb_build_object('name', a.attname,
           'type', format_type(a.atttypid, a.atttypmod),
           'writable', a.attgenerated = '' and a.attidentity <> 'a',
           'generated', a.attgenerated <> '') order by a.attnum)
         from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
         as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     cross join lateral (
       select case c.relkind when 'p'
         then array(select relid::oid from pg_partition_tree(c.oid) where isleaf)
         else array[c.oid] end as oids
     ) leaves
     where c.oid = $1 and c.relkind in ('r', 'p', 'f')`,
    [oid],
  );
  if (found === undefined) return null;
  const functions = await listCalledFunctions(session, oid);
  return { ...found, functions, hasWriters: found.hasWriters || functions.length > 0 };
}

/** A foreign key that refers to the table. */
export interface Reference {
  readonly constraint: string;
  /** The referring table, or a partition of it. */
  readonly from: number;
  /** SQL: where the rows are that may refer to one of the table's. */
  readonly rows: string;
  readonly shown: string;
  /** What becomes of these if the row is deleted, as `pg_constraint.confdeltype`. */
  readonly action: "a" | "r" | "c" | "n" | "d";
  readonly columns: readonly {
    readonly own: string;
    readonly other: string;
    readonly equal: string;
  }[];
  readonly toItself: boolean;
  /** We see all of its rows. */
  readonly isReadable: boolean;
  /** Policies hide some. */
  readonly isPolicy: boolean;
}

/** Are referring rows deleted or changed with the row? (Otherwise, Postgres refuses to delete it.) */
export function followsDelete({ action }: Reference): boolean {
  return action !== "a" && action !== "r";
}

/** Those that refer to the table, to one that it is a partition of, or to one of its own partitions. */
export async function listReferences(session: Session, oid: number): Promise<Reference[]> {
  return await session.query<Reference>(
    `with above as (
       select relid::oid as oid from pg_partition_ancestors($1::oid::regclass)
       union select relid::oid from pg_partition_tree($1::oid::regclass)
       union select $1::oid
     ), root as (select coalesce(pg_partition_root($1::oid::regclass), $1::oid)::oid as oid)
     select k.conname as constraint, c.oid::bigint as "from", c.oid::regclass::text as shown, k.confdeltype::text as action,
       case c.relkind when 'p' then '' else 'only ' end || format('%I.%I', n.nspname, c.relname)
         as rows,
       coalesce(pg_partition_root(c.oid), c.oid)::oid = (select oid from root) as "toItself",
       has_table_privilege(c.oid, 'select') and not row_security_active(c.oid) as "isReadable",
       row_security_active(c.oid) as "isPolicy",
       (select jsonb_agg(jsonb_build_object('own', own.attname, 'other', other.attname,
           'equal', format('operator(%I.%s)', opn.nspname, op.oprname)) order by i)
         from unnest(k.confkey, k.conkey, k.conpfeqop) with ordinality
           as pair (own_number, other_number, operator, i)
         join pg_attribute own on own.attrelid = k.confrelid and own.attnum = own_number
         join pg_attribute other on other.attrelid = k.conrelid and other.attnum = other_number
         join pg_operator op on op.oid = operator
         join pg_namespace opn on opn.oid = op.oprnamespace) as columns
     from pg_constraint k join pg_class c on c.oid = k.conrelid
     join pg_namespace n on n.oid = c.relnamespace
     where k.contype = 'f' and k.confrelid in (select oid from above) and (k.conparentid = 0
       or not exists (select from pg_constraint p
         where p.oid = k.conparentid and p.confrelid in (select oid from above)))
     order by k.conname, c.oid`,
    [oid],
  );
}

/** SQL: does `r`, a row of the referring table, refer to `t`? */
export function refers({ columns }: Reference, t = "t", r = "r"): string {
  return columns.map(({ own, other, equal }) =>
    `${t}.${identifier(own)} ${equal} ${r}.${identifier(other)}`
  ).join(" and ");
}

/** SQL: all of its rows: those of its partitions, but not those of tables that inherit from it. */
export function rowsOf({ oid, name, leaves }: UndoRelation): string {
  return leaves.some((leaf) => leaf.oid === oid) ? `only ${name}` : name;
}
