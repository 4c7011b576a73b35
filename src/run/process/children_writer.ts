/** Writes the children of a row, whose columns have writers of the batch's own. */
import type { RowError } from "../../row/outcome.ts";
import type { ChildrenProgram, ColumnWriter } from "../../row/pipeline.ts";
import type { RowWriter } from "../../row/row_writer.ts";
import type { RecordCursor } from "../../source/record.ts";

export class ChildrenWriter implements ColumnWriter {
  readonly #children: ChildrenProgram;
  readonly #writers: readonly ColumnWriter[];

  constructor(children: ChildrenProgram, writers: readonly ColumnWriter[]) {
    this.#children = children;
    this.#writers = writers;
  }

  write(record: RecordCursor, out: RowWriter, errors: RowError[]): void {
    this.#children.write(this.#writers, record, out, errors);
  }
}
