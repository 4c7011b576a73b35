/** Runs as a request may see them. */
import type { Context } from "hono";
import type { Ledger } from "../ledger/ledger.ts";
import { NoSuchRun, requireRun, type Run } from "../ledger/runs/runs.ts";
import { runReport, type RunReportOptions } from "../report/run_report.ts";
import type { RunReport } from "../report/report_schema.ts";
import { RequestRefused } from "./answers/answer_failure.ts";
import { hideOthers } from "./identity/hide_others.ts";
import { mayUse } from "./identity/principal.ts";
import { publicFile, publicRun } from "./answers/public_words.ts";
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
  options: RunReportOptions = { rows: 0 },
): Promise<RunReport> {
  const report = await runReport(ledger, id, options, publicRun);
  const [shown] = await withoutOthers(c, ledger, [report]);
  const { watched_file: file } = shown;
  return file === undefined ? shown : { ...shown, watched_file: publicFile(file) };
}

/** `hideOthers` for whoever sends the request. */
export function withoutOthers(
  c: Context<RequestEnv>,
  ledger: Ledger,
  reports: readonly RunReport[],
): Promise<RunReport[]> {
  return hideOthers(c.get("principal"), ledger, reports);
}
