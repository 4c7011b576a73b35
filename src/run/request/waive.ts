/** Waives failed rows of a run: somebody decides not to load them, and says why. Or takes that back. */
import { chooseRows } from "../../ledger/groups/chosen_errors.ts";
import { readResolved } from "../../ledger/rows/chosen_rows.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { findActiveInChain, holdChain, rootOf } from "../../ledger/runs/retries.ts";
import { RowSet } from "../../ledger/rows/row_set.ts";
import { requireRun, type Run } from "../../ledger/runs/runs.ts";
import { findUndo } from "../../ledger/undo/undos.ts";
import { readUnlogged } from "../../ledger/rows/unlogged_rows.ts";
import { readWaived, unwaive, waive } from "../../ledger/rows/waived_rows.ts";
import { describeActive, describeUndo } from "./active_run.ts";
import { chooseErrors, type ErrorsAsked, nothingChosen } from "./choose_errors.ts";
import { failedRows, withCommas } from "./choose_rows.ts";
import { Refused } from "./refuse/refused.ts";
import { refuseUnloaded } from "./refuse/refuse_unloaded.ts";
import type { RowRun } from "./row_runs.ts";

/** Which failed rows are meant. */
export type RowsAsked =
  | { readonly all: true }
  | { readonly rows: readonly RowRun[] }
  | { readonly errors: ErrorsAsked };

export interface WaiveRequest {
  readonly run: Run;
  readonly which: RowsAsked;
  readonly user: string | null;
  /** Take it back. */
  readonly undo: boolean;
  /** Why. Null only if it is taken back. */
  readonly reason: string | null;
  /** Called before anything is changed, with what will happen. */
  readonly announce?: (text: string) => void;
  /** Called in the same transaction, at its end. If it throws, nothing has changed. */
  readonly alongside?: (waived: Waived) => Promise<void>;
}

export interface Waived {
  /** How many rows were waived, or no longer are. */
  readonly rows: number;
  /** Of the run's failed rows, those that were meant: `rows` are among them. */
  readonly asked: number;
  readonly failed: number;
  /** What happened to the others, or why nothing happened at all: a sentence each. */
  readonly notes: readonly string[];
}

/** Throws Refused, NoSuchGroup, AmbiguousGroup and ChainBusy; then nothing has changed. */
export function waiveRows(ledger: Ledger, request: WaiveRequest): Promise<Waived> {
  return ledger.transaction(async () => {
    const waived = await waiveIn(ledger, request);
    await request.alongside?.(waived);
    return waived;
  });
}

/** In the open transaction. */
async function waiveIn(ledger: Ledger, request: WaiveRequest): Promise<Waived> {
  const { run, which, user, undo, reason } = request;
  const root = rootOf(run);
  await holdChain(ledger, root);
  await requireWaivable(ledger, await requireRun(ledger, run.id), undo);
  const failed = await chooseRows(ledger, run.id, EVERY_ERROR);
  const chosen = await choose(ledger, run, which, failed);
  const waived = await readWaived(ledger, root);
  const sizes = { asked: chosen.rows.size, failed: failed.size };
  if (chosen.nothing !== null) return { rows: 0, ...sizes, notes: [chosen.nothing] };
  const about = { root, run: run.id, by: user, words: chosen.words };
  const already = chosen.rows.and(waived);
  if (undo) {
    if (already.size === 0) return { rows: 0, ...sizes, notes: [noneWaived(run, chosen)] };
    request.announce?.(
      `No longer waives ${
        failedRows(already.size, failed.size)
      } of run ${run.id}: ${chosen.words}.`,
    );
    await unwaive(ledger, { ...about, reason }, already);
    return { rows: already.size, ...sizes, notes: [] };
  }
  const fixed = chosen.rows.and(await readResolved(ledger, root));
  const left = chosen.rows;
  left.removeAll(fixed);
  left.removeAll(waived);
  const unlogged = left.and(await readUnlogged(ledger, run));
  const notes = [...unloggedNotes(unlogged), ...fixedNotes(fixed), ...alreadyNotes(already)];
  if (left.size === 0) {
    return { rows: 0, ...sizes, notes: ["Nothing is left to waive.", ...notes] };
  }
  request.announce?.(
    `Waives ${failedRows(left.size, failed.size)} of run ${run.id}: ${chosen.words}.`,
  );
  await waive(ledger, { ...about, reason: reason ?? "" }, left);
  return { rows: left.size, ...sizes, notes };
}

const EVERY_ERROR = { groups: null, codes: null, columns: null };

