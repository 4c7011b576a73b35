/** What the hooks made of a batch's rows, and writers that go by it. */
import type { Change, HookError, SentRow } from "../../hooks/messages.ts";
import { MAX_VALUE_LENGTH, type RowError } from "../../row/outcome.ts";
import { type ColumnProgram, type ColumnWriter, nameInErrors } from "../../row/pipeline.ts";
import { displayText } from "../../source/display_text.ts";
import type { RecordCursor } from "../../source/record.ts";
import { HookedRecord } from "./hooked_record.ts";

export class HookedRows {
  readonly #sent: ReadonlyMap<number, SentRow>;
  readonly #changes: ReadonlyMap<number, readonly Change[]>;
  readonly #errors: ReadonlyMap<number, readonly RowError[]>;
  readonly #typed: boolean;
  /** The one that was asked for last: each column asks for it. */
  #last: HookedRecord | null = null;

  constructor(
    sent: readonly SentRow[],
    { changes, errors }: {
      readonly changes: readonly (readonly [number, readonly Change[]])[];
      readonly errors: ReadonlyMap<number, readonly RowError[]>;
    },
    typed: boolean,
  ) {
    this.#sent = new Map(sent.map((row) => [row[0], row]));
    this.#changes = new Map(changes);
    this.#errors = errors;
    this.#typed = typed;
  }

  /** None of them can be used, for this reason. */
  allFailed(error: RowError): HookedRows {
    const sent = [...this.#sent.values()];
    const errors = new Map(sent.map(([row]) => [row, this.#errors.get(row) ?? [error]] as const));
    return new HookedRows(sent, { changes: [], errors }, this.#typed);
  }

  /** The numbers of rows that no hook has refused. */
  get numbers(): readonly number[] {
    return [...this.#sent.keys()].filter((number) => !this.#errors.has(number));
  }

  errorsOf(number: number): readonly RowError[] | undefined {
    return this.#errors.get(number);
  }

  /** As the hooks left it. */
  recordOf(record: RecordCursor): RecordCursor {
    const { row } = record;
    const changes = this.#changes.get(row);
    if (changes === undefined) return record;
    if (this.#last?.row === row) return this.#last;
    return this.#last = new HookedRecord(this.#sent.get(row)!, changes, record, this.#typed);
  }

  /** A refused row has the hooks' errors, and no others. */
  writers(inner: readonly ColumnWriter[]): readonly ColumnWriter[] {
    return inner.map((writer, index): ColumnWriter => ({
      write: (record, out, errors) => {
        const found = this.#errors.get(record.row);
        if (found === undefined) return writer.write(this.recordOf(record), out, errors);
        if (index === 0) errors.push(...found);
        out.null();
      },
    }));
  }
}

/** An error's column is one of the table. */
export function rowErrorsOf(
  errors: readonly HookError[],
  [, cells]: SentRow,
  programs: readonly ColumnProgram[],
): readonly RowError[] {
  const found = errors.map(({ message, field }): RowError => {
    const filled = field === null
      ? []
      : programs.filter(({ fields }) => fields.length === 1 && fields[0] === field);
    const cell = field === null ? null : cells[field] ?? null;
    const text = cell === null ? null : typeof cell === "string" ? cell : cell.j;
    return {
      code: "hook",
      message,
      column: filled.length === 1 ? nameInErrors(filled[0]) : null,
      value: text === null ? null : displayText(text).slice(0, MAX_VALUE_LENGTH).toWellFormed(),
    };
  });
  if (found.length === 1 || found.every(({ column }) => column !== null)) return found;
  // A row as a whole has one message.
  const message = [...new Set(found.map(({ message }) => message))].join("; ");
  return [{ code: "hook", message, column: null, value: null }];
}
