/** How a run's undo finds a single row again, and which of its values it gives back. */
import { keyIsUnique, type LoadPlan } from "./load_plan.ts";
import { updatedColumns } from "./merge/merge_conditions.ts";
import { mayRead } from "./readable.ts";

/**
 * The columns that tell the table's rows apart, whatever the run does to them: those of the primary
 * key, else of another unique index. Empty: there are none, or the role may not read them, or not the
 * rows' `xmin`.
 */
export function undoIdentity(plan: LoadPlan): readonly string[] {
  const { table } = plan;
  if (table.mayReadRows === false) return [];
  const changed = plan.key.length === 0 ? [] : updatedColumns(plan);
  const stays = (name: string) => !changed.includes(name) && mayRead(table, name);
  const isNotNull = (name: string) =>
    table.columns.find((column) => column.name === name)?.notNull === true;
  const [found] = table.uniqueIndexes
    .flatMap(({ columns, partial, primary }) =>
      columns !== null && !partial && columns.every(stays) && columns.every(isNotNull)
        ? [{ columns, primary }]
        : []
    )
    .sort((a, b) => Number(b.primary) - Number(a.primary));
  if (found !== undefined) return found.columns;
  // A row that is found by its key has no NULL in it, unless NULL is a value like any other there.
  const isKey = plan.key.length > 0 && plan.keyPredicate === null && keyIsUnique(plan) &&
    !table.uniqueIndexes.some((index) => index.nullsNotDistinct);
  return isKey && plan.key.every(stays) ? plan.key : [];
}

/** The columns that can be given their old values again. */
export function undoneColumns({ table }: LoadPlan): readonly string[] {
  return table.columns.filter(({ readonly, identity, name }) =>
    !readonly && identity !== "always" && mayRead(table, name)
  ).map(({ name }) => name);
}
