/** What the file says of a column for which Postgres has refused a row without repeating the value. */
import { cutValue, type RowError } from "../../row/outcome.ts";
import type { ColumnProgram } from "../../row/pipeline.ts";
import { displayText } from "../../source/display_text.ts";
import type { RecordReader } from "../../source/record.ts";
import type { RunProgram } from "../program.ts";
import type { EncodedBatch } from "./encode.ts";

export class SourceValues {
  readonly #open: () => RecordReader;
  readonly #encoded: EncodedBatch;
  /** By the table's column: the only field that fills it. */
  readonly #fields: ReadonlyMap<string, number>;
  #reader: RecordReader | null = null;

  constructor({ records, pipeline }: RunProgram, encoded: EncodedBatch) {
    this.#encoded = encoded;
    this.#open = () => records.reader(encoded.bytes, { offset: 0, line: 1, row: 1 });
    this.#fields = new Map(
      pipeline.programs.filter(isOneField).map(({ column, fields }) => [column.name, fields[0]]),
    );
  }

  /** The error, with the value if it names a column and has none. */
  beside(error: RowError, record: number): RowError {
    if (error.column === null || error.value !== null) return error;
    const field = this.#fields.get(error.column);
    if (field === undefined) return error;
    const { starts, ends, lines, rowNumbers } = this.#encoded.places;
    const at = { offset: starts[record], line: lines[record], row: rowNumbers[record] };
    const reader = this.#reader ??= this.#open();
    reader.moveTo(starts[record], ends[record], at);
    if (!reader.next() || reader.defect !== null) return error;
    return { ...error, value: cutValue(displayText(reader.text(field))) };
  }
}

/** Where a condition may leave the column empty, or others fill it, the field's text may not be what it got. */
function isOneField({ fields, alsoReads, list, children }: ColumnProgram): boolean {
  return fields.length === 1 && alsoReads === undefined && list === undefined &&
    children === undefined;
}
