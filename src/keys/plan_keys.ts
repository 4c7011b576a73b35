/**
 * Plans how the keys of rows are hashed, so that rows that share a key are found without asking
 * Postgres. Two rows that Postgres would take as the same always share a hash.
 */
import type { Table, TableColumn } from "../load/catalog/table.ts";
import type { CopyWriter } from "../row/copy_writer.ts";
import type { ColumnProgram } from "../row/pipeline.ts";
import { canonicaliser, exactForm, hashingOf } from "./canonical.ts";
import { type Key, type KeyColumn, KeyHasher } from "./hasher.ts";

export type KeyPlan =
  /** There is no key that rows could share. */
  | { readonly kind: "none" }
  | { readonly kind: "hashed"; readonly hasher: KeyHasher }
  /** Only Postgres can tell whether keys are equal: one batch at a time, in the file's order. */
  | { readonly kind: "in_order"; readonly because: string };

/**
 * @param key Target columns of the definition's key.
 * @param kept Columns that an update leaves as they are if the row has no value for them.
 * @param scratch A writer for the hasher's own use.
 */
export function planKeys(
  table: Table,
  programs: readonly ColumnProgram[],
  key: readonly string[],
  kept: readonly string[],
  scratch: CopyWriter,
): KeyPlan {
  if (table.hasExclusionConstraint) {
    return { kind: "in_order", because: `${table.name} has an exclusion constraint` };
  }
  const byTarget = new Map(programs.map((program) => [program.target, program]));
  const wanted: { names: readonly string[]; nullsEqual: boolean }[] = [];
  if (key.length > 0) wanted.push({ names: key, nullsEqual: false });
  for (const index of table.uniqueIndexes) {
    if (index.columns === null) {
      return { kind: "in_order", because: `the unique index ${index.name} is on an expression` };
    }
    const names = writtenColumns(index.columns, byTarget, table);
    if (names === "unknown") {
      return { kind: "in_order", because: `Postgres computes columns of ${index.name}` };
    }
    // A row without a value for it may have the same key as another one after its update.
    if (names.length > 1 && names.some((name) => kept.includes(name))) {
      return { kind: "in_order", because: `updates keep values of columns of ${index.name}` };
    }
    // If NULLs are equal, rows may share a key of NULLs.
    if (names.length === 0 && !(index.nullsNotDistinct && leftNull(index.columns, table))) continue;
    const known = wanted.find((each) => sameNames(each.names, names));
    if (known) known.nullsEqual ||= index.nullsNotDistinct;
    else wanted.push({ names, nullsEqual: index.nullsNotDistinct });
  }
  if (wanted.length === 0 && table.triggersChangeRows === true) {
    return { kind: "in_order", because: `a trigger of ${table.name} updates or deletes rows` };
  }
  if (wanted.length === 0) return { kind: "none" };
  const keys: Key[] = [];
  for (const { names, nullsEqual } of wanted) {
    const columns: KeyColumn[] = [];
    for (const name of names) {
      const program = byTarget.get(name);
      const column = table.columns.find((each) => each.name === name);
      if (program?.lookup !== undefined) {
        return { kind: "in_order", because: `values of ${name} are looked up` };
      }
      const canonicalise = program && column ? canonicaliser(column, program.valueType) : null;
      if (!program || !column || canonicalise === null) {
        return { kind: "in_order", because: `only Postgres can compare values of ${name}` };
      }
      const times = column.baseType === "timestamptz" ? { local: false, zoned: false } : null;
      const exactly = exactForm(column, canonicalise);
      const hashing = hashingOf(column, program.valueType);
      columns.push({ program, canonicalise, exactly, times, hashing });
    }
    keys.push({ names, columns, nullsEqual });
  }
  return { kind: "hashed", hasher: new KeyHasher(keys, scratch) };
}

/** What decides which rows share a key, and which form of hashing finds it, as text. */
export function describeKeys(plan: KeyPlan): string {
  if (plan.kind !== "hashed") return plan.kind;
  return JSON.stringify(plan.hasher.summary);
}

/** The index's columns that the import fills: rows that differ in these can't collide. */
function writtenColumns(
  columns: readonly string[],
  programs: ReadonlyMap<string, ColumnProgram>,
  table: Table,
): readonly string[] | "unknown" {
  const written = columns.filter((name) => programs.has(name));
  const others = columns.filter((name) => !programs.has(name))
    .map((name) => table.columns.find((each) => each.name === name))
    .filter((column): column is TableColumn => column !== undefined);
  // A generated column may be computed from a column of the file, and so may a value that a
  // trigger fills in. Defaults nearly always differ for each row, so this assumes that they do.
  const hasTriggers = table.hasBeforeInsertTriggers || table.hasBeforeUpdateTriggers;
  const computed = others.some(({ readonly, identity, hasDefault }) =>
    !identity && (readonly || (hasTriggers && !hasDefault))
  );
  return computed ? "unknown" : written;
}

function leftNull(columns: readonly string[], table: Table): boolean {
  return table.columns.every(({ name, hasDefault }) => !columns.includes(name) || !hasDefault);
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}