/** Throws Refused. */
async function requireWaivable(ledger: Ledger, run: Run, undo: boolean): Promise<void> {
  const cannot = undo ? "Cannot take back what is waived of" : "Cannot waive rows of";
  if (run.dry_run) {
    throw new Refused(
      `${cannot} run ${run.id}: it was a dry run, which loads no rows. Waive rows of a real run.`,
    );
  }
  refuseUnloaded(run, `${cannot} run ${run.id}`);
  if (run.kind === "undo") {
    throw new Refused(`${cannot} run ${run.id}: it is an undo of run ${run.undoes_run_id}.`);
  }
  const root = rootOf(run);
  const undone = await findUndo(ledger, root);
  if (undone !== null) throw new Refused(`${cannot} run ${run.id}: ${describeUndo(undone)}`);
  const active = await findActiveInChain(ledger, root);
  if (active === null) return;
  throw new Refused(
    active.id === run.id
      ? `${cannot} run ${run.id}: it is ${active.status}. ` +
        `Wait for it to end: ingest wait ${run.id}, or cancel it: ingest cancel ${run.id}`
      : `${cannot} run ${run.id}: ${describeActive(active, root)}`,
  );
}

interface Chosen {
  readonly rows: RowSet;
  readonly words: string;
  /** Why there is nothing to do; null if rows were found. */
  readonly nothing: string | null;
}

/** Throws Refused if one of the rows that were named is none of the failed ones. */
async function choose(
  ledger: Ledger,
  run: Run,
  which: RowsAsked,
  failed: RowSet,
): Promise<Chosen> {
  const nothing = failed.size === 0 ? `No row of run ${run.id} has failed.` : null;
  if ("all" in which) {
    return { rows: copyOf(failed), words: "all failed rows", nothing };
  }
  if ("rows" in which) {
    const rows = new RowSet();
    for (const { first, last } of which.rows) rows.addRun(first, last);
    const wrong = copyOf(rows);
    wrong.removeAll(failed);
    if (wrong.size > 0) {
      throw new Refused(
        `Run ${run.id} has no failed ${
          namedRows(wrong)
        }. \`ingest rows ${run.id}\` lists those that ` +
          "failed. Nothing was changed.",
      );
    }
    return { rows, words: namedRuns(which.rows), nothing };
  }
  const errors = await chooseErrors(ledger, run, which.errors);
  if (errors === null) throw new TypeError("No errors are named");
  const rows = await chooseRows(ledger, run.id, errors);
  const none = rows.size === 0 ? await nothingChosen(ledger, run, errors) : null;
  return { rows, words: errors.words, nothing: none };
}

function copyOf(rows: RowSet): RowSet {
  const copy = new RowSet();
  for (const mark of rows.marks()) copy.add(mark);
  return copy;
}

function fixedNotes(fixed: RowSet): readonly string[] {
  if (fixed.size === 0) return [];
  return [
    `${namedRows(fixed, true)} ${fixed.size === 1 ? "is" : "are"} not waived: retries have ` +
    `loaded ${fixed.size === 1 ? "it" : "them"}.`,
  ];
}

function alreadyNotes(already: RowSet): readonly string[] {
  if (already.size === 0) return [];
  return [`${namedRows(already, true)} ${already.size === 1 ? "was" : "were"} waived already.`];
}

/** To waive a row takes nothing of it, so that is possible. */
function unloggedNotes({ size }: RowSet): readonly string[] {
  if (size === 0) return [];
  return [
    `${withCommas(size)} of them ${size === 1 ? "is" : "are"} not kept ` +
    "(options.max_failed_rows_logged): only the file has them.",
  ];
}

function noneWaived({ id }: Run, { words, rows }: Chosen): string {
  return rows.size === 1
    ? `The failed row of run ${id} that was named (${words}) is not waived.`
    : `None of the ${withCommas(rows.size)} failed rows of run ${id} that were named (${words}) ` +
      "is waived.";
}

const SHOWN = 5;

/** `row 4`, `rows 4, 17`, or at the beginning of a sentence `2 rows (4, 17)`. */
function namedRows(rows: RowSet, counted = false): string {
  const { size } = rows;
  const first = rows.list(SHOWN).join(", ") + (size > SHOWN ? " …" : "");
  if (!counted) return `${size === 1 ? "row" : "rows"} ${first}`;
  return `${withCommas(size)} ${size === 1 ? "row" : "rows"} (${first})`;
}

const LONGEST_LIST = 10;

function namedRuns(runs: readonly RowRun[]): string {
  const shown = runs.slice(0, LONGEST_LIST)
    .map(({ first, last }) => first === last ? String(first) : `${first}-${last}`).join(", ");
  const one = runs.length === 1 && runs[0].first === runs[0].last;
  return `${one ? "row" : "rows"} ${shown}${runs.length > LONGEST_LIST ? " …" : ""}`;
}
