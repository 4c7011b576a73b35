/** Lists of row numbers, as people write them. */

/** Row numbers, from the first to the last. */
export interface RowRun {
  readonly first: number;
  readonly last: number;
}

const MOST_ROWS = 1_000_000;

/** `4,17-20`. If it is none, a text that says what is wrong. */
export function readRowRuns(text: string): readonly RowRun[] | string {
  const runs = text.split(",").map((part) => {
    const match = /^\s*([0-9]{1,15})(?:\s*-\s*([0-9]{1,15}))?\s*$/u.exec(part);
    const first = Number(match?.[1] ?? NaN);
    return { first, last: Number(match?.[2] ?? first) };
  });
  if (runs.some(({ first, last }) => !(first >= 1) || !(last >= first))) {
    return "Expected row numbers, such as 4,17-20.";
  }
  const rows = runs.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return rows <= MOST_ROWS ? runs : "Expected at most 1,000,000 rows: for more, --group or --all.";
}
