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

/** A column that a definition doesn't mention. */
export const PLAIN_RULE: ColumnRule = {
  from: [],
  concat: null,
  value: null,
  type: null,
  required: false,
  trim: true,
  transform: [],
  map: null,
  default: null,
  min: null,
  max: null,
  min_length: null,
  max_length: null,
  one_of: null,
  pattern: null,
  format: [],
  decimal: ".",
  thousands: null,
  true: null,
  false: null,
  message: null,
};
