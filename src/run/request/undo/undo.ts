/** Creates an undo: a run that takes back what another one and its retries did to their tables. */
import { findActiveInChain, holdChain } from "../../../ledger/runs/retries.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { listRetries } from "../../../ledger/batches/loaded_batches.ts";
import { addWarnings } from "../../../ledger/runs/run_states.ts";
import { createRun } from "../../../ledger/runs/create_run.ts";
import { requireRun, type Run, type UndoScope } from "../../../ledger/runs/runs.ts";
import { isTerminal } from "../../../ledger/runs/statuses.ts";
import {
  findUnremembered,
  listUndos,
  recordUndone,
  type Undo,
} from "../../../ledger/undo/undos.ts";
import type { Alongside } from "../alongside.ts";
import { describeActive } from "../active_run.ts";
import { Refused } from "../refuse/refused.ts";
import { surveyTables } from "./undo_survey.ts";

export interface UndoRequest {
  readonly id: number;
  readonly user: string | null;
  readonly dryRun: boolean;
  /** Called at the last moment. Throws if nobody wants the undo any more. */
  assertWanted?(): void;
  readonly alongside?: Alongside;
}

/** Throws NoSuchRun, ChainBusy, and Refused with the reason; then nothing has happened. */
export async function createUndo(ledger: Ledger, request: UndoRequest): Promise<Run> {
  const { id, user, dryRun } = request;
  const asked = await requireRun(ledger, id);
  refuseKind(asked);
  refuseHooks(id, [asked, ...await listRetries(ledger, id)]);
  return await ledger.session.transaction(async () => {
    await holdChain(ledger, id);
    const run = await requireRun(ledger, id);
    await requireEnded(ledger, run);
    const unremembered = await findUnremembered(ledger, id);
    if (unremembered !== null) {
      throw new Refused(
        `Cannot undo run ${id}: run ${unremembered} of it was loaded with options.undo: off, so ` +
          "nothing was remembered of the rows that it wrote to other tables (`many` or `nested` in " +
          "its definition). Nothing has been undone.",
      );
    }
    for (const undo of await listUndos(ledger, id)) refuseAgain(id, undo);
    const { scope, header, warnings } = await surveyTables(ledger, run, dryRun);
    const undo = await createRun(ledger, {
      // Rows that are kept are no errors.
      definition: {
        ...run.definition,
        options: { ...run.definition.options, max_errors: null },
      },
      source: sourceOf(run, scope, header),
      originalFilename: run.original_filename ?? `run ${id}`,
      spooledPath: null,
      checksum: null,
      fingerprint: null,
      user,
      dryRun,
      settings: run.settings,
      table: null,
      retryOf: null,
      undoes: id,
    });
    await addWarnings(ledger, undo.id, warnings);
    await recordUndone(ledger, id, undo, user);
    request.assertWanted?.();
    await request.alongside?.(ledger, undo.id);
    return undo;
  }, asked.settings);
}

function refuseKind({ id, kind, undoes_run_id, parent_id, dry_run, status }: Run): void {
  const cannot = `Cannot undo run ${id}: `;
  if (kind === "undo") {
    throw new Refused(
      `${cannot}it is an undo itself, of run ${undoes_run_id}. To have those rows again, import ` +
        "their file again.",
    );
  }
  if (parent_id !== null) {
    throw new Refused(
      `${cannot}it is a retry of run ${parent_id}. \`ingest undo ${parent_id}\` takes back both.`,
    );
  }
  if (dry_run) throw new Refused(`${cannot}it was a dry run, which wrote nothing to the table.`);
  if (!isTerminal(status)) {
    throw new Refused(
      `${cannot}it is ${status}. Cancel it first: ingest cancel ${id} --wait, or wait for it: ` +
        `ingest wait ${id}`,
    );
  }
}

/** What afterBatch writes is noted nowhere. */
function refuseHooks(id: number, runs: readonly Run[]): void {
  const hooked = runs.find(({ definition }) => definition.hooks?.uses?.afterBatch === true);
  if (hooked === undefined) return;
  const whose = hooked.id === id ? "its hooks have" : `the hooks of its retry ${hooked.id} have`;
  throw new Refused(
    `Cannot undo run ${id}: ${whose} an afterBatch (${hooked.definition.hooks?.file}), and ingest ` +
      "does not know what that has written.",
  );
}

async function requireEnded(ledger: Ledger, run: Run): Promise<void> {
  refuseKind(run);
  const active = await findActiveInChain(ledger, run.id);
  if (active !== null) {
    throw new Refused(`Cannot undo run ${run.id}: ${describeActive(active, run.id)}`);
  }
}

/** Does an earlier undo stand in the way? */
function refuseAgain(id: number, undo: Undo): void {
  const cannot = `Cannot undo run ${id}: `;
  if (!isTerminal(undo.status)) {
    throw new Refused(
      `${cannot}run ${undo.id} is ${undo.dry_run ? "trying that in a dry run" : "doing that"} ` +
        `already. Check its progress: ingest status ${undo.id}, or cancel it: ` +
        `ingest cancel ${undo.id}`,
    );
  }
  if (undo.dry_run) return;
  if (undo.status === "cancelled") {
    throw new Refused(
      `${cannot}run ${undo.id} has begun to, and was cancelled. Resume that one: ` +
        `ingest resume ${undo.id}`,
    );
  }
  if (undo.status === "completed") {
    const when = undo.completed_at?.slice(0, 10);
    throw new Refused(`${cannot}run ${undo.id} has taken it back on ${when}. Nothing is left.`);
  }
}

/** It reads no file: `size` is the number of blocks that it goes through. */
function sourceOf({ source }: Run, undo: UndoScope, header: readonly string[]): Run["source"] {
  const { changed_cells: _, corrections: __, original: ___, notes: ____, ...rest } = source;
  return {
    ...rest,
    header: [...header],
    host: null,
    size: undo.leaves.reduce((sum, { blocks }) => sum + blocks, 0),
    mtime: null,
    data_start: 0,
    data_line: 1,
    undo,
  };
}
