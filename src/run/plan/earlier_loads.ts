/** Warns of a file that was loaded before, into a table where nothing tells its rows from others. */
import type { Ledger } from "../../ledger/ledger.ts";
import { addWarnings } from "../../ledger/run_states.ts";
import type { Run } from "../../ledger/runs.ts";
import {
  type EarlierLoad,
  listLoadsOf,
  loadsSomething,
  mayBeSame,
} from "../../ledger/same_bytes.ts";
import type { RunProgram } from "../program.ts";
import { isSameTable } from "../same_table.ts";

/** In the open transaction. `run`: freshly read, with its fingerprint. */
export async function warnOfEarlierLoads(
  ledger: Ledger,
  { loadPlan }: RunProgram,
  run: Run,
): Promise<void> {
  const { key, table } = loadPlan;
  // With a key, rows that are there already are found.
  if (key.length > 0 || run.fingerprint === null || run.retried_from_run_id !== null) return;
  const earlier = (await listLoadsOf(ledger, run.fingerprint, run.id))
    .filter((load) =>
      isSameTable(load.table, table) && mayBeSame(load, run) && loadsSomething(load)
    );
  if (earlier.length === 0) return;
  await addWarnings(ledger, run.id, [describe(earlier, run)]);
}

/** How many runs the warning names. */
const NAMED = 3;

function describe(earlier: readonly EarlierLoad[], run: Run): string {
  const named = earlier.slice(-NAMED).reverse();
  const others = earlier.length > NAMED ? " and others" : "";
  const who = named
    .map(({ id, created_at }) => `run ${id} (${created_at.toISOString().slice(0, 10)})`)
    .join(", ");
  return `The same bytes were loaded into ${run.definition.table} before, by ${who}${others}. ` +
    "The importer has no key, so their rows are loaded once more. " +
    "--once loads a file only once.";
}
