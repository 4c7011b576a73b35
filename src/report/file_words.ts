/**
 * Messages in the words of the file. They are stored with the table's names, so that equal errors
 * group, whatever version wrote them; the file's names are added when somebody reads them.
 */
import type { LoggedError, RowErrors } from "../ledger/rows/rows.ts";
import type { SourceNames } from "./source_names.ts";

/** `The email field …` → `The E-Mail field (email) …`, where the file calls it E-Mail. */
export function inFileWords(
  message: string,
  code: string | null,
  column: string | null,
  names: SourceNames,
): string {
  const key = DUPLICATE.exec(message);
  if (key !== null && (code === "duplicate" || code === "duplicate_in_file")) {
    const columns = column === null ? key[1].split(", ") : [column];
    const shown = columns.map((name) => names.column(name)).join(", ");
    return `Duplicate entry found for key '${shown}'.`;
  }
  if (column !== null) {
    const start = `The ${column} field `;
    if (!message.startsWith(start)) return message;
    return `The ${names.field(column)} ${message.slice(start.length)}`;
  }
  const several = code === "foreign_key" ? SEVERAL.exec(message) : null;
  if (several === null) return message;
  const shown = several[1].split(", ").map((name) => names.column(name)).join(", ");
  return `The ${shown} field ${several[2]}`;
}

/**
 * The table's columns that a row's error is about, where it is about several: a key, or a reference
 * to one.
 */
export function severalColumns({ message, details: [first] }: RowErrors): readonly string[] {
  const isOfSeveral = first !== undefined && first.column === null;
  const named = !isOfSeveral
    ? null
    : first.code === "foreign_key"
    ? SEVERAL.exec(message)
    : DUPLICATE.exec(message);
  return named?.[1].split(", ") ?? [];
}

const DUPLICATE = /^Duplicate entry found for key '(.*)'\.$/su;
/** A key of several columns. */
const SEVERAL = /^The (.*?) field (refers .*)$/su;

/** A row's errors; each detail also says which column of the file it is about. */
export interface ErrorsInFileWords extends RowErrors {
  readonly details: readonly (LoggedError & {
    readonly source_column: string | null;
    /** Where that is in a workbook, such as `C17`. */
    readonly cell?: string;
  })[];
}

/** `cellOf`: where the row's value for a column of the table is in a workbook. */
export function errorsInFileWords(
  errors: RowErrors,
  names: SourceNames,
  cellOf: (column: string) => string | null = () => null,
): ErrorsInFileWords {
  const { message, validation, details } = errors;
  const [first] = details;
  const columns = new Set(details.map(({ column }) => column));
  const ordered = [...columns, ...Object.keys(validation)].filter((column) =>
    column !== null && Object.hasOwn(validation, column)
  );
  return {
    message: inFileWords(message, first?.code ?? null, first?.column ?? null, names),
    validation: Object.fromEntries(
      [...new Set(ordered)].map((column) => [
        column!,
        validation[column!].map((text) => inFileWords(text, null, column, names)),
      ]),
    ),
    details: details.map(({ code, column, ...rest }) => {
      const cell = column === null ? null : cellOf(column);
      return {
        code,
        column,
        source_column: column === null ? null : names.of(column),
        ...cell !== null && { cell },
        ...rest,
      };
    }),
  };
}
