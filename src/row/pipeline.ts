/** What the compiled definition is to the stages that use it. */
import type { ValueType } from "../importer/definition.ts";
import type { RecordCursor } from "../source/record.ts";
import type { ByteRule } from "./byte_rule.ts";
import type { CopyWriter } from "./copy_writer.ts";
import type { RowError } from "./outcome.ts";

/** How one target column is filled. */
export interface ColumnProgram {
  readonly target: string;
  /** What the text that is written is checked to be; null: anything, Postgres judges. */
  readonly valueType: ValueType | null;
  /** What can be done without `write`; null: nothing. */
  readonly bytes: ByteRule | null;
  /**
   * Writes the current record's value as one field of COPY's text format (`\N` for null),
   * without a separator. What is wrong with it is added to `errors`; what has been written
   * then means nothing.
   */
  write(record: RecordCursor, out: CopyWriter, errors: RowError[]): void;
}

export interface RowPipeline {
  /** In the order in which COPY gets them. */
  readonly programs: readonly ColumnProgram[];
  /**
   * Appends the current record to `out` as one line of COPY's text format and returns null;
   * or returns what is wrong with it and leaves `out` as it was.
   */
  process(record: RecordCursor, out: CopyWriter): readonly RowError[] | null;
}
