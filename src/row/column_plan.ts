import type { ColumnRule } from "../importer/definition.ts";
import type { TableColumn } from "../load/table.ts";

/** One column to be written: what is decided about it once the header is known. */
export interface ColumnPlan {
  /** Its name in what COPY gets; for the compare value of `update_if_newer` not the column's own. */
  readonly target: string;
  readonly column: TableColumn;
  readonly rule: ColumnRule;
  /** Positions in the header: one, several with `concat`, none for a constant or a mere default. */
  readonly fields: readonly number[];
  readonly required: boolean;
}

/** What constants may refer to. */
export interface PipelineContext {
  readonly runId: number;
  readonly user: string | null;
}
