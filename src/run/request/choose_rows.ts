/** Which failed rows of a run a request is about, and what there is to say about them. */
import { chooseRows } from "../../ledger/chosen_errors.ts";
import { readResolved } from "../../ledger/chosen_rows.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { readProgress } from "../../ledger/progress.ts";
import { rootOf } from "../../ledger/retries.ts";
import type { RowSet } from "../../ledger/row_set.ts";
import { readWaived } from "../../ledger/waived_rows.ts";
import type { Run } from "../../ledger/runs.ts";
import { readUnlogged } from "../../ledger/unlogged_rows.ts";
import type { ChosenErrors } from "./choose_errors.ts";

export interface ChosenRows {
  /** The failed rows of the run. */
  readonly failed: number;
  /** How many of them were chosen, and those that are neither fixed nor waived. */
  readonly all: number;
  readonly left: RowSet;
  /** Of those that are left: how many are not kept. */
  readonly unlogged: number;
}

/** Under the lock of the run's chain, so that no retry fixes some meanwhile. */
export async function chooseUnresolved(
  ledger: Ledger,
  run: Run,
  errors: ChosenErrors,
): Promise<ChosenRows> {
  const { failed } = await readProgress(ledger, run.id);
  const left = await chooseRows(ledger, run.id, errors);
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

export function noneLeft({ id }: Run, { words }: ChosenErrors, { all }: ChosenRows): string {
  return all === 1
    ? `Nothing is left to retry: the failed row of run ${id} that has ${words} is fixed or waived.`
    : `Nothing is left to retry: the ${withCommas(all)} failed rows of run ${id} that have ` +
      `${words} are all fixed or waived.`;
}

/** Without a locale, whose first use takes 9 ms. */
export function withCommas(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",");
}
