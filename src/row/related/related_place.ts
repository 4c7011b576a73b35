/** What lists and children of a row are compiled with, and into. */
import type { Definition } from "../../importer/definition.ts";
import { plainColumn } from "../../load/catalog/table_column.ts";
import type { Table } from "../../load/catalog/table.ts";
import type { PipelineContext } from "../column_plan.ts";
import type { ColumnProgram } from "../pipeline.ts";

export interface RelatedPlace {
  readonly definition: Definition;
  readonly header: readonly string[];
  /** The parents'. */
  readonly table: Table;
  readonly context: PipelineContext;
  /** Gets what the file doesn't have. */
  readonly warnings: string[];
}

/** A column of the stage that the table doesn't have: what the field says of other tables, as JSON. */
export function stagedJson(
  name: string,
  field: number,
): Pick<
  ColumnProgram,
  "target" | "column" | "takesDefault" | "fields" | "valueType" | "bytes"
> {
  return {
    target: name,
    column: plainColumn(name, "json"),
    takesDefault: false,
    fields: [field],
    valueType: "json",
    bytes: null,
  };
}
