/** What loading goes by, for a whole run: the table, the columns written, what counts as the same row. */
import type { OnDuplicate, OnMissing } from "../importer/definition.ts";
import type { Table } from "./table.ts";

export interface LoadPlan {
  readonly table: Table;
  /** Written columns, in the order of the fields of a COPY line. */
  readonly columns: readonly string[];
  /** Target columns that say which rows are the same. Empty: rows are only inserted. */
  readonly key: readonly string[];
  readonly onDuplicate: OnDuplicate;
  readonly onMissing: OnMissing;
  /** For `update_if_newer`. `extra`: the value is a last field of each line, not a written column. */
  readonly compare: { readonly target: string; readonly extra: boolean } | null;
  /** Nobody has made sure that a batch holds each key once: statements have to look. */
  readonly keysMayRepeat: boolean;
}

/** Which rows may wait for a later phase instead of failing. */
export interface LoadOptions {
  /** Rows that refer to missing rows of the same table are WAITING instead of failed. */
  readonly selfReferencesMayWait: boolean;
}

/**
 * Can rows be copied straight into the table, so that a refusal tells that one of them is there
 * already? Every row must be meant to be inserted, and a unique index must notice keys.
 */
export function canCopyDirectly(plan: LoadPlan): boolean {
  return plan.onMissing === "insert" && plan.compare?.extra !== true &&
    !plan.table.rowLevelSecurity && (plan.key.length === 0 || keyIsUnique(plan));
}

/** Does a unique index refuse every second row with the same key? */
export function keyIsUnique(plan: LoadPlan): boolean {
  return plan.table.uniqueIndexes.some((index) =>
    index.columns !== null && !index.partial &&
    index.columns.every((column) => plan.key.includes(column))
  );
}

/** Does a row that is a duplicate simply fail, instead of being skipped or updating the other? */
export function refusesDuplicates(plan: LoadPlan): boolean {
  return plan.key.length === 0 || plan.onDuplicate === "fail";
}

/**
 * What earlier batches of the run taught about copying straight into the table. One for each
 * worker and run.
 */
export interface LoadHistory {
  /** Refusals in a row. */
  refusedInRow: number;
  /** Batches that went through staging since the last direct attempt. */
  sinceDirect: number;
}

export function newLoadHistory(): LoadHistory {
  return { refusedInRow: 0, sinceDirect: 0 };
}

/**
 * Try the direct way for this batch? After each refusal the next tries come rarer: a file of
 * updates pays for few of them, as does one with a refused row in every batch, and a file that was
 * only partly loaded before finds back. (A COPY that is refused for a missing foreign key has
 * written all of the batch.)
 */
export function tryDirect(history: LoadHistory): boolean {
  if (history.refusedInRow === 0) return true;
  return history.sinceDirect >= Math.min(2 ** history.refusedInRow, 64);
}

/** What became, or would have become, of a direct attempt. */
export function noteDirect(history: LoadHistory, accepted: boolean): void {
  history.sinceDirect = 0;
  history.refusedInRow = accepted ? 0 : history.refusedInRow + 1;
}
