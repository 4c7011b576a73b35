/** Text in columns. */
import type { Style } from "./style.ts";
import { displayWidth, padEnd, printable, truncate } from "./terminal_text.ts";

export interface TextColumn {
  readonly title: string;
  /** Aligned to the right, for numbers. */
  readonly right?: boolean;
}

/**
 * A heading and a line for each row. The last column is cut at the width. Null: nothing is cut,
 * because a program reads it.
 */
export function renderTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  width: number | null,
  style: Style,
): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...cells.map((row) => displayWidth(row[index])))
  );
  const line = (row: readonly string[]) => {
    const text = row.map((cell, index) => {
      if (columns[index].right === true) {
        return " ".repeat(widths[index] - displayWidth(cell)) + cell;
      }
      return index === row.length - 1 ? cell : padEnd(cell, widths[index]);
    }).join("  ");
    return width === null ? text : truncate(text, width);
  };
  return [style.dim(line(columns.map((column) => column.title))), ...cells.map(line)];
}
