/** The compiled definition, as the stages that use it see it. */
import type { ValueType } from "../importer/definition.ts";
import type { TableColumn } from "../load/catalog/table.ts";
import type { RecordCursor } from "../source/record.ts";
import type { ByteRule } from "./byte_rule.ts";
import type { RowError } from "./outcome.ts";
import type { RowWriter } from "./row_writer.ts";

/** Writes a target column. */
export interface ColumnWriter {
  /**
   * Writes the current record's value, without a separator. If something is wrong with the value,
   * it is added to `errors`, and the written bytes are meaningless.
   */
  write(record: RecordCursor, out: RowWriter, errors: RowError[]): void;
}

/** How one target column is filled. */
export interface ColumnProgram extends ColumnWriter {
  readonly target: string;
  /** The table's column, which gives the values their type. */
  readonly column: TableColumn;
  /**
   * What it writes as NULL becomes the column's DEFAULT, which a batch's own writer looks up
   * (run/process/resolve.ts).
   */
  readonly takesDefault: boolean;
  /** The fields of a record that it reads. */
  readonly fields: readonly number[];
  /** The type that the written text was checked for; null if only Postgres checks it. */
  readonly valueType: ValueType | null;
  /** What the kernel can do without `write`; null if nothing. */
  readonly bytes: ByteRule | null;
}

export interface RowPipeline {
  /** In the order of COPY's columns. */
  readonly programs: readonly ColumnProgram[];
  /**
   * Appends the current record to `out` and returns null; or returns its errors and leaves `out` as
   * it was. `writers`: the columns' writers, in the order of the programs. Default: the programs.
   */
  process(
    record: RecordCursor,
    out: RowWriter,
    writers?: readonly ColumnWriter[],
  ): readonly RowError[] | null;
}
