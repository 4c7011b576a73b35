/**
 * Retries a run that has loaded none of its rows because it is all rows or none: a new run loads all of
 * them, from a copy of its file in which failed rows are replaced by corrected ones.
 */
import { setsAside } from "../../../importer/gates.ts";
import { recordChanges } from "../../../ledger/edits/corrections.ts";
import { createRun } from "../../../ledger/runs/create_run.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { readProgress } from "../../../ledger/runs/progress.ts";
import { holdChain, recordRetried, type Retry } from "../../../ledger/runs/retries.ts";
import { addWarnings } from "../../../ledger/runs/run_states.ts";
import { requireRun, type Run, type RunSource } from "../../../ledger/runs/runs.ts";
import { findOtherLoad, firstOf, holdFile, readsCopy } from "../../../ledger/runs/whole_retries.ts";
import { fileState } from "../../../source/unchanged.ts";
import { isInBucket } from "../../../source/file/stored_at.ts";
import { fitTogether, routesIn } from "../../fit.ts";
import { hooksChanged, withHooks } from "../../hooks/choose_hooks.ts";
import { describeTable } from "../../prepare.ts";
import { settingsFor } from "../../user_settings.ts";
import { asksNothing } from "../choose_errors.ts";
import { withCommas } from "../choose_rows.ts";
import { compareSource } from "../compare_source.ts";
import { type CorrectedCopy, correctedCopy } from "../correct/corrected_copy.ts";
import { type CorrectedFile, openCorrectedFile } from "../correct/corrected_file.ts";
import { fileWins, takeEditedRows } from "../correct/edited_rows.ts";
import { storeCorrections } from "../correct/corrected_rows.ts";
import { describeOther } from "./other_load.ts";
import { isUnloaded } from "../refuse/refuse_unloaded.ts";
import { Refused } from "../refuse/refused.ts";
import { Rereading } from "../reread_rows.ts";
import type { RetryMade, RetryRequest } from "./retry_request.ts";
import { RowComparison } from "../row_comparison.ts";

/** Throws as `createRetry` does; then there is no run, and no copy is left. */
export async function createWholeRetry(
  ledger: Ledger,
  request: RetryRequest,
): Promise<RetryMade> {
  const { run } = request;
  const cannot = `Cannot retry run ${run.id}`;
  refuseChoice(request, cannot);
  const { failed } = await readProgress(ledger, run.id);
  if (failed === 0) {
    const because = `Run ${run.id} has no failed rows to retry. To load all of its rows, ` +
      `resume it: ingest resume ${run.id}`;
    return { made: false, because };
  }
  await requireFile(ledger, run, cannot);
  const { definition: written, origin } = await request.chooseDefinition();
  const definition = await withHooks(written, origin);
  const reading = new Rereading(run, definition.source);
  if (JSON.stringify(reading.format) !== JSON.stringify(run.source.format)) {
    throw new Refused(
      `${cannot} as the definition says now: its file would be read in another way. Import the ` +
        "file again, or use the definition that the run had: " +
        `ingest retry ${run.id} --original-definition`,
    );
  }
  const settings = await settingsFor(ledger.session, definition, origin, run.settings);
  const fitted = await fitTogether(
    ledger.session,
    { ...run, id: 0, definition, user_id: request.user, settings },
    ledger.schemaName,
    origin,
  );
  const { table } = fitted;
  const routes = routesIn(fitted);
  const file = request.file === null
    ? null
    : await openCorrectedFile(request.file, run, run.source.format, request);
  const made: { copy: CorrectedCopy | null } = { copy: null };
  try {
    const edited = file && {
      file,
      comparison: new RowComparison(
        run,
        run.source.format,
        routes.flatMap(({ pipeline }) => pipeline.programs),
      ),
    };
    const wanted = { definition, settings, table: describeTable(table, routes) };
    const created = await ledger.transaction(() => create(ledger, request, wanted, edited, made));
    await addWarnings(ledger, created.id, reading.warnings);
    const hooks = hooksChanged(run.definition, definition);
    const notes = [
      `Loads all rows of run ${run.id}: it is all rows or none.`,
      ...(hooks === null ? [] : [hooks]),
    ];
    return { made: true, run: created, table, notes };
  } catch (error) {
    if (made.copy !== null) await Deno.remove(made.copy.path);
    throw error;
  } finally {
    await file?.close();
  }
}

/** With those that are corrected, all others are tried, too. Throws Refused. */
function refuseChoice({ only = null }: RetryRequest, cannot: string): void {
  if (only === null || asksNothing(only)) return;
  throw new Refused(
    `${cannot} with only some of its rows: it is all rows or none (options.transaction: run). ` +
      "Correct the failed rows, and retry it with all of them.",
  );
}

