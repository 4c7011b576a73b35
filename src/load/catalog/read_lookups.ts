/** Reads the tables in which a definition looks values up. */
import { tryStatements } from "./try_statements.ts";
import { qualified } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { matchQuery } from "../lookup/match_query.ts";
import { closedSchemaIsNamed, TargetError } from "./introspect.ts";
import { suggestion } from "./suggest_table.ts";
import type {
  AskedLookup,
  FoundLookup,
  LookupRefusal,
  LookupTable,
  MatchedColumn,
} from "./lookup_table.ts";
import { readColumns } from "./read_columns.ts";
import { readUniqueIndexes } from "./read_constraints.ts";
import type { Table, TableColumn, UniqueIndex } from "./table.ts";

/** By target column: the tables that were found. Runs in a transaction. */
export async function readLookups(
  session: Session,
  target: Table,
  asked: Readonly<Record<string, AskedLookup>>,
  ledgerSchema: string,
): Promise<Readonly<Record<string, FoundLookup>>> {
  const found: Record<string, FoundLookup> = {};
  for (const [column, lookup] of Object.entries(asked)) {
    found[column] = await readLookup(session, target, column, lookup, ledgerSchema);
  }
  return found;
}

interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly rows: number;
}

/** What rows can be read from: tables, views, materialized views, foreign tables. */
const READABLE = "rpvmf";

export async function readLookup(
  session: Session,
  target: Table,
  filled: string,
  asked: AskedLookup,
  ledgerSchema: string,
): Promise<FoundLookup> {
  const relation = await findRelation(session, asked.table);
  if (typeof relation === "string") return { missing: relation };
  if (relation === null) {
    const hint = await suggestion(session, asked.table, ledgerSchema);
    return { missing: `there is no table ${asked.table} in this database${hint}` };
  }
  if (relation.schema === ledgerSchema) {
    return { missing: `${asked.table} is one of ingest's own tables; nothing is looked up there` };
  }
  if (!READABLE.includes(relation.kind)) {
    return { missing: `${asked.table} is not a table` };
  }
  const columns = await readColumns(session, relation.oid);
  const unique = await readUniqueIndexes(session, relation.oid);
  const primaryKey = unique.find(({ primary }) => primary)?.columns ?? [];
  const returnsName = asked.returns ?? (primaryKey.length === 1 ? primaryKey[0] : null);
  const returns = columns.find(({ name }) => name === returnsName) ?? null;
  const match = await readMatched(session, relation, columns, asked.match);
  const table = {
    oid: relation.oid,
    schema: relation.schema,
    name: relation.name,
    columns: columns.map(({ name }) => name),
    match,
    returns,
    returnsFits: returns === null ||
      await canAssign(session, relation.oid, returns.name, target.oid, filled),
    primaryKey,
    indexed: "rpm".includes(relation.kind)
      ? await isIndexed(session, relation, match, asked.where !== null)
      : null,
    unique: unique.some((index) => isUniqueOn(index, asked.match)),
    rows: relation.rows,
    isTarget: relation.oid === target.oid,
    needed: columns.filter((column) => isNeeded(column) && !asked.match.includes(column.name))
      .map(({ name }) => name),
    closed: whyClosed(relation, match),
    refusal: null,
  };
  return { ...table, refusal: await explain(session, table, asked.where) };
}

/** A text says why the role may not look. */
async function findRelation(session: Session, name: string): Promise<Relation | null | string> {
  const looking = session.query<Relation>(
    `select c.oid::bigint as oid, n.nspname as schema, c.relname as name, c.relkind::text as kind,
       c.reltuples::float8 as rows
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)`,
    [name],
  );
  try {
    return (await session.savepoint(LOOKING, () => closedSchemaIsNamed(name, looking))).at(0) ??
      null;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return error.message;
  }
}

const LOOKING = "ingest_look_up";

