/** A default is checked like any value. One that its own column refuses would fail each row that needs it. */
import type { ValueType } from "../definition.ts";
import { describe, type Path, type Problems } from "../problem.ts";
import type { ParsedColumn } from "../schema.ts";

/** What can be said without the table. `type`: null if the table's column decides. */
export function checkDefault(
  path: Path,
  column: ParsedColumn,
  type: ValueType | null,
  problems: Problems,
): void {
  if (column.default === undefined || column.default === null) return;
  // Where the condition doesn't hold, the default need not be a value that the file may have.
  if (column.when !== undefined) return;
  const value = String(column.default);
  const fault = outsideList(value, column) ?? outsideLength(value, column) ??
    (column.decimal === undefined && column.thousands === undefined
      ? noNumber(value, type) ?? outsideLimits(value, column)
      : null);
  if (fault === null) return;
  problems.add([...path, "default"], {
    found: describe(value),
    expected: "a value that the column takes",
    sentence: `${describe(value)} ${fault}, so each row without a value would fail`,
  });
}

/** Two notations of a number may be the same value. */
function outsideList(value: string, { one_of }: ParsedColumn): string | null {
  if (one_of === undefined || NUMBER.test(value)) return null;
  return one_of.map(String).includes(value) ? null : "is not in `one_of`";
}

function outsideLength(
  value: string,
  { min_length, max_length }: ParsedColumn,
): string | null {
  const length = [...value].length;
  if (min_length !== undefined && length < min_length) return "is shorter than `min_length`";
  return max_length !== undefined && length > max_length ? "is longer than `max_length`" : null;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)$/u;

function noNumber(value: string, type: ValueType | null): string | null {
  return type === "integer" && !/\d/u.test(value) ? "is no whole number" : null;
}

function outsideLimits(value: string, { min, max }: ParsedColumn): string | null {
  if (!NUMBER.test(value)) return null;
  if (min !== undefined && Number(value) < min) return `is less than \`min\`, which is ${min}`;
  return max !== undefined && Number(value) > max ? `is more than \`max\`, which is ${max}` : null;
}
