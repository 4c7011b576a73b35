/** What corrected rows would come to, in words for clients. */
import type { Context } from "hono";
import type { Ledger } from "../ledger/ledger.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { toRecheckReport } from "../report/correction_report.ts";
import type { RecheckReport } from "../report/correction_schema.ts";
import { recheckRows } from "../run/recheck/recheck_rows.ts";
import { chooseRetryDefinition } from "../run/request/retry/retry_definition.ts";
import { withoutCommands } from "./answers/public_commands.ts";
import { withoutPaths } from "./answers/public_words.ts";
import type { RequestEnv } from "./server_context.ts";

export async function recheck(
  c: Context<RequestEnv>,
  ledger: Ledger,
  run: Run,
  rows: readonly number[],
): Promise<RecheckReport> {
  const { importersFolder, schemaName } = c.get("server");
  const found = await recheckRows(
    ledger,
    run,
    rows,
    () => chooseRetryDefinition(run, importersFolder, schemaName, false),
  );
  const report = toRecheckReport(found, run);
  return { ...report, notes: report.notes.map((note) => withoutCommands(withoutPaths(note))) };
}
