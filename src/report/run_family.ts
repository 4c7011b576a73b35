/** Runs with their retries and undos: how people think of them. */
import type { Ledger } from "../ledger/ledger.ts";
import type { RunFilter } from "../ledger/runs/list_runs.ts";
import type { RunReport } from "./report_schema.ts";
import { listReport, type Wording } from "./run_report.ts";

export interface RunFamily {
  readonly root: RunReport;
  /** Its latest retries and undos, the first one first. */
  readonly later: readonly RunReport[];
}

/** Of a run. */
const MOST_LATER = 500;

/** Roots, the latest first. */
export async function listFamilies(
  ledger: Ledger,
  filter: Omit<RunFilter, "family">,
  word?: Wording,
): Promise<readonly RunFamily[]> {
  const runs = await listReport(ledger, { ...filter, family: "whole" }, word);
  const rootOf = (run: RunReport) => run.parent_id ?? run.undoes_run_id;
  const later = Map.groupBy(runs, rootOf);
  return (later.get(null) ?? []).map((root) => (
    { root, later: later.get(root.id)?.toReversed() ?? [] }
  ));
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
