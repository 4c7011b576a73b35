/** Writes a column whose missing values become the DEFAULT of the table's column. */
import type { Session } from "../../db/session.ts";
import { DefinitionMismatch } from "../../row/mismatch.ts";
import type { RowError } from "../../row/outcome.ts";
import type { ColumnProgram, ColumnWriter } from "../../row/pipeline.ts";
import { type RowWriter, ValueList } from "../../row/row_writer.ts";
import { catalogType, PLAIN, valueProgram } from "../../row/types/value_type.ts";
import type { RecordCursor } from "../../source/record.ts";

export class DefaultWriter implements ColumnWriter {
  readonly #program: ColumnProgram;
  readonly #written = new ValueList();
  readonly #values: (string | null)[] = [];
  #taken = 0;

  constructor(program: ColumnProgram) {
    this.#program = program;
  }

  /** How many values there were too few of since `begin`. */
  get missing(): number {
    return Math.max(0, this.#taken - this.#values.length);
  }

  /** Before the batch is encoded. */
  begin(): void {
    this.#taken = 0;
  }

  write(record: RecordCursor, out: RowWriter, errors: RowError[]): void {
    const before = errors.length;
    this.#written.truncate(0);
    this.#program.write(record, this.#written, errors);
    if (errors.length > before) return;
    // A value that is not there yet is NULL; then the batch will be encoded again.
    const value = this.#written.values[0] ?? this.#values[this.#taken++] ?? null;
    if (value === null) out.null();
    else out.text(value);
  }

  /**
   * Evaluates the DEFAULT for each missing value, as Postgres does for each row, in the batch's
   * transaction. Throws what Postgres says of the expression.
   */
  async fetch(session: Session): Promise<void> {
    const { column } = this.#program;
    // An assignment would refuse what is too long, but a cast cuts it.
    const cast = column.maxLength === null ? `::${column.type}` : "";
    const rows = await session.query<{ value: string | null }>(
      `select (${column.defaultExpression})${cast}::text as value
       from generate_series(1, $1::int)`,
      [this.missing],
    );
    const { parse } = valueProgram(catalogType(column), PLAIN, column);
    for (const { value } of rows) {
      const canonical = value === null ? null : parse(value);
      if (value !== null && canonical === null) {
        throw new DefinitionMismatch(`The DEFAULT of ${column.name} can't be used: ${value}`);
      }
      this.#values.push(canonical);
    }
  }
}
