/** What the statements that move staged rows into the table have in common. */
import { identifier, identifiers } from "../../db/quoting.ts";
import { areEqual, keyComparison } from "../comparison.ts";
import type { LoadPlan } from "../load_plan.ts";
import { byName, type StagedColumn, stageOf } from "../stage/stage_table.ts";

/**
 * SQL: the staged row `s` has not updated a row. One that has may no longer find it: the update ends
 * what the key's condition says (it sets `deleted_at`), or a trigger moves the row elsewhere.
 */
export function notUpdated(position: string): string {
  return `not exists (select from unnest($3::int[]) updated (position)
    where updated.position = s.${position})`;
}

/**
 * SQL: the staged row `s` and the row `t` of the table have the same key. The key's condition names
 * columns of `t` without saying so: either `t` is all that its subquery reads, or the stage's
 * columns have other names (`renamedStage`).
 */
export function sameKeyCondition(plan: LoadPlan, staged: StagedColumn = byName): string {
  // IS NOT DISTINCT FROM would be simpler, but it uses no index.
  const same = plan.key.map((name) => {
    const [old, value] = [`t.${identifier(name)}`, staged(name)];
    const same = areEqual(old, value, keyComparison(plan, name));
    return nullIsAKey(plan, name) ? `(${same} or ${old} is null and ${value} is null)` : same;
  });
  return [...same, ...(plan.keyPredicate === null ? [] : [`(${plan.keyPredicate})`])].join(" and ");
}

/** Whether a unique index on the key treats NULL like any other value (NULLS NOT DISTINCT). */
export function nullIsAKey({ table, key }: LoadPlan, name: string): boolean {
  const column = table.columns.find((each) => each.name === name);
  return column?.notNull === false &&
    table.uniqueIndexes.some((index) =>
      index.nullsNotDistinct && index.columns?.length === key.length &&
      index.columns.every((each) => key.includes(each))
    );
}

/** SQL: the staged row `s` changes the row `t` that has its key. Null if it never does. */
export function writesExisting(plan: LoadPlan, staged: StagedColumn = byName): string | null {
  const columns = updatedColumns(plan);
  const updates = plan.onDuplicate === "update" || plan.onDuplicate === "update_if_newer";
  if (!updates || plan.key.length === 0 || columns.length === 0) return null;
  // Compares the stored form: works for types without equality (json), takes NULLs as equal,
  // and sees a change of case in a citext. The casts keep it from being taken apart by column.
  const values = columns.map((name) => updatedValue(plan, name, staged)).join(", ");
  const changed = `row(${identifiers(columns, "t.")})::record operator(pg_catalog.*<>) ` +
    `row(${values})::record`;
  const newer = isNewer(plan, staged);
  return newer === null ? changed : `${changed} and ${newer}`;
}

/** SQL: the staged row `s` is newer than the row `t` of the table. Null if that doesn't matter. */
export function isNewer(plan: LoadPlan, staged: StagedColumn = byName): string | null {
  if (plan.onDuplicate !== "update_if_newer" || !plan.compare) return null;
  const { target } = plan.compare;
  const greater = plan.table.columns.find(({ name }) => name === target)?.greater ?? ">";
  const old = `t.${identifier(target)}`;
  const value = plan.compare.extra ? `s.${stageOf(plan).compare}` : staged(target);
  return `${value} is not null and (${old} is null or ${value} ${greater} ${old})`;
}

/** The columns that an update writes. */
export function updatedColumns(plan: LoadPlan): readonly string[] {
  const fixed = plan.table.columns.filter(({ identity }) => identity === "always")
    .map(({ name }) => name);
  return plan.columns.filter((name) => !plan.key.includes(name) && !fixed.includes(name));
}

/** SQL: the value that the row `t` has after its update by the staged row `s`. */
export function updatedValue(
  { table, kept }: LoadPlan,
  name: string,
  staged: StagedColumn,
): string {
  if (!kept.includes(name)) return staged(name);
  const { domainOf = null, type } = table.columns.find((each) => each.name === name) ?? {};
  const value = `coalesce(${staged(name)}, t.${identifier(name)})`;
  // The stage has the type that the domain restricts.
  return domainOf === null ? value : `${value}::${type}`;
}

/** SQL: what an UPDATE of `t` by the staged row `s` sets. */
export function assignments(plan: LoadPlan, staged: StagedColumn): string {
  return updatedColumns(plan).map((name) =>
    `${identifier(name)} = ${updatedValue(plan, name, staged)}`
  ).join(", ");
}

export function positions(from: string, position: string): string {
  return `coalesce((select array_agg(${position}) from ${from}), '{}')`;
}

/** SQL: the positions that only the first of two relations has. */
export function difference(all: string, some: string, position: string): string {
  return `(select ${position} from ${all} except select ${position} from ${some}) taken`;
}
