/** How much room a record's row may need. */
import type { DescribedColumn } from "./columns.ts";
import { longestWritten } from "./notation.ts";

const encoder = new TextEncoder();

/**
 * How many times a record's length its row may have: escaping doubles a value, and a field can be in
 * several columns.
 */
export function rowGrowth(columns: readonly DescribedColumn[]): number {
  const uses = new Map<number, number>();
  for (const { rule } of columns) {
    for (const field of rule?.kind === "field" ? rule.fields : []) {
      uses.set(field, (uses.get(field) ?? 0) + 1);
    }
  }
  return 2 * Math.max(1, ...uses.values());
}

/**
 * How many bytes a row may need besides. That is a good guess for columns with steps, whose values
 * look themselves whether there is room.
 */
export function spareBytes(columns: readonly DescribedColumn[]): number {
  return columns.reduce((sum, column) => sum + ownBytes(column) + 1, 0);
}

/** The most bytes that the column's definition may add to its fields. */
function ownBytes({ rule, constant }: DescribedColumn): number {
  const constantBytes = constant?.length ?? 0;
  if (rule?.kind !== "field") return Math.max(2, constantBytes);
  const { value, steps, fields, separator } = rule;
  const texts = [
    ...steps.map((step) => "text" in step ? step.text : ""),
    ...fields.slice(1).map(() => separator),
  ];
  return Math.max(2, constantBytes, longestWritten(value)) +
    texts.reduce((sum, text) => sum + 2 * encoder.encode(text).length, 0);
}