/** In the order of the names; null for one that isn't there. */
export async function readMatched(
  session: Session,
  { oid }: Pick<Relation, "oid">,
  columns: readonly TableColumn[],
  names: readonly string[],
): Promise<(MatchedColumn | null)[]> {
  const types = await session.query<Omit<MatchedColumn, "column"> & { readonly name: string }>(
    `with recursive base as (
       select a.attname as name, a.attcollation as collation, t.oid, t.typtype, t.typbasetype
       from pg_attribute a join pg_type t on t.oid = a.atttypid
       where a.attrelid = $1 and a.attname = any($2::name[]) and not a.attisdropped
       union all
       select b.name, b.collation, t.oid, t.typtype, t.typbasetype
       from base b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd')
     select b.name, format('%I.%I', n.nspname, t.typname) as type,
       t.typcategory = 'A' as "isArray",
       coalesce((select format(' collate %I.%I', m.nspname, c.collname)
         from pg_collation c join pg_namespace m on m.oid = c.collnamespace
         where c.oid = b.collation), '') as collate
     from base b join pg_type t on t.oid = b.oid join pg_namespace n on n.oid = t.typnamespace
     where b.typtype <> 'd'`,
    [oid, names],
  );
  return names.map((name) => {
    const column = columns.find((each) => each.name === name);
    const known = types.find((each) => each.name === name);
    return column === undefined || known === undefined
      ? null
      : { column, type: known.type, isArray: known.isArray, collate: known.collate };
  });
}

/** Would Postgres convert the one column's values for the other by itself? */
async function canAssign(
  session: Session,
  from: number,
  column: string,
  to: number,
  filled: string,
): Promise<boolean> {
  const [row] = await session.query<{ fits: boolean }>(
    `with recursive base as (
       select a.attrelid, t.oid, t.typtype, t.typbasetype, t.typcategory
       from pg_attribute a join pg_type t on t.oid = a.atttypid
       where (a.attrelid, a.attname) in (($1::oid, $2::name), ($3::oid, $4::name))
         and not a.attisdropped
       union all
       select b.attrelid, t.oid, t.typtype, t.typbasetype, t.typcategory
       from base b join pg_type t on t.oid = b.typbasetype where b.typtype = 'd')
     select coalesce(bool_or(s.oid = d.oid or d.typcategory = 'S' or exists (
       select from pg_cast c where c.castsource = s.oid and c.casttarget = d.oid
         and c.castcontext in ('i', 'a'))), true) as fits
     from base s, base d
     where s.typtype <> 'd' and d.typtype <> 'd' and s.attrelid = $1 and d.attrelid = $3`,
    [from, column, to, filled],
  );
  return row.fits;
}

/**
 * Does an index begin with one of the compared columns? A partial one may serve a look-up with a
 * condition.
 */
async function isIndexed(
  session: Session,
  { oid }: Relation,
  match: readonly (MatchedColumn | null)[],
  hasCondition: boolean,
): Promise<boolean> {
  const [row] = await session.query<{ found: boolean }>(
    `select exists (
       select from pg_index i join pg_class c on c.oid = i.indexrelid
       join pg_am m on m.oid = c.relam and m.amname in ('btree', 'hash')
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
       where i.indrelid = $1 and i.indisvalid and (i.indpred is null or $3)
         and a.attname = any($2::name[]) and i.indcollation[0] in (0, a.attcollation)) as found`,
    [oid, match.flatMap((each) => each === null ? [] : [each.column.name]), hasCondition],
  );
  return row.found;
}

function isUniqueOn(index: UniqueIndex, names: readonly string[]): boolean {
  const { columns, partial, deferrable } = index;
  return columns !== null && !partial && !deferrable && columns.length === names.length &&
    columns.every((name) => names.includes(name));
}

function isNeeded({ notNull, hasDefault, readonly }: TableColumn): boolean {
  return notNull && !hasDefault && !readonly;
}

function whyClosed(
  { kind, name }: Relation,
  match: readonly (MatchedColumn | null)[],
): string | null {
  if (kind !== "r" && kind !== "p") return `${name} is not a table`;
  for (const each of match) {
    if (each === null) continue;
    const { column } = each;
    if (column.readonly || column.identity === "always") {
      return `Postgres fills ${column.name} itself`;
    }
    if (column.mayInsert === false) return `the role may not insert into ${name}`;
  }
  return null;
}

/** Shows Postgres the query, with no values. */
async function explain(
  session: Session,
  { match, returns, ...table }: LookupTable,
  where: string | null,
): Promise<LookupRefusal | null> {
  const compared = match.filter((each) => each !== null);
  const isWhole = compared.length === match.length && returns !== null &&
    compared.every(({ column }) => typeof column.equal === "string");
  if (!isWhole) return null;
  const queries = [matchQuery({ ...table, match: compared, returns, where })];
  if (where !== null) {
    // Without the parentheses around it, which a condition might close: `a) or (b`.
    const parameters = compared.map((_, index) => `$${index + 1}::text[]`);
    queries.push(`select ${parameters.join(", ")} from ${qualified(table)} where ${where}`);
  }
  return await tryStatements(session, queries, compared.length);
}
