/** Where a sheet's table is: its row of names, and its columns. */
import type { KeptRow } from "./sheet_row.ts";

/** How many rows are looked at. */
export const LOOKED_AT_ROWS = 50;

export interface FoundTable {
  /** The sheet's row that has the names; 0 if the definition gives them. */
  readonly headerRow: number;
  /** From 0; `last` is one of them. */
  readonly first: number;
  readonly last: number;
  /** A column without anything, with names on both sides of it; null if there is none. */
  readonly gap: number | null;
}

/**
 * `rows`: the first ones that aren't empty, after those that are skipped. `header`: as in the
 * definition. `isLookedFor`: titles may stand above the names.
 */
export function findTable(
  rows: readonly KeptRow[],
  header: true | readonly string[],
  isLookedFor: boolean,
): FoundTable {
  if (header !== true) return { headerRow: 0, ...namedColumns(rows, header.length), gap: null };
  const widest = Math.max(0, ...rows.map(({ count }) => count));
  const isHead = ({ count }: KeptRow) => count >= Math.min(2, widest) && 2 * count >= widest;
  const data = isLookedFor ? rows.slice(Math.max(0, rows.findIndex(isHead))) : rows;
  const [head] = data;
  if (head === undefined) return { headerRow: 0, first: 0, last: 0, gap: null };
  const used = new Set(data.flatMap(({ columns }) => [...columns]));
  // Columns without a name, as long as they follow one another: what is further away is a remark.
  let last = head.columns[head.count - 1];
  while (used.has(last + 1)) last++;
  return { headerRow: head.number, first: smallest(data), last, gap: findGap(head, used) };
}

/** So many columns as there are names: from A, unless rows reach further than that. */
function namedColumns(
  rows: readonly KeptRow[],
  names: number,
): Pick<FoundTable, "first" | "last"> {
  const reachesFurther = rows.some(({ columns, count }) => columns[count - 1] >= names);
  const first = reachesFurther ? smallest(rows) : 0;
  return { first, last: first + names - 1 };
}

function smallest(rows: readonly KeptRow[]): number {
  return rows.reduce((first, { columns }) => Math.min(first, columns[0]), rows[0].columns[0]);
}

function findGap(head: KeptRow, used: ReadonlySet<number>): number | null {
  for (let i = 1; i < head.count; i++) {
    for (let column = head.columns[i - 1] + 1; column < head.columns[i]; column++) {
      if (!used.has(column)) return column;
    }
  }
  return null;
}
