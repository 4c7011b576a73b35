/** `errors --export`: writes the failed rows to a file, and says what it wrote. */
import type { Ledger } from "../ledger/ledger.ts";
import type { Run } from "../ledger/runs/runs.ts";
import type { ExportForm } from "../report/export_forms.ts";
import { writeFailedRowsAs } from "../report/write_failed_rows.ts";
import { cannotExport, nothingToExport } from "../report/failed_rows.ts";
import type { RunReport } from "../report/report_schema.ts";
import { runReport } from "../report/run_report.ts";
import { type ChosenErrors, countChosen, nothingChosen } from "../run/request/choose_errors.ts";
import { Refused } from "../run/request/refuse/refused.ts";
import { ExportStopped } from "./command_errors.ts";
import { type ExportFile, writeExport } from "./export_file.ts";
import { LiveArea } from "./live_area.ts";
import type { Output } from "./output.ts";
import { formatCount, formatRows, ofFailed } from "../report/numbers.ts";
import { onStopSignals } from "./signals.ts";

export interface ExportOptions {
  readonly form: ExportForm;
  readonly overwrite: boolean;
  /** Only rows with such errors; null: all. */
  readonly chosen: ChosenErrors | null;
  /** Also rows that are waived. */
  readonly withWaived: boolean;
}

/** Throws Refused and ExportStopped; then no file is left, or an existing one is unchanged. */
export async function exportFailedRows(
  ledger: Ledger,
  run: Run,
  path: string,
  { form, overwrite, chosen, withWaived }: ExportOptions,
  output: Output,
): Promise<void> {
  if (run.definition.options.log_rows === "none") {
    throw new Refused(cannotExport(run));
  }
  const { progress, undo } = await runReport(ledger, run.id, { rows: 0 });
  const { failed: all, waived } = progress;
  const about = chosen === null
    ? { rows: all, unlogged: progress.unlogged }
    : await countChosen(ledger, run, chosen);
  const { rows: failed, unlogged } = about;
  if (chosen !== null) {
    if (failed === 0) return output.note(await nothingChosen(ledger, run, chosen));
    const kept = failed - unlogged;
    if (kept > 0) output.note(`Writes ${ofFailed(kept, all)}: ${chosen.words}.`);
  }
  const written = path === "-"
    ? await writeFailedRowsAs(ledger, run, (bytes) => output.file(bytes), {
      ...{ form, marked: false, choice: chosen, withWaived },
    })
    : await exportTo(path, overwrite, (file) => {
      return writeToFile(ledger, run, file, { form, failed, choice: chosen, withWaived }, output);
    });
  output.note(whatWasWritten(run, path, written, { failed, unlogged, waived, undo }));
}

async function exportTo(
  path: string,
  overwrite: boolean,
  work: (file: ExportFile) => Promise<number>,
): Promise<number> {
  let written = 0;
  await writeExport(path, { overwrite }, async (file) => {
    written = await work(file);
    return written > 0;
  });
  return written;
}

/** Milliseconds between two updates of the progress line. */
const DRAW_INTERVAL = 200;

async function writeToFile(
  ledger: Ledger,
  run: Run,
  file: ExportFile,
  { form, failed, choice, withWaived }: {
    readonly form: ExportForm;
    readonly failed: number;
    readonly choice: ChosenErrors | null;
    readonly withWaived: boolean;
  },
  output: Output,
): Promise<number> {
  let stopped = false;
  // Unhandled, a signal would end the program at once and leave a part of the file behind.
  using _signals = onStopSignals({
    first: () => {
      stopped = true;
      output.note("Stopping …");
    },
    // The export may be waiting for Postgres.
    again: () => ledger.session.destroy(),
  });
  const live = output.stderr.size() === null ? null : new LiveArea(output.stderr);
  let drawn = performance.now();
  try {
    return await writeFailedRowsAs(ledger, run, async (bytes, rows) => {
      if (stopped) throw new ExportStopped("Stopped: no file was written.");
      await file.write(bytes);
      if (performance.now() - drawn < DRAW_INTERVAL) return;
      drawn = performance.now();
      live?.draw([`${formatCount(rows)} of at most ${formatRows(failed)} written`]);
    }, { form, marked: true, choice, withWaived });
  } finally {
    live?.erase();
  }
}

/** `failed` was counted a moment before the rows were written. */
function whatWasWritten(
  run: Run,
  path: string,
  written: number,
  { failed, unlogged, waived, undo }: {
    readonly failed: number;
    readonly unlogged: number;
    readonly waived: number;
    readonly undo: RunReport["undo"];
  },
): string {
  if (written === 0) return nothingToExport(run, { failed, unlogged, waived });
  const done = Math.max(0, failed - unlogged - written);
  const why = waived === 0 ? "that retries have fixed" : "that are fixed or waived";
  const left = [
    ...unlogged === 0
      ? []
      : [`${formatCount(unlogged)} that are not kept (options.max_failed_rows_logged)`],
    ...done === 0 ? [] : [`${formatCount(done)} ${why}`],
  ];
  const fixed = left.length === 0 ? "" : `, without ${left.join(" and ")}`;
  const where = path === "-" ? "" : ` to ${path}`;
  const next = undo !== null
    ? ` Run ${undo.run_id} takes back what run ${run.id} did, so no retry loads them. To load ` +
      "them, import the file again."
    : path === "-"
    ? ""
    : ` Repair them, then: ingest retry ${run.id} --file ${path}`;
  return `Wrote ${formatRows(written)}${where}${fixed}.${next}`;
}
