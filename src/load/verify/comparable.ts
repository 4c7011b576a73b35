/** What of a run's rows can be compared with the table, and how its rows are found there again. */
import { keyIsUnique, type LoadPlan, writtenColumns } from "../load_plan.ts";
import { updatedColumns, writesExisting } from "../merge/merge_conditions.ts";
import { mayRead } from "../readable.ts";
import type { Table, UniqueIndex } from "../catalog/table.ts";

export interface Comparable {
  /**
   * For the stage: with the columns that are staged, and with the columns by which rows are found as
   * its key. Without a key, rows can only be counted.
   */
  readonly plan: LoadPlan;
  /** Which fields of an encoded row are staged; null for all. */
  readonly fields: readonly number[] | null;
  /** The unique index by which rows are found; null: by the definition's key, or not at all. */
  readonly index: string | null;
  /** No two rows of the table have the same key. */
  readonly unique: boolean;
  /** The columns that have the file's values: in rows that were inserted, and in all others. */
  readonly inserted: readonly string[];
  readonly updated: readonly string[];
  /** Columns of the table that are not compared: the file doesn't fill them, or we can't read them. */
  readonly unfilled: readonly string[];
  readonly unreadable: readonly string[];
  /** Where the file has no value for them, the table's DEFAULT was taken. That is not compared. */
  readonly defaulted: readonly string[];
}

/** `defaulted`: columns whose missing values become the table's DEFAULT; here they are NULL. */
export function comparable(given: LoadPlan, defaulted: readonly string[]): Comparable {
  const { table } = given;
  const isReadable = (name: string) => mayRead(table, name);
  const written = writtenColumns(given);
  const columns = given.columns.filter(isReadable);
  const isWhole = columns.length === given.columns.length;
  const compare = given.compare !== null && isReadable(given.compare.target) ? given.compare : null;
  const key = given.key.every(isReadable) ? given.key : [];
  const index = key.length > 0
    ? null
    : findIndex(table, (name) =>
      written.includes(name) && isReadable(name) && !defaulted.includes(name));
  const plan = {
    ...given,
    columns,
    compare,
    key: index?.columns ?? key,
    keyPredicate: index === null ? given.keyPredicate : null,
    // As with values that an update leaves as they are, NULL stands for any value.
    kept: [...new Set([...given.kept, ...defaulted])],
  };
  const inserted = written.filter(isReadable);
  return {
    plan,
    fields: isWhole && compare === given.compare ? null : fieldsOf(given, plan),
    index: index?.name ?? null,
    unique: index !== null || keyIsUnique(plan),
    inserted,
    updated: writesExisting(given) === null
      ? inserted
      : updatedColumns(given).filter((name) => inserted.includes(name)),
    unfilled: table.columns.map(({ name }) => name).filter((name) => !written.includes(name)),
    unreadable: written.filter((name) => !isReadable(name)),
    defaulted,
  };
}

function fieldsOf(given: LoadPlan, plan: LoadPlan): number[] {
  const fields = plan.columns.map((name) => given.columns.indexOf(name));
  if (plan.compare?.extra === true) fields.push(given.columns.length);
  const own = given.columns.length + (given.compare?.extra === true ? 1 : 0);
  return [...fields, ...(given.related ?? []).map((_, index) => own + index)];
}

/** A unique index whose columns the file fills: the primary key, else one without NULLs, if there is. */
function findIndex(
  table: Table,
  isUsable: (name: string) => boolean,
): UniqueIndex & { readonly columns: readonly string[] } | null {
  const isNeverNull = (name: string) =>
    table.columns.find((column) => column.name === name)?.notNull === true;
  const usable = table.uniqueIndexes.flatMap((index) => {
    const { columns, partial } = index;
    return columns === null || partial || !columns.every(isUsable) ? [] : [{ ...index, columns }];
  });
  return usable.find(({ primary }) => primary) ??
    usable.find(({ columns }) => columns.every(isNeverNull)) ?? usable.at(0) ?? null;
}
