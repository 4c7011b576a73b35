/** Reads a run's tables from the catalog, with their fingerprint, within a time limit. */
import type { Session } from "../db/session.ts";
import type { UserSettings } from "../db/session_settings.ts";
import { withCutNames } from "../importer/against_table/cut_name.ts";
import type { Definition } from "../importer/definition.ts";
import { routeDefinitions, tableNames } from "../importer/routes/routes.ts";
import { isLockTimeout, TABLE_PATIENCE, TableLocked } from "../db/table_locked.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { fingerprint } from "../ledger/table_fingerprint.ts";
import { closedSchemaIsNamed, introspect, TargetError } from "../load/catalog/introspect.ts";
import { readChildren } from "../load/catalog/read_children.ts";
import { readLinks } from "../load/catalog/read_links.ts";
import { readAbsent } from "../load/catalog/read_absent.ts";
import { readLookups } from "../load/catalog/read_lookups.ts";
import type { Table } from "../load/catalog/table.ts";

/**
 * Finds the table on the search path of whoever created the run. `patience`: milliseconds; 0: no
 * limit. Throws TargetError and TableLocked.
 */
export async function readTable(
  session: Session,
  { definition, settings }: Pick<Run, "definition" | "settings">,
  ledgerSchema: string,
  patience = TABLE_PATIENCE,
): Promise<Table> {
  const names = tableNames(definition);
  const name = definition.table;
  // Before all the rest: if a table changes in between, the first batch notices.
  const first = `select ${fingerprint(new Ledger(session, ledgerSchema), names)} as fingerprint`;
  const reading = patiently<Table, { fingerprint: string | null }>(
    session,
    settings,
    name,
    patience,
    async ([now]) => ({
      ...await introspectFor(session, definition, ledgerSchema),
      ...now,
    }),
    first,
  );
  return await closedSchemaIsNamed(name, reading);
}

/** The same without ingest's own tables, which may not be there yet. */
export async function lookAtTables(
  session: Session,
  settings: UserSettings,
  definition: Definition,
  ledgerSchema: string,
  patience = TABLE_PATIENCE,
): Promise<Table> {
  const read = () => introspectFor(session, definition, ledgerSchema);
  return await patiently(session, settings, definition.table, patience, read);
}

/** A table that rows could be loaded into. */
export async function lookAtTable(
  session: Session,
  settings: UserSettings,
  name: string,
  ledgerSchema: string,
  patience = TABLE_PATIENCE,
): Promise<Table> {
  const read = () => introspect(session, name, ledgerSchema);
  return await patiently(session, settings, name, patience, read);
}

/** Of a definition with several tables: the first one, with all of them. */
async function introspectFor(
  session: Session,
  definition: Definition,
  ledgerSchema: string,
): Promise<Table> {
  if (definition.tables === undefined) {
    return await introspectOne(session, definition, ledgerSchema);
  }
  const found: Table[] = [];
  for (const route of routeDefinitions(definition)) {
    found.push(await introspectOne(session, route, ledgerSchema));
  }
  refuseSame(found);
  const routes = toEachOther(found);
  return { ...routes[0], routes };
}

/** They may be named in different ways. Throws TargetError. */
function refuseSame(tables: readonly Table[]): void {
  const same = tables.find(({ oid }, index) =>
    tables.findIndex((other) => other.oid === oid) < index
  );
  if (same === undefined) return;
  throw new TargetError(`${same.schema}.${same.name} is in \`tables\` twice.`);
}

/** What a row refers to in another table of its run may still come, as in its own. */
function toEachOther(tables: readonly Table[]): readonly Table[] {
  const own = new Set(tables.map(({ oid }) => oid));
  return tables.map((table) => ({
    ...table,
    foreignKeys: table.foreignKeys.map((key) => ({
      ...key,
      toItself: key.toItself || own.has(key.referencedOid ?? table.oid),
    })),
    ...table.lookups && {
      lookups: Object.fromEntries(
        Object.entries(table.lookups).map(([target, lookup]) => [
          target,
          "missing" in lookup ? lookup : { ...lookup, isTarget: own.has(lookup.oid) },
        ]),
      ),
    },
  }));
}

/** The table, those in which the definition looks values up, and those of its relations. */
async function introspectOne(
  session: Session,
  definition: Definition,
  ledgerSchema: string,
): Promise<Table> {
  const table = await introspect(session, definition.table, ledgerSchema);
  const { columns } = withCutNames(definition, table);
  const asked = Object.entries(columns ?? {}).flatMap(([target, { lookup = null }]) =>
    lookup === null ? [] : [[target, lookup] as const]
  );
  const { many = [], nested = [], on_absent: rule } = definition;
  const absent = rule === undefined ? {} : { absent: await readAbsent(session, table, rule) };
  if (asked.length + many.length + nested.length === 0) return { ...table, ...absent };
  const lookups = await readLookups(session, table, Object.fromEntries(asked), ledgerSchema);
  const related = await readLinks(session, table, many, ledgerSchema);
  const children = await readChildren(session, table, nested, ledgerSchema);
  return { ...table, ...absent, lookups, related, children };
}

/**
 * Postgres waits for whoever has locked the table before it tells what its expressions are. `first`:
 * SQL that is sent together with the time limit; `work` gets its rows.
 */
async function patiently<T, Row extends object = never>(
  session: Session,
  settings: UserSettings | null,
  table: string,
  patience: number,
  work: (rows: readonly Row[]) => Promise<T>,
  first = "",
): Promise<T> {
  const begin = `set local lock_timeout = ${patience}; ${first}`;
  try {
    return session.transactionState === "open"
      ? await work(await session.query<Row>(begin))
      : await session.transaction(work, settings, begin);
  } catch (error) {
    throw isLockTimeout(error) ? new TableLocked(`The table ${table}`, { cause: error }) : error;
  }
}
