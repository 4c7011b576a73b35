/** Runs with their retries and undos: how people think of them. */
import type { Ledger } from "../ledger/ledger.ts";
import type { RunFilter } from "../ledger/list_runs.ts";
import type { RunReport } from "./report_schema.ts";
import { listReport, type Wording } from "./run_report.ts";

export interface RunFamily {
  readonly root: RunReport;
  /** Its retries and undos, the first one first. */
  readonly later: readonly RunReport[];
}

/** For all runs of a page together. The latest are kept if there are more. */
const MOST_LATER = 500;

/** Roots, the latest first. */
export async function listFamilies(
  ledger: Ledger,
  filter: Omit<RunFilter, "family">,
  word?: Wording,
): Promise<readonly RunFamily[]> {
  const roots = await listReport(ledger, { ...filter, family: "roots" }, word);
  const ids = roots.map(({ id }) => id);
  const later = ids.length === 0 ? [] : await listLater(ledger, ids, word);
  const byRoot = Map.groupBy(later, (run) => run.parent_id ?? run.undoes_run_id);
  return roots.map((root) => ({ root, later: byRoot.get(root.id)?.toReversed() ?? [] }));
}

/** Retries and undos of these roots, the latest first. */
export function listLater(
  ledger: Ledger,
  roots: readonly number[],
  word?: Wording,
): Promise<RunReport[]> {
  const all = { status: null, importer: null, before: null };
  return listReport(ledger, { ...all, family: roots, limit: MOST_LATER }, word);
}