/** Its file has to be there as it was planned. Throws Refused. */
async function requireFile(ledger: Ledger, run: Run, cannot: string): Promise<void> {
  const { source, planned_at } = run;
  const instead = "Correct the failed rows in the file, and import all of it again.";
  if (source.files !== undefined) {
    throw new Refused(`${cannot}: it reads several files. ${instead.replace("file", "files")}`);
  }
  if (isInBucket(source.path)) {
    throw new Refused(
      `${cannot}: its file is in a bucket, and can't be corrected there. ${instead}`,
    );
  }
  if (planned_at === null) {
    throw new Refused(
      `${cannot}: not all of its file was read. Resume it first: ingest resume ${run.id}`,
    );
  }
  const found = await compareSource(ledger, run);
  if (found.same) return;
  throw new Refused(`${cannot}: ${source.path} ${found.because} ${instead}`);
}

/** Throws Refused. */
async function requireUnloaded(ledger: Ledger, run: Run, cannot: string): Promise<void> {
  const now = await requireRun(ledger, run.id);
  if (!isUnloaded(now) || now.status !== "failed") {
    throw new Refused(`${cannot}: it is ${now.status}.`);
  }
  const other = await findOtherLoad(ledger, now);
  if (other !== null) throw new Refused(`${cannot}: ${describeOther(other)}`);
}

/** In the open transaction. `made.copy`: what has to be removed if it is not committed. */
async function create(
  ledger: Ledger,
  { run, user, dryRun, acceptChanges, spoolFolder, assertWanted, alongside }: RetryRequest,
  wanted: Pick<Parameters<typeof createRun>[1], "definition" | "settings" | "table">,
  edited: { readonly file: CorrectedFile; readonly comparison: RowComparison } | null,
  made: { copy: CorrectedCopy | null },
): Promise<Run> {
  const cannot = `Cannot retry run ${run.id}`;
  await holdFile(ledger, run);
  await holdChain(ledger, run.id);
  await requireUnloaded(ledger, run, cannot);
  // It is planned: see `requireFile`.
  const completes = { run: run.id, first: firstOf(run), rows: run.total_rows ?? 0 };
  // Nobody sees it before it reads its copy.
  const { id } = await createRun(ledger, {
    ...wanted,
    setsAside: setsAside(wanted.definition.options),
    source: { ...run.source, changed_cells: undefined, completes },
    originalFilename: run.original_filename ?? `run ${run.id}`,
    ...{ spooledPath: null, checksum: null, fingerprint: null, user, dryRun, retryOf: null },
  });
  const retry: Retry = {
    ...{ id, root: run.id, from: run.id, dryRun },
    ...{ corrected: edited !== null, edited: false, chosen: null },
  };
  const stored = edited && await storeCorrections(ledger, retry, edited.file, edited.comparison);
  if (edited && stored && stored.changes.isSpreadsheets && acceptChanges !== true && !dryRun) {
    throw stored.changes.refusal(run.id, edited.file.name);
  }
  const wins = edited && await fileWins(ledger, retry, edited.file.name);
  const inGrid = edited === null
    ? await takeEditedRows(ledger, retry, run.source.format, run.header)
    : 0;
  const copy = made.copy = await correctedCopy(ledger, run, retry, spoolFolder);
  await readsCopy(ledger, id, await sourceOf(run, copy, completes), copy);
  if (edited && stored) {
    await recordChanges(ledger, retry, stored.changes.byColumn);
    await addWarnings(ledger, id, [
      ...edited.file.warnings,
      ...stored.changes.warnings(edited.file.name, dryRun),
      ...wins === null ? [] : [wins],
    ]);
  }
  const rows = stored?.rows ?? inGrid;
  const as = edited !== null
    ? `${withCommas(rows)} of them as ${edited.file.name} has them`
    : rows > 0
    ? `${withCommas(rows)} of them as ${rows === 1 ? "it was" : "they were"} corrected`
    : "as they are";
  await addWarnings(ledger, id, [`Loads all rows of run ${run.id}, ${as}.`]);
  await recordRetried(ledger, retry, user, edited && { name: edited.file.name, rows });
  assertWanted?.();
  await alongside?.(ledger, id);
  return await requireRun(ledger, id);
}

/** Its rows begin where they did. */
async function sourceOf(
  { source: { original: _, changed_cells: __, data_end, ...source } }: Run,
  { path, size, grown }: CorrectedCopy,
  completes: NonNullable<RunSource["completes"]>,
): Promise<RunSource> {
  const state = await fileState(path);
  return {
    ...source,
    ...{ path, size, mtime: state?.mtime ?? null, host: null, completes },
    ...(data_end !== undefined && { data_end: data_end + grown }),
  };
}
