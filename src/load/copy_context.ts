/**
 * Reads where an error of a COPY occurred from its context, such as
 * `COPY customers, line 4, column age: "x"`. Its words are in the server's language, but their order
 * is nearly always this one, with commas and a number.
 */

export interface CopyContext {
  /** From 1. */
  readonly line: number;
  /** Set if reading this column's value is what failed. */
  readonly column?: string;
  /** Missing in the binary format. Postgres cuts long ones. */
  readonly value?: string;
}

/** `columns`: the names that the context may hold. A name may have commas, colons and digits. */
export function copyContext(
  where: string | undefined,
  relation: string,
  columns: readonly string[],
): CopyContext | null {
  const start = `COPY ${relation}, `;
  const context = where?.split("\n").find((line) => line.startsWith(start))?.slice(start.length);
  const found = context?.match(/^[^\d,]*(\d+)(?:, \S+ (.*))?/);
  if (!found) return null;
  const line = Number(found[1]);
  const rest = found[2];
  if (rest === undefined) return { line };
  const column = columns.filter((name) => isNamed(name, rest))
    .reduce((longest, name) => name.length > longest.length ? name : longest, "");
  if (column === "") return { line };
  const value = rest.slice(column.length).match(/^ ?: ["»«„'](.*)["«»“']$/)?.[1];
  return value === undefined ? { line, column } : { line, column, value };
}

/** The name is followed by the end or by a colon, before which French has a blank. */
function isNamed(name: string, rest: string): boolean {
  if (!rest.startsWith(name)) return false;
  return rest.length === name.length || /^ ?:/.test(rest.slice(name.length, name.length + 2));
}
