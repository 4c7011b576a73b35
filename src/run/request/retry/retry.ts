/** Creates a new run from a run's failed rows that no retry has fixed yet. */
import { setsAside } from "../../../importer/gates.ts";
import { keepChosen } from "../../../ledger/rows/chosen_rows.ts";
import { recordChanges } from "../../../ledger/edits/corrections.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { readHealth, readProgress } from "../../../ledger/runs/progress.ts";
import {
  type ChainMember,
  countLeft,
  findActiveInChain,
  holdChain,
  recordRetried,
  retryOf,
  rootOf,
} from "../../../ledger/runs/retries.ts";
import { addWarnings, requestCancel } from "../../../ledger/runs/run_states.ts";
import { createRun, type NewRun } from "../../../ledger/runs/create_run.ts";
import { requireRun, type Run } from "../../../ledger/runs/runs.ts";
import { isTerminal } from "../../../ledger/runs/statuses.ts";
import { hooksChanged, withHooks } from "../../hooks/choose_hooks.ts";
import { describeActive } from "../active_run.ts";
import { settleIdle } from "../cancel.ts";
import { type CorrectedFile, openCorrectedFile } from "../correct/corrected_file.ts";
import { storeCorrections } from "../correct/corrected_rows.ts";
import { chooseErrors } from "../choose_errors.ts";
import {
  chooseUnresolved,
  failedRows,
  noneLeft,
  type RowChoice,
  wordsOfChoice,
} from "../choose_rows.ts";
import { fileWins, takeEditedRows } from "../correct/edited_rows.ts";
import { fitTogether, routesIn } from "../../fit.ts";
import { describeTable } from "../../prepare.ts";
import { findNothing, needsFile, untried } from "./nothing_to_retry.ts";
import { refuseUnread } from "../unread_values.ts";
import { Rereading } from "../reread_rows.ts";
import { RowComparison } from "../row_comparison.ts";
import { settingsFor } from "../../user_settings.ts";
import { refuseUndone } from "../refuse/refuse_undone.ts";
import { isUnloaded, refuseCancelled } from "../refuse/refuse_unloaded.ts";
import { Refused } from "../refuse/refused.ts";
import type { RetryMade, RetryRequest } from "./retry_request.ts";
import { createWholeRetry } from "./whole_retry.ts";

/**
 * Throws Refused, TargetError, DefinitionError, DefinitionMismatch, HeaderMismatch, SourceError for
 * the edited file, and what `chooseDefinition` throws; then there is no run.
 */
export async function createRetry(ledger: Ledger, request: RetryRequest): Promise<RetryMade> {
  const { run, user } = request;
  const root = await requireRun(ledger, rootOf(run));
  await refuseUndone(ledger, run, `Cannot retry run ${run.id}`);
  refuseCancelled(run, `Cannot retry run ${run.id}`);
  if (isUnloaded(run)) return await createWholeRetry(ledger, request);
  const notes: string[] = [];
  const stalled = await requireIdle(ledger, run, user);
  if (stalled !== null) {
    notes.push(
      `Cancelled run ${stalled.id}: it was retrying run ${root.id}, but no process worked on it.`,
    );
  }
  const nothing = await findNothing(ledger, request);
  if (nothing !== null) return { made: false, because: nothing };
  const { waived } = await countLeft(ledger, run, (await readProgress(ledger, run.id)).failed);
  if (waived > 0 && request.file === null) notes.push(untried(run, waived));
  const errors = request.only ? await chooseErrors(ledger, run, request.only) : null;
  const { definition: written, origin } = await request.chooseDefinition();
  const definition = await withHooks(written, origin);
  const changedHooks = hooksChanged(run.definition, definition);
  if (changedHooks !== null) notes.push(changedHooks);
  const settings = await settingsFor(ledger.session, definition, origin, root.settings);
  const fitted = await fitTogether(
    ledger.session,
    { id: 0, definition, header: root.header, user_id: user, settings, source: root.source },
    ledger.schemaName,
    origin,
  );
  const { table } = fitted;
  const routes = routesIn(fitted);
  const reading = new Rereading(run, definition.source);
  const file = request.file === null
    ? null
    : await openCorrectedFile(request.file, run, reading.format, request);
  try {
    const programs = routes.flatMap(({ pipeline }) => pipeline.programs);
    const edited = file && { file, comparison: new RowComparison(run, reading.format, programs) };
    const choice = errors === null && !request.onlyCorrected
      ? null
      : { errors, onlyCorrected: request.onlyCorrected === true };
    const how = { definition, settings, table: describeTable(table, routes), choice };
    const made = await create(ledger, request, how, root, reading, edited);
    if (typeof made === "string") return { made: false, because: made };
    const { chosen } = made.source;
    if (chosen) {
      notes.push(
        `Retries ${failedRows(chosen.rows, chosen.of)} of run ${run.id}: ${chosen.words}.`,
      );
    }
    return { made: true, run: made, table, notes };
  } finally {
    await file?.close();
  }
}

/**
 * Only one run of a chain may be active. Cancels a stalled retry, and returns it. Throws Refused.
 */
