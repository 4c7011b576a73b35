import type { Ledger } from "../../ledger/ledger.ts";
import { latestRunId, requireRun } from "../../ledger/runs/runs.ts";
import type { ExportForm } from "../../report/export_forms.ts";
import { errorSummary, samplesOf, sumErrors } from "../../report/error_summary.ts";
import { runReport } from "../../report/run_report.ts";
import { suggestNotations } from "../../run/request/suggest_notations.ts";
import { UsageError } from "../../config/usage_error.ts";
import {
  chooseErrors,
  type ChosenErrors,
  countChosen,
  nothingChosen,
} from "../../run/request/choose_errors.ts";
import { withDatabase } from "../connect.ts";
import { type ErrorFlags, errorsAsked } from "../error_flags.ts";
import { NoRunYet } from "../command_errors.ts";
import { EXIT } from "../exit_codes.ts";
import { exportFailedRows } from "../export_failed_rows.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { suggest } from "../suggest.ts";
import { readSettings } from "../settings.ts";
import { renderErrors, shownGroups } from "../render/errors.ts";

export interface ErrorsFlags extends DatabaseFlags, ErrorFlags, ImporterFlags {
  /** A path, or `-`. */
  readonly export?: string;
  readonly format?: ExportForm;
  readonly force?: boolean;
  readonly suggest?: boolean;
  /** True: all of them. */
  readonly apply?: true | readonly number[];
  readonly waived?: boolean;
}

const WHOLE =
  "--suggest looks at all failed rows of the run: leave out --group, --code and --column";

export async function errorsCommand(
  given: number | null,
  flags: ErrorsFlags,
  output: Output,
): Promise<number> {
  if (flags.json && flags.export === "-") {
    throw new UsageError("--json and --export - both write to stdout: give --export a file");
  }
  if (flags.export === "") throw new UsageError("--export needs a file, or - for stdout");
  if (flags.force && flags.export === undefined) {
    throw new UsageError("--force only works with --export: it overwrites that file");
  }
  if (flags.format !== undefined && flags.export === undefined) {
    throw new UsageError("--format only works with --export: it says what that file is");
  }
  const form = flags.export === undefined ? "csv" : formOf(flags.export, flags.format);
  if (form === "xlsx" && flags.export === "-" && output.stdout.size() !== null) {
    throw new UsageError("a terminal can't show a workbook: give --export a file");
  }
  if ((flags.suggest || flags.apply !== undefined) && flags.export !== undefined) {
    throw new UsageError("--suggest and --export are two things: say them one after the other");
  }
  if (flags.waived && flags.export === undefined) {
    throw new UsageError("--waived only works with --export: it writes waived rows, too");
  }
  const settings = readSettings(flags);
  return await withDatabase(settings, output, { migrate: false }, async ({ ledger }) => {
    const id = given ?? await latestRunId(ledger);
    if (id === null) throw new NoRunYet();
    const run = await requireRun(ledger, id);
    const chosen = await chooseErrors(ledger, run, errorsAsked(flags));
    if (flags.suggest || flags.apply !== undefined) {
      if (chosen !== null) throw new UsageError(WHOLE);
      return await suggest(ledger, run, flags, settings, output);
    }
    if (flags.export !== undefined) {
      await exportFailedRows(ledger, run, flags.export, {
        form,
        overwrite: flags.force ?? false,
        chosen,
        withWaived: flags.waived ?? false,
      }, output);
    }
    if (flags.json) {
      const suggestions = chosen === null ? await suggestNotations(ledger, run) : [];
      const found = await errorSummary(ledger, run, chosen);
      output.json({ data: suggestions.length === 0 ? found : { ...found, suggestions } });
    } else if (flags.export === undefined) await printErrors(ledger, id, chosen, output);
    return EXIT.done;
  });
}

/** By the file's name, unless it is said. */
function formOf(file: string, said: ExportForm | undefined): ExportForm {
  if (said !== undefined) return said;
  if (/\.xlsx$/iu.test(file)) return "xlsx";
  const other = /\.(?:xls|xlsm|xlsb|ods)$/iu.exec(file);
  if (other === null) return "csv";
  throw new UsageError(
    `--export writes .xlsx and .csv, not ${other[0]}: give the file another name`,
  );
}

async function printErrors(
  ledger: Ledger,
  id: number,
  chosen: ChosenErrors | null,
  output: Output,
): Promise<void> {
  const frame = output.listFrame();
  const run = await requireRun(ledger, id);
  const errors = await sumErrors(ledger, run, chosen);
  const only = chosen === null ? null : await countChosen(ledger, run, chosen);
  if (only?.rows === 0) return output.note(await nothingChosen(ledger, run, only));
  const samples = await samplesOf(ledger, run, shownGroups(errors, frame.width));
  // Read last, so that it counts at least the rows that the groups count.
  const report = await runReport(ledger, id, { rows: 0 });
  const logsRows = run.definition.options.log_rows !== "none";
  const suggestions = chosen === null ? await suggestNotations(ledger, run) : [];
  const view = { report, errors, samples, logsRows, suggestions, only };
  output.printAll(renderErrors(view, frame));
}
