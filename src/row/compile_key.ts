/** Finds the columns of the key, as the file and the table have them. */
import { type ColumnRule, type Definition } from "../importer/definition.ts";
import { mappedTo } from "../importer/column_mapping.ts";
import { findNamed } from "../importer/against_table/cut_name.ts";
import { keyTarget } from "../importer/key.ts";
import { keyPredicate } from "../importer/key_predicate.ts";
import type { Table } from "../load/catalog/table.ts";
import { findName, isSameName, listed, suggesting } from "./header_names.ts";
import type { MappedColumn } from "./mapped_column.ts";
import { DefinitionMismatch, HeaderMismatch } from "./mismatch.ts";

export function explicitTarget(entry: string, columns: Readonly<Record<string, ColumnRule>>) {
  const exact = keyTarget(entry, columns);
  if (exact !== null) return exact;
  return Object.keys(columns).find((target) =>
    columns[target].from.some((name) => isSameName(name, entry))
  ) ?? null;
}

/** Does the key have a column that only the run's mapping fills? */
export function isNamedKey(definition: Definition, table: Table, target: string): boolean {
  return mappedTo(definition, target) !== undefined &&
    definition.key.some((entry) => findNamed(table.columns, entry)?.name === target);
}

export function resolveKey(
  definition: Definition,
  header: readonly string[],
  columns: readonly MappedColumn[],
): readonly string[] {
  const explicit = definition.columns ?? {};
  return definition.key.map((entry) => {
    const field = findName(header, entry);
    const target = explicitTarget(entry, explicit) ??
      findNamed(columns.map(({ column }) => column), entry)?.name ??
      columns.find(({ fields }) => field >= 0 && fields.includes(field))?.column.name;
    if (target !== undefined) return target;
    throw new HeaderMismatch(
      `The file has no column for the key ${JSON.stringify(entry)}; it has ${listed(header)}` +
        suggesting([entry], header),
    );
  });
}

/** Key columns that may be NULL, because a unique index on the key treats NULL as a value. */
export function nullKeyColumns(table: Table, key: readonly string[]): readonly string[] {
  const index = table.uniqueIndexes.find((each) =>
    each.nullsNotDistinct && each.columns !== null && each.columns.length === key.length &&
    each.columns.every((name) => key.includes(name))
  );
  return index?.columns ?? [];
}

/** Throws DefinitionMismatch. */
export function predicateOf(
  { key_where: where = null }: Definition,
  table: Table,
  key: readonly string[],
): string | null {
  if (where === null) return null;
  const found = keyPredicate(table, key, where);
  if ("predicate" in found) return found.predicate;
  throw new DefinitionMismatch(`key: ${found.sentence}.`);
}
