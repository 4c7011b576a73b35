/** Which failed rows of a run a request is about, and what there is to say about them. */
import { chooseRows, readFailed } from "../../ledger/groups/chosen_errors.ts";
import { readResolved } from "../../ledger/rows/chosen_rows.ts";
import { readCorrected } from "../../ledger/edits/pending_edits.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { readProgress } from "../../ledger/runs/progress.ts";
import { rootOf } from "../../ledger/runs/retries.ts";
import type { RowSet } from "../../ledger/rows/row_set.ts";
import { readWaived } from "../../ledger/rows/waived_rows.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { readUnlogged } from "../../ledger/rows/unlogged_rows.ts";
import { type ChosenErrors, nothingChosen } from "./choose_errors.ts";

export interface ChosenRows {
  /** The failed rows of the run. */
  readonly failed: number;
  /** How many of them were chosen, and those that are neither fixed nor waived. */
  readonly all: number;
  readonly left: RowSet;
  /** Of those that are left: how many are not kept. */
  readonly unlogged: number;
}

/** Which failed rows a retry tries, if not all. */
export interface RowChoice {
  /** Those with such errors; null: with any. */
  readonly errors: ChosenErrors | null;
  /** Only those that somebody has corrected. */
  readonly onlyCorrected: boolean;
}

/** Under the lock of the run's chain, so that no retry fixes some meanwhile. */
export async function chooseUnresolved(
  ledger: Ledger,
  run: Run,
  { errors, onlyCorrected }: RowChoice,
): Promise<ChosenRows> {
  const { failed } = await readProgress(ledger, run.id);
  const found = errors === null
    ? await readFailed(ledger, run.id)
    : await chooseRows(ledger, run.id, errors);
  const left = onlyCorrected ? found.and(await readCorrected(ledger, rootOf(run))) : found;
  const all = left.size;
  left.removeAll(await readResolved(ledger, rootOf(run)));
  left.removeAll(await readWaived(ledger, rootOf(run)));
  const unlogged = left.and(await readUnlogged(ledger, run)).size;
  return { failed, all, left, unlogged };
}

/** `120 of 4,512 failed rows` */
export function failedRows(chosen: number, failed: number): string {
  return `${withCommas(chosen)} of ${withCommas(failed)} failed ${failed === 1 ? "row" : "rows"}`;
}

/** The choice as it completes "failed rows that have …". */
export function wordsOfChoice({ errors, onlyCorrected }: RowChoice): string {
  return [...errors === null ? [] : [errors.words], ...onlyCorrected ? ["corrections"] : []]
    .join(" and ");
}

/** Why a retry of such rows has nothing to do. */
export async function noneLeft(
  ledger: Ledger,
  run: Run,
  choice: RowChoice,
  { all }: ChosenRows,
): Promise<string> {
  if (all === 0) {
    return choice.errors === null || choice.onlyCorrected
      ? `Nothing to retry: no failed row of run ${run.id} that is meant is corrected.`
      : await nothingChosen(ledger, run, choice.errors);
  }
  const words = wordsOfChoice(choice);
  return all === 1
    ? `Nothing is left to retry: the failed row of run ${run.id} that has ${words} is fixed or waived.`
    : `Nothing is left to retry: the ${withCommas(all)} failed rows of run ${run.id} that have ` +
      `${words} are all fixed or waived.`;
}

/** Without a locale, whose first use takes 9 ms. */
export function withCommas(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",");
}
