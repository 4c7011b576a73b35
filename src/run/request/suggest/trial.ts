/** The real row checks of a definition, to try rows with. */
import type { Definition } from "../../../importer/definition.ts";
import { DefinitionError } from "../../../importer/definition_errors.ts";
import type { FailedRow } from "../../../ledger/rows/rows.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { TargetError } from "../../../load/catalog/introspect.ts";
import type { Table } from "../../../load/catalog/table.ts";
import { DefinitionMismatch, HeaderMismatch } from "../../../row/compile.ts";
import type { RowError } from "../../../row/outcome.ts";
import type { ColumnProgram } from "../../../row/pipeline.ts";
import { ValueList } from "../../../row/row_writer.ts";
import { recordFormat, rereadFormat } from "../../../source/format.ts";
import type { RecordCursor, RecordReader } from "../../../source/record.ts";
import type { RecordFormat } from "../../../source/record_format.ts";
import { fit } from "../../fit.ts";
import { isOneRow } from "../reread_rows.ts";

const START = { offset: 0, line: 1, row: 1 };

/** Null: a value that was refused. */
export type Written = { readonly value: string | null } | null;

export class Trial {
  readonly definition: Definition;
  readonly table: Table;
  readonly programs: readonly ColumnProgram[];
  readonly keyColumns: readonly string[];
  readonly #records: RecordFormat;
  readonly #header: readonly string[];
  /** Are rows read in another way than by the run? Then they may be no rows any more. */
  readonly #isOther: boolean;
  readonly #byTarget: ReadonlyMap<string, ColumnProgram>;
  readonly #out = new ValueList();
  /** One for all rows: to make a reader takes longer than to read a row. */
  #buffer = new Uint8Array(4096);
  #reader: RecordReader;
  readonly #errors: RowError[] = [];

  /** Throws what `fit` throws. */
  constructor(run: Run, definition: Definition, table: Table) {
    const { pipeline } = fit({ ...run, definition }, table);
    this.definition = definition;
    this.table = table;
    this.programs = pipeline.programs;
    this.keyColumns = pipeline.keyColumns;
    const format = rereadFormat(run.source.format, definition.source);
    this.#records = recordFormat(format, run.header);
    this.#header = run.header;
    this.#reader = this.#records.reader(this.#buffer, START);
    this.#isOther = JSON.stringify(format) !== JSON.stringify(run.source.format);
    this.#byTarget = new Map(pipeline.programs.map((program) => [program.column.name, program]));
  }

  /** Null if such a definition can't be used with this file and this table. */
  static of(run: Run, definition: Definition, table: Table): Trial | null {
    try {
      return new Trial(run, definition, table);
    } catch (error) {
      const isMisfit = error instanceof DefinitionError || error instanceof DefinitionMismatch ||
        error instanceof HeaderMismatch || error instanceof TargetError ||
        error instanceof RangeError;
      if (isMisfit) return null;
      throw error;
    }
  }

  program(column: string): ColumnProgram | null {
    return this.#byTarget.get(column) ?? null;
  }

  /** The row's record, until the next one is read; null if the bytes are more than one by now. */
  read(
    { raw, row_number, line }: Pick<FailedRow, "raw" | "row_number" | "line">,
  ): RecordCursor | null {
    if (this.#isOther && !isOneRow(this.#records.boundaries(), raw)) return null;
    if (raw.length > this.#buffer.length) {
      this.#buffer = new Uint8Array(2 * raw.length);
      this.#reader = this.#records.reader(this.#buffer, START);
    }
    this.#buffer.set(raw);
    this.#reader.moveTo(0, raw.length, { offset: 0, line, row: row_number });
    return this.#reader.next() ? this.#reader : null;
  }

  write(program: ColumnProgram, record: RecordCursor): Written {
    const { written } = this.judge(program, record);
    return written;
  }

  /** With what is wrong with the value. */
  judge(program: ColumnProgram, record: RecordCursor) {
    this.#out.truncate(0);
    this.#errors.length = 0;
    program.write(record, this.#out, this.#errors);
    if (this.#errors.length > 0) return { written: null, errors: [...this.#errors] };
    return { written: { value: this.#out.values[0] ?? null }, errors: [] };
  }

  /** What a field with this text would come to; null if it is refused, or can't be in the file. */
  readAlone(program: ColumnProgram, field: number, text: string): Written {
    const record = this.#encoded(this.#header.map((_, place) => place === field ? text : ""));
    return record === null || record.text(field) !== text ? null : this.write(program, record);
  }

  /** Can a row have these values, and no others? */
  reads(values: readonly string[]): boolean {
    const record = this.#encoded(values);
    return record !== null && values.every((value, field) => record.text(field) === value);
  }

  #encoded(values: readonly string[]): RecordCursor | null {
    const raw = this.#records.encode(values);
    const record = raw && this.read({ raw, row_number: START.row, line: START.line });
    return record === null || record.defect !== null ? null : record;
  }

  /** Would the row get as far as the table? */
  passes(record: RecordCursor): boolean {
    return record.defect === null &&
      this.programs.every((program) => this.write(program, record) !== null);
  }
}
