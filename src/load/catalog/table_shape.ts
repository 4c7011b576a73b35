/** What is remembered of a run's table, to say later what has changed. */
import type { Table, TableColumn } from "./table.ts";

type ColumnShape = Pick<
  TableColumn,
  | "name"
  | "type"
  | "number"
  | "notNull"
  | "hasDefault"
  | "readonly"
  | "identity"
  | "enumLabels"
  | "deterministic"
>;

export interface TableShape extends
  Pick<
    Table,
    | "oid"
    | "name"
    | "uniqueIndexes"
    | "foreignKeys"
    | "checks"
    | "hasExclusionConstraint"
    | "hasBeforeInsertTriggers"
    | "hasBeforeUpdateTriggers"
    | "hasRules"
    | "rowLevelSecurity"
  > {
  readonly columns: readonly ColumnShape[];
  /** The other tables of the run. Missing: it has none. */
  readonly others?: readonly TableShape[];
}

export function tableShape(table: Table): TableShape {
  return {
    oid: table.oid,
    name: table.name,
    columns: table.columns.map((column) => ({
      name: column.name,
      type: column.type,
      number: column.number,
      notNull: column.notNull,
      hasDefault: column.hasDefault,
      readonly: column.readonly,
      identity: column.identity,
      enumLabels: column.enumLabels,
      deterministic: column.deterministic,
    })),
    // Its partitions come and go.
    uniqueIndexes: table.uniqueIndexes.map(({ partitionNames: _, ...index }) => index),
    foreignKeys: table.foreignKeys.map(({ referencedOid: _, ...key }) => key),
    checks: table.checks,
    hasExclusionConstraint: table.hasExclusionConstraint,
    hasBeforeInsertTriggers: table.hasBeforeInsertTriggers,
    hasBeforeUpdateTriggers: table.hasBeforeUpdateTriggers,
    hasRules: table.hasRules,
    rowLevelSecurity: table.rowLevelSecurity,
    ...table.routes !== undefined && {
      others: table.routes.slice(1).map((other) => tableShape(other)),
    },
  };
}
