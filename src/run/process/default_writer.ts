/** Writes a column whose missing values become the DEFAULT of the table's column. */
import type { Session } from "../../db/session.ts";
import { isolate } from "../../load/refusal/isolate.ts";
import { describeRefusal, type Refusal } from "../../load/refusal/refusal.ts";
import { asRefusal } from "../../load/refusal/refuse.ts";
import type { Table } from "../../load/catalog/table.ts";
import { DefinitionMismatch } from "../../row/mismatch.ts";
import type { RowError } from "../../row/outcome.ts";
import type { ColumnProgram, ColumnWriter } from "../../row/pipeline.ts";
import { type RowWriter, ValueList } from "../../row/row_writer.ts";
import type { ValueProgram } from "../../row/types/value_program.ts";
import { catalogType, PLAIN, valueProgram } from "../../row/types/value_type.ts";
import type { RecordCursor } from "../../source/record.ts";

export class DefaultWriter implements ColumnWriter {
  readonly #program: ColumnProgram;
  readonly #writer: ColumnWriter;
  readonly #parse: ValueProgram["parse"];
  readonly #written = new ValueList();
  /** An error: the DEFAULT could not be evaluated for that row. */
  readonly #values: (string | null | RowError)[] = [];
  readonly #table: Table;
  #taken = 0;

  /** `writer`: writes the column's values, null where one is missing. */
  constructor(program: ColumnProgram, table: Table, writer: ColumnWriter = program) {
    const { column } = program;
    this.#program = program;
    this.#writer = writer;
    this.#parse = valueProgram(catalogType(column), PLAIN, column).parse;
    this.#table = table;
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
    this.#writer.write(record, this.#written, errors);
    if (errors.length > before) return;
    // A value that is not there yet is NULL; then the batch will be encoded again.
    const value = this.#written.values[0] ?? this.#values[this.#taken++] ?? null;
    if (value === null) out.null();
    else if (isError(value)) errors.push(value);
    else out.text(value);
  }

  /**
   * Evaluates the DEFAULT for each missing value, as Postgres does for each row, in the batch's
   * transaction. If that fails for some, their rows fail. Throws what Postgres says of the expression
   * if no row can be at fault, or if it fails for the first hundred.
   */
  async fetch(session: Session): Promise<void> {
    const asError = asRefusal(this.#table);
    let refused = 0;
    await isolate<Failure>(0, this.missing, async (from, to) => {
      const attempt = `savepoint ${ATTEMPT}; ${this.#evaluation(to - from)}`;
      try {
        const rows = await session.query<{ value: string | null }>(attempt);
        for (const { value } of rows) this.#values.push(this.#canonical(value));
      } catch (error) {
        const refusal = asError(error);
        if (refusal.suspect !== undefined) throw error;
        await session.query(`rollback to ${ATTEMPT}; release ${ATTEMPT}`);
        return { ok: false, at: null, refusal: { refusal, error } };
      }
      await session.query(`release ${ATTEMPT}`);
      return { ok: true };
    }, (_, { refusal, error }) => {
      this.#values.push({
        ...describeRefusal(refusal, this.#table),
        column: this.#program.column.name,
      });
      const isBroken = ++refused === MANY && !this.#values.some((value) => !isError(value));
      if (isBroken) throw error;
    });
  }

  /** SQL: so many values of the DEFAULT. */
  #evaluation(count: number): string {
    const { column } = this.#program;
    // An assignment would refuse what is too long, but a cast cuts it.
    const cast = column.maxLength === null ? `::${column.type}` : "";
    return `select (${column.defaultExpression})${cast}::text as value
      from generate_series(1, ${count})`;
  }

  #canonical(value: string | null): string | null {
    const { column } = this.#program;
    if (value === null) return null;
    const canonical = this.#parse(value);
    if (canonical !== null) return canonical;
    throw new DefinitionMismatch(`The DEFAULT of ${column.name} can't be used: ${value}`);
  }
}

interface Failure {
  readonly refusal: Refusal;
  readonly error: unknown;
}

const ATTEMPT = "ingest_default";
/** An expression that fails so often, and for no row succeeds, is broken. */
const MANY = 100;

function isError(value: string | null | RowError): value is RowError {
  return typeof value === "object" && value !== null;
}
