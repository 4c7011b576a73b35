/** What was found in each of the tables that a run and its retries have written to. */
import type { Ledger } from "../../ledger/ledger.ts";
import { listTriggers } from "../../load/verify/triggers.ts";
import type { Table } from "../../load/catalog/table.ts";
import type { Comparable } from "../../load/verify/comparable.ts";
import type { CompiledRun, CompiledTable } from "./compile.ts";
import { anyDiffers, type Tally, type VerifiedCounts, type VerifiedTable } from "./findings.ts";

export interface FoundInTable {
  /** What it is called; null: it is the only one. */
  readonly label: string | null;
  readonly table: Table;
  /** Null for links. */
  readonly how: Comparable | null;
  /** Columns that the run has filled and the table no longer has. */
  readonly lost: readonly string[];
  readonly counts: VerifiedCounts;
  readonly shown: VerifiedTable;
  /** The names of its triggers, if something differs. */
  readonly triggers: readonly string[];
}

/** In the order of the definition; what only a retry has written to comes last. */
export async function foundByTable(
  ledger: Ledger,
  runs: readonly CompiledRun[],
  tally: Tally,
): Promise<readonly FoundInTable[]> {
  const tables = new Map<number, CompiledTable>();
  for (const compiled of runs.flatMap((run) => run.tables)) {
    const { oid } = compiled.how.plan.table;
    if (!tables.has(oid)) tables.set(oid, compiled);
  }
  const found: FoundInTable[] = [];
  for (const compiled of tables.values()) {
    const { label, how, lost } = compiled;
    const { table } = how.plan;
    const counts = tally.of(compiled);
    const differs = anyDiffers(counts);
    const { set_aside: _, unreadable: __, ...rows } = counts;
    const triggers = differs ? await listTriggers(ledger.session, table) : [];
    found.push({
      ...{ label, table, how, lost, counts, triggers },
      shown: {
        table: label ?? table.name,
        ...{ rows, differs },
        found_by: how.plan.key,
        not_compared: [...how.unfilled, ...how.unreadable],
      },
    });
  }
  return found;
}
