/** Finds the column that says how new a row is. */
import { DEFAULT_COLUMN, type Definition } from "../importer/definition.ts";
import { mappedRules } from "../importer/column_mapping.ts";
import type { Table } from "../load/catalog/table.ts";
import type { ColumnPlan } from "./column_plan.ts";
import { findAlias, findName, listed, suggesting } from "./header_names.ts";
import { writableColumn } from "./mapping.ts";
import { HeaderMismatch } from "./mismatch.ts";
import { explicitTarget } from "./compile_key.ts";

/** For `update_if_newer`: the column that says how new each row is. */
export interface CompareColumn {
  /** The table's column that it is compared with. */
  readonly target: string;
  /** Index in `programs`. */
  readonly column: number;
  /** The program is the last one and fills no column of the table. */
  readonly stagingOnly: boolean;
}

/** Finds the program that writes the compare value, or adds one to `plans`. */
export function compareColumn(
  definition: Definition,
  header: readonly string[],
  table: Table,
  plans: ColumnPlan[],
): CompareColumn | null {
  if (definition.on_duplicate !== "update_if_newer" || definition.compare === null) return null;
  const { source, target } = definition.compare;
  const field = compareField(source, definition, header);
  const isCompare = (plan: ColumnPlan) => plan.fields.length === 1 && plan.fields[0] === field;
  const mapped = plans.findIndex((plan) => plan.target === target && isCompare(plan));
  if (mapped >= 0) return { target, column: mapped, stagingOnly: false };
  // Use the rule of a column filled from the same field, so that a format is written only once.
  const rule = plans.find((plan) => isCompare(plan))?.rule ?? DEFAULT_COLUMN;
  let name = "ingest_compare";
  while (table.columns.some((column) => column.name === name)) name += "_";
  plans.push({
    target: name,
    column: writableColumn(table, target),
    rule: { ...rule, required: false, when: null },
    fields: [field],
    required: false,
    takesDefault: false,
  });
  return { target, column: plans.length - 1, stagingOnly: true };
}

function compareField(source: string, definition: Definition, header: readonly string[]): number {
  const direct = findName(header, source);
  if (direct >= 0) return direct;
  const target = explicitTarget(source, definition.columns ?? {});
  const aliases = target === null ? [] : mappedRules(definition)[target].from;
  const field = findAlias(header, aliases);
  if (field >= 0) return field;
  throw new HeaderMismatch(
    `The file has no column ${JSON.stringify(source)} to compare by; it has ${listed(header)}` +
      suggesting([source], header),
  );
}
