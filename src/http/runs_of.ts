/** Runs as a request may see them. */
import type { Context } from "hono";
import type { Ledger } from "../ledger/ledger.ts";
import { importersOf } from "../ledger/list_runs.ts";
import { NoSuchRun, requireRun, type Run } from "../ledger/runs.ts";
import { runReport } from "../report/run_report.ts";
import type { RunReport } from "../report/report_schema.ts";
import { RequestRefused } from "./answer_failure.ts";
import { mayUse } from "./principal.ts";
import { publicRun } from "./public_words.ts";
import type { RequestEnv } from "./server_context.ts";

/** Throws RequestRefused if the token is limited to other importers. */
export function requireImporter(c: Context<RequestEnv>, importer: string): void {
  if (mayUse(c.get("principal"), importer)) return;
  throw new RequestRefused(403, "forbidden", "This token is limited to other importers.");
}

/**
 * The run in the request's path. Throws NoSuchRun, also if the token is limited to other importers:
 * it must not learn which numbers exist.
 */
export async function requirePathRun(
  c: Context<RequestEnv>,
  ledger: Ledger,
  id: string,
): Promise<Run> {
  const run = await requireRun(ledger, Number(id));
  if (!mayUse(c.get("principal"), run.importer)) throw new NoSuchRun(run.id);
  return run;
}

/**
 * Fit for the client: paths of this machine become file names, and runs that it may not see aren't
 * named. Throws NoSuchRun.
 */
export async function publicReport(
  c: Context<RequestEnv>,
  ledger: Ledger,
  id: number,
  rows = 0,
): Promise<RunReport> {
  const report = await runReport(ledger, id, { rows }, publicRun);
  const [shown] = await withoutOthers(c, ledger, [report]);
  return shown;
}

/** How warnings name another run. */
const A_RUN = /\brun (\d{1,15})(?: \(\d{4}-\d\d-\d\d\))?/gu;

/** A token that is limited to some importers must not learn which numbers other runs have. */
export async function withoutOthers(
  c: Context<RequestEnv>,
  ledger: Ledger,
  reports: readonly RunReport[],
): Promise<RunReport[]> {
  const principal = c.get("principal");
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
