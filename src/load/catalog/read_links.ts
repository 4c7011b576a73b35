/** Reads the pivot tables of a definition. */
import { tryStatements } from "./try_statements.ts";
import type { Session } from "../../db/session.ts";
import type { ManyRule } from "../../importer/definition.ts";
import type { LinkPlan } from "../related/link_plan.ts";
import { linkStatements } from "../related/link_statements.ts";
import { introspect, TargetError } from "./introspect.ts";
import type { FoundLookup, LookupRefusal } from "./lookup_table.ts";
import { readLookup, readMatched } from "./read_lookups.ts";
import type { FoundLinks, LinkTable, Table } from "./table.ts";

/** In the order of `many`. Runs in a transaction. */
export async function readLinks(
  session: Session,
  target: Table,
  many: readonly ManyRule[],
  ledgerSchema: string,
): Promise<readonly FoundLinks[]> {
  const found: FoundLinks[] = [];
  for (const rule of many) found.push(await readLink(session, target, rule, ledgerSchema));
  return found;
}

async function readLink(
  session: Session,
  target: Table,
  { pivot, item, sync }: ManyRule,
  ledgerSchema: string,
): Promise<FoundLinks> {
  const table = await readRelated(session, pivot.table, ledgerSchema);
  if ("missing" in table) return table;
  const values = Object.entries(pivot.values);
  const names = [pivot.local, pivot.foreign, ...values.map(([name]) => name)];
  const [local, foreign, ...others] = await readMatched(session, table, table.columns, names);
  const referred = referredColumn(table, pivot.local, target);
  const [parent] = referred === null
    ? [null]
    : await readMatched(session, target, target.columns, [referred]);
  const link: LinkTable = {
    table,
    isTarget: table.oid === target.oid,
    ...{ local, foreign, parent },
    values: values.map(([name, value], index) => ({ name, column: others[index], value })),
    lookup: await readItemLookup(session, target, table, pivot.foreign, item, ledgerSchema),
    refusal: null,
  };
  return { ...link, refusal: await explain(session, link, sync === "replace") };
}

/** A table that gets rows which belong to the imported ones. */
export async function readRelated(
  session: Session,
  name: string,
  ledgerSchema: string,
): Promise<Table | { readonly missing: string }> {
  try {
    return await session.savepoint(LOOKING, () => introspect(session, name, ledgerSchema));
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { missing: error.message };
  }
}

const LOOKING = "ingest_related";

/** The column that a foreign key on this one refers to, else the primary key of the target. */
export function referredColumn(table: Table, column: string, target: Table): string | null {
  const key = table.foreignKeys.find(({ columns, referencedName }) =>
    columns.length === 1 && columns[0] === column && referencedName === target.name
  );
  if (key !== undefined) return key.referencedColumns[0];
  const primary = target.uniqueIndexes.find((index) => index.primary)?.columns ?? [];
  return primary.length === 1 ? primary[0] : null;
}

async function readItemLookup(
  session: Session,
  target: Table,
  table: Table,
  filled: string,
  { lookup = null }: ManyRule["item"],
  ledgerSchema: string,
): Promise<FoundLookup | null> {
  if (lookup === null) return null;
  const found = await readLookup(session, table, filled, lookup, ledgerSchema);
  return "missing" in found ? found : { ...found, isTarget: found.oid === target.oid };
}

/** Shows Postgres the statements, with no values. */
async function explain(
  session: Session,
  { local, foreign, parent, values, table }: LinkTable,
  replaces: boolean,
): Promise<LookupRefusal | null> {
  if (local === null || foreign === null || parent === null) return null;
  const columns = values.flatMap(({ column, value }) => column === null ? [] : [{ column, value }]);
  if (columns.length < values.length) return null;
  const plan: LinkPlan = {
    ...{ kind: "links", label: "", table, parent, local, foreign, replaces },
    values: columns,
  };
  const { insert, remove } = linkStatements(
    plan,
    "select null::int as position, null::json as list",
  );
  return await tryStatements(session, [insert, ...remove === null ? [] : [remove]], 2);
}
