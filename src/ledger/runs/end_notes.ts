/** What a run that ends is warned of. */
import type { FilledSequence } from "../../load/catalog/sequences.ts";

/** What the warnings of a run that ends are made from. */
export interface Ending {
  readonly failed_rows: number;
  readonly table_name: string;
  readonly taken_rows: number;
  readonly unlogged_rows: number;
  readonly created_rows: number;
  readonly filled_sequences: readonly FilledSequence[] | null;
  readonly sequences: "warn" | "advance" | null;
}

/** A warning about something, of which there is one at most. */
export interface EndNote {
  /** How each warning about it begins. Those of the run's last end are removed. */
  readonly begins: string;
  /** Null: there is nothing to tell any more. */
  readonly text: string | null;
}

export function takenRows({ table_name, taken_rows: taken }: Ending): EndNote {
  const begins = `A trigger of the ${table_name} table took `;
  if (taken === 0) return { begins, text: null };
  const rest = taken === 1
    ? "1 row: it put it elsewhere, or dropped it. It counts as skipped."
    : `${taken.toLocaleString("en-US")} rows: it put them elsewhere, or dropped them. ` +
      "They count as skipped.";
  return { begins, text: begins + rest };
}

export function unloggedRows({ failed_rows: failed, unlogged_rows: unlogged }: Ending): EndNote {
  const begins = "Not all failed rows are kept: ";
  if (unlogged === 0) return { begins, text: null };
  const [kept, all] = [failed - unlogged, failed].map((n) => n.toLocaleString("en-US"));
  return {
    begins,
    text:
      `${begins}${kept} of ${all} (options.max_failed_rows_logged). The others are counted in ` +
      "the groups of errors, and a retry needs the file again.",
  };
}
