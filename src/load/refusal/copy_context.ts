/**
 * Reads where an error of a COPY occurred from its context, such as
 * `COPY customers, line 4, column age: "x"`. Its words are in the server's language.
 */

export interface CopyContext {
  /** From 1. */
  readonly line: number;
  /** Set if reading this column's value is what failed. */
  readonly column?: string;
  /** Missing in the binary format. Postgres cuts long ones. */
  readonly value?: string;
}

/** How a language says it. */
interface Form {
  /** What stands before and after the table's name. */
  readonly around: readonly [before: string, after: string];
  /** What follows: the line, then all that begins with the column's name. */
  readonly line: RegExp;
  /** What may follow the column's name, before the value. */
  readonly afterColumn: string;
}

/** Nearly all languages keep the order of `COPY customers, line 4, column age: "x"`. */
const FORMS: readonly Form[] = [
  { around: ["COPY ", ", "], line: /^[^\d,]*(\d+)(?:[^\d,]*, \S+ (.*))?/s, afterColumn: "" },
  { around: ["", "のCOPY、行 "], line: /^(\d+)(?:、列 (.*))?/s, afterColumn: "" },
  { around: ["", " 복사, "], line: /^(\d+)번째 줄(?:, (.*))?/s, afterColumn: " 열" },
];

/**
 * Null if the error names no row of a COPY into one of these relations, or not for sure. `columns`:
 * the names that the context may hold. Any name may have commas, colons, digits and line breaks.
 */
export function copyContext(
  where: string | undefined,
  relations: readonly string[],
  columns: readonly string[],
): CopyContext | null {
  if (where === undefined) return null;
  const found = FORMS.flatMap((form) =>
    relations.flatMap((relation) => {
      const start = form.around.join(relation);
      return beginnings(where, start).map((at) => ({ form, at, end: at + start.length }));
    })
  ).sort((a, b) => a.at - b.at);
  if (found.length === 0) return null;
  // A value may contain such a line. The first one is Postgres's own if nothing precedes it: what
  // may precede it are triggers and the like, with statements that may contain values.
  const [{ form, at, end }] = found;
  if (found.length > 1 && at > 0) return null;
  const [, line, place] = form.line.exec(where.slice(end)) ?? [];
  if (line === undefined) return null;
  return { line: Number(line), ...(place && columnIn(place, columns, form)) };
}

/** Where lines begin with this text. */
function beginnings(text: string, start: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1)) {
    if (at === 0 || text[at - 1] === "\n") found.push(at);
  }
  return found;
}

/** COPY is the statement itself, so its context is the last, and a value goes on to the end. */
function columnIn(
  place: string,
  columns: readonly string[],
  { afterColumn }: Form,
): Pick<CopyContext, "column" | "value"> {
  let longest: { readonly column: string; readonly value?: string } | null = null;
  for (const column of columns) {
    if (!place.startsWith(column + afterColumn)) continue;
    const value = VALUE.exec(place.slice(column.length + afterColumn.length));
    if (value === null || column.length < (longest?.column.length ?? 0)) continue;
    const [, french, quoted] = value;
    longest = { column, ...((french ?? quoted) !== undefined && { value: french ?? quoted }) };
  }
  return longest ?? {};
}

/** What follows a column's name: nothing, or a colon, and a value in quotes or `null input`. */
const VALUE = /^(?:\s: «\s(.*)\s»|: ["»«„'](.*)["«»“”']|\s?:.*)?$/s;
