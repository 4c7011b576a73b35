/** Reads the target table from the catalog. */
import { PostgresError } from "../../db/connection_errors.ts";
import type { Session } from "../../db/session.ts";
import { anyFunctions, listCalledFunctions } from "./called_functions.ts";
import { readColumns } from "./read_columns.ts";
import { readChecks, readForeignKeys, readUniqueIndexes } from "./read_constraints.ts";
import { TEMPORARY } from "../stage/stage_table.ts";
import { suggestion } from "./suggest_table.ts";
import type { Table } from "./table.ts";

/** Rows can't be loaded into the table. The message says why and what to do. */
export class TargetError extends Error {
  override readonly name = "TargetError";

  /** @param publicMessage The same for clients of the API, without SQL. */
  constructor(message: string, readonly publicMessage: string = message) {
    super(message);
  }
}

interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly row_level_security: boolean;
  readonly has_exclusion: boolean;
  readonly has_before_insert_triggers: boolean;
  readonly has_before_update_triggers: boolean;
  readonly triggers_change_rows: boolean;
  readonly has_triggers: boolean;
  readonly any_functions: boolean;
  readonly has_rules: boolean;
  readonly has_insert_rules: boolean;
  readonly has_update_rules: boolean;
  readonly may_read_rows: boolean;
  readonly foreign_partition: string | null;
  readonly role: string;
  readonly database: string;
  readonly stage_schema: string | null;
  readonly may_create: boolean;
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
    partitioned: relation.kind === "p",
    foreignPartition: relation.foreign_partition,
    columns: await readColumns(session, relation.oid),
    uniqueIndexes: await readUniqueIndexes(session, relation.oid),
    foreignKeys: await readForeignKeys(session, relation.oid),
    checks: await readChecks(session, relation.oid),
    hasExclusionConstraint: relation.has_exclusion,
    hasBeforeInsertTriggers: relation.has_before_insert_triggers,
    hasBeforeUpdateTriggers: relation.has_before_update_triggers,
    triggersChangeRows: relation.triggers_change_rows,
    mayWriteMore: relation.has_triggers || relation.any_functions &&
        (await listCalledFunctions(session, relation.oid)).length > 0,
    hasRules: relation.has_rules,
    hasInsertRules: relation.has_insert_rules,
    hasUpdateRules: relation.has_update_rules,
    rowLevelSecurity: relation.row_level_security,
    mayReadRows: relation.may_read_rows,
    role: relation.role,
    database: relation.database,
    stageSchema: relation.stage_schema,
    stagesByFunction: relation.stage_schema !== null && !relation.may_create,
  };
}

/** Parts of a trigger's function, as patterns of Postgres: comments, and what TG_OP is compared with … */
const NO_STATEMENTS = "'(insert|update|delete|truncate)'|--.*";
/** … and statements that find the rows that were there before. */
const CHANGES_ROWS = String.raw`\m(update|delete\s+from|on\s+conflict|merge\s+into)\M`;

async function findRelation(
  session: Session,
  name: string,
  ledgerSchema: string,
): Promise<Relation> {
  const [relation] = await closedSchemaIsNamed(
    name,
    session.query<Relation>(
      `select c.oid::bigint as oid, n.nspname as schema, c.relname as name, c.relkind::text as kind,
       row_security_active(c.oid) as row_level_security, c.relhasrules as has_rules,
       exists (select from pg_rewrite w where w.ev_class = c.oid and w.ev_type = '3'
         and w.ev_enabled in ('O', 'A')) as has_insert_rules,
       exists (select from pg_rewrite w where w.ev_class = c.oid and w.ev_type = '2'
         and w.ev_enabled in ('O', 'A')) as has_update_rules,
       has_table_privilege(c.oid, 'select') as may_read_rows,
       (select f.relname from pg_partition_tree(case c.relkind when 'p' then c.oid end) p
        join pg_class f on f.oid = p.relid where f.relkind = 'f' limit 1) as foreign_partition, current_user as role, current_database() as database,
       case when own.temporary then '${TEMPORARY}'
         when own.created or has_function_privilege(own.function, 'execute') then $2 end
         as stage_schema,
       own.temporary or own.created as may_create,
       exists (select from pg_index i where i.indrelid = c.oid and i.indisexclusion)
         as has_exclusion,
       before_row.any_trigger or exists (select from pg_constraint f
         where f.confrelid = c.oid and f.contype = 'f' and f.confupdtype in ('c', 'n', 'd'))
         as has_triggers,
       ${anyFunctions("ledger.oid")} as any_functions,
       before_row.events & 4 > 0 as has_before_insert_triggers,
       -- Moving a row to another partition deletes it here and inserts it there.
       before_row.events & (case c.relkind when 'p' then 28 else 16 end) > 0
         as has_before_update_triggers,
       before_row.events & 4 > 0 and exists (
         select from pg_trigger t join pg_proc f on f.oid = t.tgfoid
         where (t.tgrelid = c.oid or t.tgrelid in (select relid from pg_partition_tree(c.oid)))
           and not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 7 = 7
           and regexp_replace(f.prosrc, $3, '', 'gin') ~* $4) as triggers_change_rows
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     cross join lateral (
       -- tgtype's bits: 1 ROW, 2 BEFORE, 4 INSERT, 8 DELETE, 16 UPDATE.
       select coalesce(bit_or(t.tgtype) filter (where t.tgtype & 3 = 3), 0::int2) as events,
         count(*) > 0 as any_trigger from pg_trigger t
       where (t.tgrelid = c.oid or t.tgrelid in (select relid from pg_partition_tree(c.oid)))
         and not t.tgisinternal and t.tgenabled <> 'D') before_row
     cross join lateral (select to_regnamespace(quote_ident($2))::oid as oid offset 0) ledger
     cross join lateral (
       select has_database_privilege(current_database(), 'temporary') as temporary,
         coalesce(has_schema_privilege(ledger.oid, 'create'), false) as created,
         -- Who may not use the schema may not ask for its functions.
         case when has_schema_privilege(ledger.oid, 'usage') then
           to_regprocedure(format('%I.create_stage(text, oid, text[], text[])', $2)) end as function
       offset 0) own
     where c.oid = to_regclass($1)`,
      [name, ledgerSchema, NO_STATEMENTS, CHANGES_ROWS],
    ),
  );
  if (relation) return relation;
  throw new TargetError(
    `There is no table ${name} in this database${await suggestion(session, name, ledgerSchema)}`,
  );
}

/**
 * Postgres refuses to look up a name in a schema that the role may not use. `found`: a statement that
 * looks the table's name up. Throws TargetError.
 */
export async function closedSchemaIsNamed<T>(name: string, found: Promise<T>): Promise<T> {
  try {
    return await found;
  } catch (error) {
    if (!(error instanceof PostgresError) || error.code !== "42501") throw error;
    throw new TargetError(
      `The role may not use the schema of ${name} (${error.message}); grant usage on it.`,
    );
  }
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
