import type { ColumnRule } from "../importer/definition.ts";
import type { FoundLookup } from "../load/catalog/lookup_table.ts";
import type { RecordReader } from "../source/record.ts";
import type { TableColumn } from "../load/catalog/table.ts";
import type { CompiledCondition } from "./compile_condition.ts";
import type { RecordCursor } from "../source/record.ts";
import type { Value } from "./step.ts";

/** One column to be written, as decided once the header is known. */
export interface ColumnPlan {
  /** Its name in COPY's column list; a compare value of `update_if_newer` may have its own name. */
  readonly target: string;
  readonly column: TableColumn;
  readonly rule: ColumnRule;
  /** Positions in the header: one, several with `concat` or a look-up, none for a constant or only a default. */
  readonly fields: readonly number[];
  readonly required: boolean;
  /** A missing value becomes the DEFAULT of the table's column. */
  readonly takesDefault: boolean;
  /** Where its values are looked up. Missing: nowhere. */
  readonly lookup?: FoundLookup;
  /** It is only filled in rows for which this holds. Missing: in all rows. */
  readonly condition?: CompiledCondition;
  /** What differs in other rows. */
  readonly unfilled?: Pick<ColumnPlan, "fields" | "required" | "rule">;
}

/** What a hook makes of a value: a text, null, or why it makes none. */
export interface ChangedValue {
  readonly value: Value;
  /** It is in plain notation, whatever the file's is. */
  readonly isPlain: boolean;
}

/** Changes a column's value, after its transforms and its default. */
export type ColumnChange = (record: RecordCursor, value: string | null) => ChangedValue;

/** What constants may refer to, and how rows are read. */
export interface PipelineContext {
  readonly runId: number;
  readonly user: string | null;
  readonly importer?: string;
  /** When the run was created; for a retry, the run that it retries. Absent: no row will be read. */
  readonly began?: Date;
  /** The run's time zone, as Postgres knows it. */
  readonly zone?: string | null;
  /** What the name of a row's file says: `${file.name}` and its parts. Absent: no row will be read. */
  readonly fileWord?: (row: number, part: string) => string | null;
  /** The source has values of several kinds, null among them. Absent: it has only text. */
  readonly isTyped?: boolean;
  /** Reads objects within a record, by the names of their fields. Absent: its source has none. */
  readonly readObjects?: (names: readonly string[]) => (bytes: Uint8Array) => RecordReader;
  /** The source says itself what is null, as COPY does. Absent: only words of its texts do. */
  readonly namesNulls?: boolean;
  /** Rows are as hooks leave them: these say what is null, and give numbers. Absent: no hooks. */
  readonly isHooked?: boolean;
  /** The function for a column, if there is one. Absent: there is none. */
  readonly changeOf?: (target: string) => ColumnChange | null;
}

/** Functions are for columns of the table itself. Others' columns may have the same names. */
export function withoutFunctions({ changeOf: _, ...context }: PipelineContext): PipelineContext {
  return context;
}
