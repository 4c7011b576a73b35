/** What became of rows that the file doesn't have, in words. */
import { formatCount } from "./numbers.ts";

interface Removed {
  readonly deleted?: number;
  readonly marked?: number;
}

/** `deleted` or `marked`, and how many rows. Null: such rows are kept. */
export function removedRows(
  { deleted, marked }: Removed,
): { readonly what: "deleted" | "marked"; readonly rows: number } | null {
  if (deleted !== undefined) return { what: "deleted", rows: deleted };
  return marked === undefined ? null : { what: "marked", rows: marked };
}

/** For a held run: `It would delete 6 rows of the table that the file doesn't have.` */
export function wouldRemove(held: Removed): string {
  const removed = removedRows(held);
  if (removed === null || removed.rows === 0) return "";
  const rows = removed.rows === 1 ? "1 row" : `${formatCount(removed.rows)} rows`;
  const does = removed.what === "deleted" ? "delete" : "mark";
  return `It would ${does} ${rows} of the table that the file doesn't have.`;
}
