/** Reads a batch's rows for hooks: it stands in for the writer of the first column. */
import { FIELD_NULL, FIELD_QUOTED, type RecordCursor } from "../../source/record.ts";
import type { Cell, SentRow } from "../../hooks/messages.ts";
import type { ColumnWriter } from "../../row/pipeline.ts";
import type { RowWriter } from "../../row/row_writer.ts";

export class Collector implements ColumnWriter {
  /** By number: a batch may be read twice. */
  readonly #rows = new Map<number, SentRow>();
  readonly #fields: number;
  readonly #typed: boolean;

  constructor(fields: number, typed: boolean) {
    this.#fields = fields;
    this.#typed = typed;
  }

  get rows(): readonly SentRow[] {
    return [...this.#rows.values()];
  }

  write(record: RecordCursor, out: RowWriter): void {
    const cells = Array.from({ length: this.#fields }, (_, field) => this.#cell(record, field));
    this.#rows.set(record.row, [record.row, cells]);
    out.null();
  }

  #cell(record: RecordCursor, field: number): Cell {
    if (field >= record.fieldCount) return null;
    const flags = record.fieldFlags[field];
    if ((flags & FIELD_NULL) !== 0) return null;
    const text = record.text(field);
    return this.#typed && (flags & FIELD_QUOTED) === 0 ? { j: text } : text;
  }
}

/** Writes nothing, for the other columns. */
export const NOTHING: ColumnWriter = { write: (_, out) => out.null() };
