/**
 * Tells of a file that was loaded before. If nothing in the table tells its rows from others, that is a
 * warning.
 */
import type { Ledger } from "../../ledger/ledger.ts";
import { addWarnings, setSameFile } from "../../ledger/runs/run_states.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import {
  type EarlierLoad,
  isDone,
  listLoadsOf,
  loadsSomething,
  mayBeSame,
} from "../../ledger/runs/same_bytes.ts";
import { routesOf, type RunProgram } from "../program.ts";
import { isSameTable } from "../same_table.ts";

/** In the open transaction. `run`: freshly read, with its fingerprint. */
export async function tellEarlierLoads(
  ledger: Ledger,
  program: RunProgram,
  run: Run,
): Promise<void> {
  const { table } = program.loadPlan;
  if (run.fingerprint === null) return;
  const earlier = (await listLoadsOf(ledger, run.fingerprint, run.id))
    .filter((load) =>
      isSameTable(load.definition, table) && mayBeSame(load, run) && loadsSomething(load)
    );
  const own = earlier.findLast((load) => load.importer === run.importer && isDone(load));
  if (own !== undefined) {
    await setSameFile(ledger, run.id, { run: own.id, at: own.completed_at ?? own.created_at });
  }
  // With a key, rows that are there already are found.
  const hasKeys = routesOf(program).every(({ loadPlan: { key } }) => key.length > 0);
  if (hasKeys || earlier.length === 0) return;
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
