/** What was waived, in words. */
import { failedRows } from "./choose_rows.ts";
import type { Waived } from "./waive.ts";

export function waivedText(run: number, waived: Waived, undo: boolean): string {
  const { rows, failed, notes } = waived;
  if (rows === 0) return notes.join(" ");
  const many = `${failedRows(rows, failed)} of run ${run}`;
  const done = undo ? `No longer waived: ${many}.` : `Waived ${many}.`;
  return [done, ...notes].join(" ");
}
