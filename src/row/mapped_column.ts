/** A column of the table, and what fills it. */
import type { ColumnRule } from "../importer/definition.ts";
import type { TableColumn } from "../load/catalog/table.ts";

export interface MappedColumn {
  readonly column: TableColumn;
  readonly rule: ColumnRule;
  /** Positions in the header; none for a constant or if only the default is left. */
  readonly fields: readonly number[];
  /** False: the value only finds the row with the same key. */
  readonly written: boolean;
}
