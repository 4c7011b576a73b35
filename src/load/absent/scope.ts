/** Which rows of the table may be absent at all. */
import { identifier, literal } from "../../db/quoting.ts";
import type { AbsentRule } from "../../importer/absent_rule.ts";
import type { Table, TableColumn } from "../catalog/table.ts";
import type { LoadPlan } from "../load_plan.ts";

/** A mark that says when: the row is marked if there is any time. */
export const NOW = "now";

/** Types of which a column may say when its row was marked. */
const TIMES: ReadonlySet<string> = new Set(["date", "timestamp", "timestamptz"]);

/**
 * SQL: does the row `t` count? It has to be in scope and to have a key, and must not be marked yet. The
 * key's condition names columns of `t` without saying so, so `t` is all that the statement reads.
 */
export function countsAtAll({ table, key, keyPredicate }: LoadPlan, rule: AbsentRule): string {
  return [
    ...key.map((name) => `t.${identifier(name)} is not null`),
    ...(keyPredicate === null ? [] : [`(${keyPredicate})`]),
    ...Object.entries(rule.scope).map(([name, values]) => isOneOf(columnOf(table, name), values)),
    ...(rule.mark === null ? [] : [isUnmarked(table, rule.mark)]),
  ].join(" and ");
}

function isOneOf(column: TableColumn, values: readonly (string | null)[]): string {
  const name = `t.${identifier(column.name)}`;
  const each = values.map((value) =>
    value === null ? `${name} is null` : `${name} ${column.equal ?? "="} ${typed(column, value)}`
  );
  return `(${each.join(" or ")})`;
}

/** SQL: a text of a definition as a value of the column. */
export function typed({ type }: TableColumn, value: string): string {
  return `cast(${literal(value)} as ${type})`;
}

type Mark = NonNullable<AbsentRule["mark"]>;

/** Compares the stored form, as an update does. A row that was marked at another time is marked. */
function isUnmarked(table: Table, mark: Mark): string {
  const name = `t.${identifier(mark.column)}`;
  if (saysWhen(table, mark)) return `${name} is null`;
  return `row(${name})::record operator(pg_catalog.*<>) row(${markValue(table, mark)})::record`;
}

/** SQL: what a marked row has in the column. */
export function markValue(table: Table, mark: Mark): string {
  const column = columnOf(table, mark.column);
  if (mark.value === null) return `cast(null as ${column.type})`;
  return saysWhen(table, mark) ? `cast(now() as ${column.type})` : typed(column, mark.value);
}

function saysWhen(table: Table, { column, value }: Mark): boolean {
  return value === NOW && isTime(columnOf(table, column));
}

export function isTime({ baseType }: TableColumn): boolean {
  return TIMES.has(baseType);
}

export function columnOf(table: Table, name: string): TableColumn {
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`${table.name} has no column ${name}`);
  return column;
}
