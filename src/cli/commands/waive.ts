/** `waive`: failed rows that somebody decides not to load. */
import { requireRun } from "../../ledger/runs/runs.ts";
import { runReport } from "../../report/run_report.ts";
import { waivedText } from "../../run/request/waived_text.ts";
import type { RowRun } from "../../run/request/row_runs.ts";
import { type RowsAsked, waiveRows } from "../../run/request/waive.ts";
import { asksNothing } from "../../run/request/choose_errors.ts";
import { UsageError } from "../../config/usage_error.ts";
import { withDatabase } from "../connect.ts";
import { type ErrorFlags, errorsAsked } from "../error_flags.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { readSettings } from "../settings.ts";

export interface WaiveFlags extends DatabaseFlags, ErrorFlags {
  readonly rows?: readonly RowRun[];
  readonly all?: boolean;
  readonly reason?: string;
  readonly undo?: boolean;
}

export async function waiveCommand(id: number, flags: WaiveFlags, output: Output): Promise<number> {
  const which = rowsAsked(flags);
  const reason = reasonOf(flags);
  const settings = readSettings(flags);
  return await withDatabase(settings, output, { migrate: true }, async ({ ledger }) => {
    const run = await requireRun(ledger, id);
    const waived = await waiveRows(ledger, {
      ...{ run, which, reason, user: settings.user, undo: flags.undo === true },
      announce: (text) => output.note(`ingest: ${text}`),
    });
    const message = waivedText(id, waived, flags.undo === true);
    if (flags.json) {
      const data = await runReport(ledger, id, { rows: 0 });
      output.json({ message, rows: waived.rows, data });
    } else output.print(message);
    return EXIT.done;
  });
}

/** Throws UsageError. */
function rowsAsked(flags: WaiveFlags): RowsAsked {
  const errors = errorsAsked(flags);
  const asked: RowsAsked[] = [
    ...(flags.all ? [{ all: true } as const] : []),
    ...(flags.rows === undefined ? [] : [{ rows: flags.rows }]),
    ...(asksNothing(errors) ? [] : [{ errors }]),
  ];
  if (asked.length === 1) return asked[0];
  throw new UsageError(
    asked.length === 0
      ? "Say which rows: --group, --code, --column, --rows, or --all for every failed row"
      : "--all, --rows, and --group, --code or --column exclude each other: give one of them",
  );
}

/** Throws UsageError. */
function reasonOf({ reason, undo }: WaiveFlags): string | null {
  const said = reason?.trim() ?? "";
  if (said.length > LONGEST_REASON) {
    throw new UsageError(`--reason has more than ${LONGEST_REASON} characters`);
  }
  if (said !== "" || (undo && reason === undefined)) return said === "" ? null : said;
  throw new UsageError(
    'waive needs a --reason, such as --reason "test data": it is kept on record',
  );
}

const LONGEST_REASON = 1000;