async function requireIdle(
  ledger: Ledger,
  run: Run,
  user: string | null,
): Promise<ChainMember | null> {
  const root = rootOf(run);
  const active = await findActiveInChain(ledger, root);
  if (active === null) return null;
  const isRetry = active.id !== root && active.id !== run.id;
  if (!isRetry || !(await readHealth(ledger, active.id)).stalled) throw refused(run, active);
  await requestCancel(ledger, active.id, user, { via: "retry" });
  // Needs a lock that a process still working on the run would hold.
  await settleIdle(ledger, await requireRun(ledger, active.id));
  const now = await requireRun(ledger, active.id);
  if (!isTerminal(now.status)) throw refused(run, now);
  return active;
}

function refused(run: Run, active: ChainMember): Refused {
  if (active.id !== run.id) {
    return new Refused(`Cannot retry run ${run.id}: ${describeActive(active, rootOf(run))}`);
  }
  if (active.status === "held") {
    return new Refused(
      `Cannot retry run ${run.id}: it is held until somebody decides. Let it load its rows: ` +
        `ingest release ${run.id}, or cancel it: ingest cancel ${run.id}`,
    );
  }
  return new Refused(
    `Cannot retry run ${run.id}: it is ${active.status}. ` +
      `Wait for it to end: ingest wait ${run.id}, or cancel it: ingest cancel ${run.id}`,
  );
}

/** Returns why there is nothing to retry if another retry has fixed the rows meanwhile. */
async function create(
  ledger: Ledger,
  request: RetryRequest,
  { definition, settings, table, choice }:
    & Pick<NewRun, "definition" | "settings" | "table">
    & { readonly choice: RowChoice | null },
  root: Run,
  reading: Rereading,
  edited: { readonly file: CorrectedFile; readonly comparison: RowComparison } | null,
): Promise<Run | string> {
  const { run, user, dryRun, acceptChanges } = request;
  return await ledger.transaction(async () => {
    await holdChain(ledger, root.id);
    // Both runs may have been deleted, or another retry may have been faster.
    await requireRun(ledger, run.id);
    const { source, created_at: began } = await requireRun(ledger, root.id);
    await refuseUndone(ledger, run, `Cannot retry run ${run.id}`);
    const active = await findActiveInChain(ledger, root.id);
    if (active !== null) throw refused(run, active);
    const nothing = await findNothing(ledger, request);
    if (nothing !== null) return nothing;
    const rows = choice && await chooseUnresolved(ledger, run, choice);
    if (choice && rows && rows.unlogged > 0) {
      const { errors } = choice;
      throw needsFile(run, { failed: rows.all, unlogged: rows.unlogged, errors });
    }
    if (choice && rows?.left.size === 0) return await noneLeft(ledger, run, choice, rows);
    const created = await createRun(ledger, {
      definition,
      setsAside: setsAside(definition.options),
      source: {
        ...source,
        began: began.toISOString(),
        format: reading.format,
        // The rows' bytes are in the ledger, wherever the file is now. The plan counts from 0.
        host: null,
        size: 0,
        mtime: null,
        data_start: 0,
        data_line: 1,
        ...(edited !== null && { corrections: edited.file.name }),
        chosen: choice && rows
          ? { rows: rows.left.size, of: rows.failed, words: wordsOfChoice(choice) }
          : undefined,
      },
      originalFilename: root.original_filename ?? `run ${root.id}`,
      spooledPath: null,
      checksum: null,
      fingerprint: null,
      user,
      dryRun,
      settings,
      table,
      retryOf: { run: run.id, root: root.id },
    });
    const retry = retryOf(created)!;
    if (rows !== null) await keepChosen(ledger, retry.id, rows.left);
    await refuseUnread(ledger, root, retry, definition);
    let corrected: { readonly name: string; readonly rows: number } | null = null;
    if (edited !== null) {
      const { file, comparison } = edited;
      const { changes, rows } = await storeCorrections(ledger, retry, file, comparison);
      // A dry run loads nothing, and shows the changes.
      if (changes.isSpreadsheets && acceptChanges !== true && !dryRun) {
        throw changes.refusal(run.id, file.name);
      }
      await addWarnings(ledger, created.id, [
        ...file.warnings,
        ...changes.warnings(file.name, dryRun),
      ]);
      await recordChanges(ledger, retry, changes.byColumn);
      corrected = { name: file.name, rows };
      const wins = await fileWins(ledger, retry, file.name);
      if (wins !== null) await addWarnings(ledger, created.id, [wins]);
    } else {
      const rows = await takeEditedRows(ledger, retry, reading.format, root.header);
      if (rows > 0) await addWarnings(ledger, created.id, [edits(rows, root)]);
    }
    const complete = await requireRun(ledger, created.id);
    await reading.assertSameRows(ledger, retryOf(complete)!);
    await addWarnings(ledger, created.id, reading.warnings);
    await recordRetried(ledger, retry, user, corrected, complete.source.chosen);
    request.assertWanted?.();
    await request.alongside?.(ledger, created.id);
    return complete;
  });
}

function edits(rows: number, { original_filename: file }: Run): string {
  const of = file === null ? "" : ` of ${file}`;
  const tried = rows === 1
    ? `1 row${of} is tried as it was corrected.`
    : `${rows} rows${of} are tried as they were corrected.`;
  return file === null ? tried : `${tried} The file itself is not changed.`;
}
