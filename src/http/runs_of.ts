/** Runs as a request may see them. */
import type { Context } from "hono";
import type { Ledger } from "../ledger/ledger.ts";
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

/** Fit for clients: paths of this machine become file names. Throws NoSuchRun. */
export function publicReport(ledger: Ledger, id: number, rows = 0): Promise<RunReport> {
  return runReport(ledger, id, { rows }, publicRun);
}
