/** Runs as a token that is limited to some importers may see them. */
import type { Ledger } from "../ledger/ledger.ts";
import { importersOf } from "../ledger/list_runs.ts";
import type { RunReport } from "../report/report_schema.ts";
import { mayUse, type Principal } from "./principal.ts";

/** How warnings name another run. */
const A_RUN = /\brun (\d{1,15})(?: \(\d{4}-\d\d-\d\d\))?/gu;

/** Such a token must not learn which numbers other runs have. */
export async function hideOthers(
  principal: Pick<Principal, "importers">,
  ledger: Ledger,
  reports: readonly RunReport[],
): Promise<RunReport[]> {
  const named = reports.flatMap(({ queued_behind, warnings }) => [
    ...queued_behind === null ? [] : [queued_behind],
    ...warnings.flatMap((text) => [...text.matchAll(A_RUN)].map(([, id]) => Number(id))),
  ]);
  if (principal.importers === null || named.length === 0) return [...reports];
  const importers = await importersOf(ledger, named);
  const isOthers = (id: number) => {
    const importer = importers.get(id);
    return importer === undefined || !mayUse(principal, importer);
  };
  return reports.map(({ queued_behind, warnings, ...report }) => ({
    ...report,
    queued_behind: queued_behind !== null && isOthers(queued_behind) ? null : queued_behind,
    warnings: warnings.map((text) =>
      text.replace(A_RUN, (run, id) => isOthers(Number(id)) ? "another run" : run)
    ),
  }));
}
