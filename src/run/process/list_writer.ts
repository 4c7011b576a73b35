/** Writes a list whose values are looked up. */
import type { RowError } from "../../row/outcome.ts";
import type { ColumnWriter, ListProgram } from "../../row/pipeline.ts";
import type { RowWriter } from "../../row/row_writer.ts";
import type { RecordCursor } from "../../source/record.ts";

export class ListWriter implements ColumnWriter {
  readonly #list: ListProgram;
  readonly #item: ColumnWriter;

  /** `item`: writes single values. */
  constructor(list: ListProgram, item: ColumnWriter) {
    this.#list = list;
    this.#item = item;
  }

  get repeats(): boolean {
    return this.#item.repeats === true;
  }

  write(record: RecordCursor, out: RowWriter, errors: RowError[]): void {
    this.#list.write(this.#item, record, out, errors);
  }
}
