import type { TableColumn } from "../../load/catalog/table.ts";

/** A column of the stage that the table doesn't have: what belongs to a row, as JSON. */
export function stagedJson(name: string): TableColumn {
  return {
    name,
    type: "json",
    baseType: "json",
    isDomain: false,
    notNull: false,
    hasDefault: false,
    readonly: false,
    identity: null,
    sequence: null,
    referenced: false,
    maxLength: null,
    precision: null,
    scale: null,
    enumLabels: null,
    deterministic: true,
  };
}
