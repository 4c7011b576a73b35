/** Whether errors are new, or come again and again. */
import type { EarlierRun } from "../ledger/groups/group_history.ts";

export interface GroupHistory {
  /** The latest earlier run, if neither it nor those before it had such errors. */
  readonly new_since_run: number | null;
  /** The latest earlier run that had such errors. */
  readonly last_seen_in_run: number | null;
  /** How many of the runs just before this one had them, one after the other. */
  readonly runs_in_a_row: number;
}

/** `earlier`: the latest first. Null if there are none. */
export function historyOf(id: string, earlier: readonly EarlierRun[]): GroupHistory | null {
  if (earlier.length === 0) return null;
  const had = earlier.map(({ groups }) => groups.has(id));
  const seen = had.indexOf(true);
  const without = had.indexOf(false);
  return {
    new_since_run: seen < 0 ? earlier[0].id : null,
    last_seen_in_run: seen < 0 ? null : earlier[seen].id,
    runs_in_a_row: without < 0 ? earlier.length : without,
  };
}

/** `new since run 11`, `also in the last 5 runs` */
export function historyText(history: GroupHistory): string {
  const { new_since_run, last_seen_in_run, runs_in_a_row: runs } = history;
  if (new_since_run !== null) return `new since run ${new_since_run}`;
  if (runs === 0) return `again, last in run ${last_seen_in_run}`;
  return runs === 1 ? `also in run ${last_seen_in_run}` : `also in the last ${runs} runs`;
}
