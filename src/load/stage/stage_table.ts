/** The names of the staging table and its columns, and where it is. */
import { identifier } from "../../db/quoting.ts";
import { unreadableKey } from "../readable.ts";
import { canCopyAlways, type LoadPlan } from "../load_plan.ts";
import type { Table } from "../catalog/table.ts";

export interface Stage {
  /** SQL: its name with its schema. */
  readonly table: string;
  /** SQL: its schema. */
  readonly schema: string;
  /** Its name as Postgres's errors mention it. */
  readonly name: string;
  /**
   * A temporary table is dropped at the end of the batch's transaction, because PgBouncer passes
   * sessions on to other clients. Any other one we drop.
   */
  readonly temporary: boolean;
  /** SQL: the column of a row's position in the stage, by level, then in file order. */
  readonly position: string;
  /** SQL: the column of the value that `compare` names, if it is not one of the written columns. */
  readonly compare: string;
  /** The names of the columns with what belongs to a row: see `LoadPlan.related`. */
  readonly related: readonly string[];
  /** SQL: a name for the number of the rule that a row breaks. */
  readonly rule: string;
  /** SQL: a name for whether somebody else's row with the same key has appeared meanwhile. */
  readonly appeared: string;
}

const NAME = "ingest stage";
const POSITION = "ingest position";
const COMPARE = "ingest compare";
/** The schema of temporary tables, whatever it is really called. */
export const TEMPORARY = "pg_temp";

/** The plan's stage. Its columns have the table's names, so its own ones must have others. */
export function stageOf(
  { table, stageName = NAME, stageLabel = NAME, related = [] }: LoadPlan,
): Stage {
  const where = table.stageSchema ?? TEMPORARY;
  const temporary = where === TEMPORARY;
  const schema = temporary ? where : identifier(where);
  const name = temporary ? stageLabel : stageName;
  const taken = new Set(table.columns.map((column) => column.name));
  return {
    table: `${schema}.${identifier(name)}`,
    schema,
    name,
    temporary,
    position: unused(POSITION, taken),
    compare: unused(COMPARE, taken),
    related: related.map((_, index) => unusedName(`ingest related ${index}`, taken)),
    rule: unused("ingest rule", taken),
    appeared: unused("ingest appeared", taken),
  };
}

/** SQL: a column of the staged row `s`, which has the name of a column of the table. */
export type StagedColumn = (name: string) => string;

export const byName: StagedColumn = (name) => `s.${identifier(name)}`;

/**
 * For statements that read the stage beside the table, where the key has a condition that names the
 * table's columns without saying which table it means. `names`: what follows the stage's alias `s`.
 */
export function renamedStage(
  plan: LoadPlan,
): { readonly names: string; readonly column: StagedColumn } {
  if (plan.keyPredicate === null) return { names: "", column: byName };
  const { position, compare } = stageOf(plan);
  const taken = new Set(plan.table.columns.map((column) => column.name));
  const renamed = new Map(
    plan.columns.map((name, index) => [name, unused(`ingest column ${index}`, taken)]),
  );
  const all = [position, ...renamed.values(), ...(plan.compare?.extra ? [compare] : [])];
  return {
    names: ` (${all.join(", ")})`,
    column: (name) => `s.${renamed.get(name) ?? identifier(name)}`,
  };
}

function unused(wanted: string, taken: ReadonlySet<string>): string {
  return identifier(unusedName(wanted, taken));
}

function unusedName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted} ${number}`;
  return name;
}

/** The stage's columns, and the table's column whose type each has; null: a number. */
export function stageColumns(
  { table, columns, compare }: LoadPlan,
): readonly { readonly name: string; readonly source: string | null }[] {
  const taken = new Set(table.columns.map((column) => column.name));
  return [
    { name: unusedName(POSITION, taken), source: null },
    ...columns.map((name) => ({ name, source: name })),
    ...(compare?.extra ? [{ name: unusedName(COMPARE, taken), source: compare.target }] : []),
  ];
}

/** A name for a stage that isn't temporary: other sessions may have theirs at the same time. */
export function newStageName(): string {
  return `${NAME} ${crypto.randomUUID().slice(0, 8)}`;
}

/** Finds the stage's name in the context of an error. */
export function namedStage(where: string | undefined): string {
  return where?.match(STAGE_IN_CONTEXT)?.[1] ?? NAME;
}

const STAGE_IN_CONTEXT = new RegExp(`^(?:COPY )?(${NAME} [0-9a-f]{8})\\b`, "m");

/** What Postgres allows a table. */
const MOST_COLUMNS = 1600;

/**
 * Whether the stage can be created: where the role may create tables, and if it isn't too wide. The
 * function that may create it is used only where COPY alone would give other outcomes.
 */
export function canCreateStage(plan: LoadPlan): boolean {
  const { table, columns, compare, related = [] } = plan;
  // The function makes columns of the table's types only.
  if (table.stagesByFunction === true && related.length > 0) return false;
  const own = (compare?.extra === true ? 2 : 1) + related.length;
  const readsKey = plan.key.length > 0 && unreadableKey(plan).length === 0;
  if (table.stagesByFunction === true && canCopyAlways(plan) && !readsKey) return false;
  return table.stageSchema !== null && columns.length + own <= MOST_COLUMNS &&
    closedTypes(table, columns).length === 0;
}

/** Types of these columns that the role may not use in a table of its own. */
export function closedTypes(table: Table, columns: readonly string[]): readonly string[] {
  const types = table.columns.filter(({ name }) => columns.includes(name))
    .flatMap(({ closedType }) => closedType ? [closedType] : []);
  return [...new Set(types)];
}

/**
 * Whether rows can go into the table through the stage. The statements for that compare keys, so
 * they have to read them. And they obey rules, which COPY does not.
 */
export function canStage(plan: LoadPlan): boolean {
  return canCreateStage(plan) && unreadableKey(plan).length === 0 && !plan.table.hasInsertRules;
}
