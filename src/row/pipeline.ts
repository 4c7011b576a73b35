/** What the compiled definition is to the stages that use it. */
import type { ValueType } from "../importer/definition.ts";
import type { TableColumn } from "../load/table.ts";
import type { RecordCursor } from "../source/record.ts";
import type { ByteRule } from "./byte_rule.ts";
import type { RowError } from "./outcome.ts";
import type { RowWriter } from "./row_writer.ts";

/** Who writes a target column. */
export interface ColumnWriter {
  /**
   * Writes the current record's value, without a separator. What is wrong with it is added to
   * `errors`; what has been written then means nothing.
   */
  write(record: RecordCursor, out: RowWriter, errors: RowError[]): void;
}

/** How one target column is filled. */
export interface ColumnProgram extends ColumnWriter {
  readonly target: string;
  /** The table's column, of whose type the values are. */
  readonly column: TableColumn;
  /** What the text that is written is checked to be; null: anything, Postgres judges. */
  readonly valueType: ValueType | null;
  /** What can be done without `write`; null: nothing. */
  readonly bytes: ByteRule | null;
}

export interface RowPipeline {
  /** In the order in which COPY gets them. */
  readonly programs: readonly ColumnProgram[];
  /**
   * Appends the current record to `out` and returns null; or returns what is wrong with it and
   * leaves `out` as it was. `writers`: of the columns, in the order of the programs, which they are
   * without it.
   */
  process(
    record: RecordCursor,
    out: RowWriter,
    writers?: readonly ColumnWriter[],
  ): readonly RowError[] | null;
}
