/** The compiled definition, as the stages that use it see it. */
import type { ValueType } from "../importer/definition.ts";
import type { LookupTable, MatchedColumn } from "../load/catalog/lookup_table.ts";
import type { Table, TableColumn } from "../load/catalog/table.ts";
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
  /**
   * Of a batch's own writer: while the batch is encoded, it writes the same for the same fields. So the
   * kernel need not ask again. If missing, it asks for each value.
   */
  readonly repeats?: boolean;
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
  /** Those that decide whether it is filled at all. Missing: it always is. */
  readonly alsoReads?: readonly number[];
  /** The type that the written text was checked for; null if only Postgres checks it. */
  readonly valueType: ValueType | null;
  /** What the kernel can do without `write`; null if nothing. */
  readonly bytes: ByteRule | null;
  /**
   * How its values are looked up in another table. Then `write` only gives what is looked up. Missing
   * if they are not.
   */
  readonly lookup?: LookupProgram;
  /** Its value is a list, whose values are written one by one (related/compile_list.ts). */
  readonly list?: ListProgram;
  /** Its value is an array of children, each with columns of its own (related/compile_children.ts). */
  readonly children?: ChildrenProgram;
}

/** A column of the stage with the rows of another table that are in a row. */
export interface ChildrenProgram {
  /** What they are called in errors. */
  readonly label: string;
  readonly table: Table;
  readonly programs: readonly ColumnProgram[];
  /** `writers`: in the order of the programs. */
  write(
    writers: readonly ColumnWriter[],
    record: RecordCursor,
    out: RowWriter,
    errors: RowError[],
  ): void;
}

/** A column of the stage with the values that a row is linked to. */
export interface ListProgram {
  /** Reads and checks a single value, which is the only field of its record. */
  readonly item: ColumnProgram;
  /** `writer`: writes single values. */
  write(writer: ColumnWriter, record: RecordCursor, out: RowWriter, errors: RowError[]): void;
}

/** All that is looked up to fill a column. */
export function lookupsOf({ lookup, list, children }: ColumnProgram): readonly LookupProgram[] {
  return [
    ...[lookup, list?.item.lookup].filter((each) => each !== undefined),
    ...children?.programs.flatMap(lookupsOf) ?? [],
  ];
}

/** The column that its errors name. */
export function nameInErrors({ column, list, children }: ColumnProgram): string {
  return children?.label ?? (list?.item.column ?? column).name;
}

/** A column whose values a batch looks up (run/process/lookup_writer.ts). */
export interface LookupProgram {
  readonly table: Matched;
  /** It is the table that the rows go into. */
  readonly isTarget: boolean;
  readonly create: boolean;
  /**
   * What the record says, for each column that is compared: valid until the next call. Null if it
   * says nothing, or something wrong, which is added to `errors`.
   */
  read(record: RecordCursor, errors: RowError[]): readonly (string | null)[] | null;
  /** What was found, as COPY gets it, or what is wrong with it. */
  judgeFound(text: string | null): string | null | readonly LookupProblem[];
  /** The table has no row with the value, or several. */
  readonly notFound: LookupProblem;
  readonly ambiguous: LookupProblem;
  /** Postgres can't compare it: it is no value of the column's type. */
  readonly notComparable: LookupProblem;
  /** With the column, and with the value as the file has it. */
  error(problem: LookupProblem, record: RecordCursor): RowError;
}

/** What is wrong with a value that was looked up. */
export type LookupProblem = Pick<RowError, "code" | "message" | "hint">;

/** Where values are looked up. */
export interface Matched extends Pick<LookupTable, "oid" | "schema" | "name"> {
  readonly match: readonly MatchedColumn[];
  readonly returns: TableColumn;
  /** SQL: the definition's condition on its rows. */
  readonly where: string | null;
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
