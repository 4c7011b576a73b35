/**
 * Whether rows that share a key may be folded (`fold_rows.ts`): what lies between a row's first state and
 * its last is then judged by us, and never written. So all must be known that could refuse it, and
 * nothing may notice that it is missing.
 */
import type { Session } from "../../db/session.ts";
import type { CheckConstraint, ForeignKey, Table, UniqueIndex } from "../catalog/table.ts";
import { keyComparison } from "../comparison.ts";
import { keyIsUnique, type LoadPlan, writtenColumns } from "../load_plan.ts";
import { rulesAreKnown } from "../rules.ts";
import { stageOf } from "../stage/stage_table.ts";
import { updatedColumns, writesExisting } from "./merge_conditions.ts";

export function canFold(plan: LoadPlan): boolean {
  return plan.onDuplicate === "update" && writesExisting(plan) !== null && replacesAll(plan) &&
    isKnown(plan.table) && rulesAreKnown(plan) && keyIsClear(plan) &&
    plan.table.uniqueIndexes.every(isPlain) &&
    plan.table.checks.every((check) => isJudged(plan, check)) &&
    plan.table.foreignKeys.every((key) => isFollowed(plan, key));
}

/** An update writes the row's own values, whatever was there, and nothing else. */
function replacesAll(plan: LoadPlan): boolean {
  return plan.compare === null && plan.kept.length === 0 && plan.onlyCompared.length === 0 &&
    plan.keyPredicate === null && plan.related === undefined && plan.checksAtEnd !== true;
}

/** Rows may not become too large for a page by columns that the file doesn't fill. */
const MOST_COLUMNS = 200;

/** No code of the table runs when a row is written, not even that of a generated column. */
function isKnown(table: Table): boolean {
  return table.mayWriteMore === false && !table.hasRules && !table.rowLevelSecurity &&
    !table.partitioned && !table.hasExclusionConstraint && table.stagesByFunction !== true &&
    table.columns.length <= MOST_COLUMNS && table.columns.every(({ readonly }) => !readonly);
}

/** Rows with a key have one row of the table at most, and GROUP BY finds the same rows as its index. */
function keyIsClear(plan: LoadPlan): boolean {
  return keyIsUnique(plan) && plan.key.every((name) => {
    const column = plan.table.columns.find((each) => each.name === name);
    return column?.notNull === true && column.equal !== undefined &&
      column.equal === keyComparison(plan, name).equal;
  });
}

/** What it makes unique is known by its columns. */
function isPlain(index: UniqueIndex): boolean {
  return index.columns !== null && !index.partial && !index.deferrable;
}

/**
 * The columns of unique indexes that updates write. Rows are folded only if they leave their values as
 * they are, so that none takes another row's value, or frees one.
 */
export function fixedColumns(plan: LoadPlan): readonly string[] {
  const unique = new Set(plan.table.uniqueIndexes.flatMap(({ columns }) => columns ?? []));
  return updatedColumns(plan).filter((name) => unique.has(name));
}

/** A rule says of each staged row whether it is satisfied (`rules.ts`). */
function isJudged(plan: LoadPlan, { columns }: CheckConstraint): boolean {
  const written = writtenColumns(plan);
  return columns !== null && columns.every((name) => written.includes(name));
}

/** The same. MATCH FULL refuses a value beside a NULL. */
function isFollowed(plan: LoadPlan, { columns, toItself, opaque }: ForeignKey): boolean {
  const written = columns.filter((name) => writtenColumns(plan).includes(name));
  if (written.length === 0) return true;
  const hasNoNull = (name: string) =>
    plan.table.columns.some((column) => column.name === name && column.notNull);
  return !toItself && !opaque && written.length === columns.length &&
    (columns.length === 1 || columns.every(hasNoNull));
}

/** In bytes, unpacked: what is longer may be too long for an index, or for a page. */
const LONGEST_ROW = 2000;

/** What the catalog doesn't tell in advance. Indexes come and go without changing what a table is like. */
export async function mayFoldNow(session: Session, plan: LoadPlan): Promise<boolean> {
  const { table } = stageOf(plan);
  const [{ may }] = await session.query<{ may: boolean }>(
    `select not c.relispartition and not exists (
         -- Expressions may fail, and so may what we don't know.
         select from pg_index i join pg_class x on x.oid = i.indexrelid
         join pg_am a on a.oid = x.relam
         where i.indrelid = c.oid and (i.indexprs is not null or i.indpred is not null
           or a.amname not in ('btree', 'hash', 'gin', 'gist', 'spgist', 'brin')))
       and current_setting('session_replication_role') <> 'replica'
       and not exists (select from ${table} s where pg_column_size(s.*) > ${LONGEST_ROW}) as may
     from pg_class c where c.oid = ${plan.table.oid}`,
  );
  return may;
}
