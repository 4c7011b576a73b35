/** The columns of a file of fixed width, as a definition says them. */
import type { FixedField } from "./source_rule.ts";
import type { Problems } from "./problem.ts";
import type { ParsedDefinition } from "./schema.ts";
import { A_POSITION } from "./source_schema.ts";

type Source = Pick<
  NonNullable<ParsedDefinition["source"]>,
  "format" | "widths" | "positions" | "header"
>;

/** Such as `1-20`, `24` or `39-`. */
const POSITION = /^\s*(\d+)\s*(-\s*(\d*))?\s*$/u;
/** A line of more characters is longer than a record may be. */
const MOST_CHARACTERS = 16_000_000;

/** From left to right. What can't be read is left out: `checkFixed` says so. */
export function readFixedFields({ widths, positions }: Source): readonly FixedField[] {
  const fields: FixedField[] = [];
  let start = 0;
  for (const [name, width] of Object.entries(widths ?? {})) {
    fields.push({ name, start, end: start + width });
    start += width;
  }
  for (const [name, written] of Object.entries(positions ?? {})) {
    const range = readPosition(String(written));
    if (range !== null) fields.push({ name, ...range });
  }
  return fields.toSorted((one, other) => one.start - other.start);
}

function readPosition(written: string): Omit<FixedField, "name"> | null {
  const found = POSITION.exec(written);
  if (found === null) return null;
  const [, first, range, last] = found;
  const start = Number(first) - 1;
  const end = range === undefined ? start + 1 : last === "" ? null : Number(last);
  const isRange = start >= 0 && (end ?? MOST_CHARACTERS) > start;
  return isRange && start < MOST_CHARACTERS && (end ?? 0) <= MOST_CHARACTERS
    ? { start, end }
    : null;
}

export function checkFixed(source: Source, problems: Problems): void {
  const { format, widths, positions, header } = source;
  for (const key of ["widths", "positions"] as const) {
    if (source[key] === undefined || format === "fixed") continue;
    problems.add(["source", key], {
      found: `format ${format ?? "auto"}`,
      expected: "format: fixed",
      sentence: "needs `format: fixed`",
    });
  }
  if (format !== "fixed") return;
  if (widths === undefined && positions === undefined) {
    problems.missing(
      ["source", "widths"],
      "the width of each column, such as {Name: 20, City: 15}, or `positions`, such as {Name: 1-20}",
    );
  }
  if (widths !== undefined && positions !== undefined) {
    problems.add(["source", "positions"], {
      found: "widths and positions",
      expected: "one of them",
      sentence: "says the same as `widths` in another way: keep one of them",
    });
  }
  for (const [key, columns] of Object.entries({ widths, positions })) {
    if (columns !== undefined && Object.keys(columns).length === 0 && problems.count === 0) {
      problems.wrong(["source", key], columns, "at least one column");
    }
  }
  for (const name of Object.keys(widths ?? {})) {
    // A mapping loses the place of such a key.
    if (!/^\d+$/u.test(name)) continue;
    problems.add(["source", "widths", name], {
      found: name,
      expected: "a name",
      sentence: `${name}: a column that is called by a number has no place here, because the ` +
        `order of numbers gets lost. Use \`positions\`, or call it column_${name}`,
    });
  }
  for (const [name, written] of Object.entries(positions ?? {})) {
    if (readPosition(String(written)) === null) {
      problems.wrong(["source", "positions", name], written, A_POSITION);
    }
  }
  if (Array.isArray(header)) {
    problems.add(["source", "header"], {
      found: "a list",
      expected: "true, or nothing",
      sentence:
        `is a list, but \`${positions === undefined ? "widths" : "positions"}\` names the ` +
        "columns. Say `header: true` if the file has a header, else leave it out",
    });
  }
}
