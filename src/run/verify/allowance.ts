/**
 * Rows that may differ from the table, although nobody knows which they are. The log usually has only
 * the rows that failed. Of rows that were skipped, the ledger knows how many there are in a batch.
 */
import type { LoadPlan } from "../../load/load_plan.ts";
import type { Differences } from "../../load/verify/compare_staged.ts";

export class Allowance {
  #left: number;
  #used = 0;
  readonly #within: readonly Allowance[];

  /** `within`: what it takes is taken from these as well, and it has no more than they have. */
  constructor(rows: number, within: readonly Allowance[] = []) {
    this.#left = Math.max(0, rows);
    this.#within = within;
  }

  get left(): number {
    return Math.min(this.#left, ...this.#within.map(({ left }) => left));
  }

  /** How many rows it has explained. */
  get used(): number {
    return this.#used;
  }

  add(rows: number): void {
    this.#left += rows;
  }

  /** Takes as many of these rows as are left. Returns the others. */
  take(rows: readonly number[]): readonly number[] {
    return rows.slice(rows.length - this.takeCount(rows.length));
  }

  /** The same for a number of rows. */
  takeCount(rows: number): number {
    const taken = Math.min(this.left, rows);
    this.#left -= taken;
    this.#used += taken;
    for (const each of this.#within) each.takeCount(taken);
    return rows - taken;
  }

  /** Returns how many rows were left. */
  takeAll(): number {
    const { left } = this;
    this.takeCount(left);
    return left;
  }
}

export interface Allowances {
  /** Rows that were skipped, without those that a trigger took. */
  readonly skipped: Allowance;
  readonly taken: Allowance;
  /** Rows that failed and are not logged. */
  readonly failed: Allowance;
}

/** What is left of the differences if rows are skipped, taken or failed that may be among them. */
export function explain(
  { onDuplicate, onMissing }: Pick<LoadPlan, "onDuplicate" | "onMissing">,
  { changed, newer, gone }: Pick<Differences, "changed" | "newer" | "gone">,
  { skipped, taken, failed }: Allowances,
): { readonly changed: readonly number[]; readonly gone: readonly number[] } {
  if (onDuplicate === "skip") changed = skipped.take(changed);
  if (onDuplicate === "update_if_newer") {
    const isNewer = new Set(newer);
    const older = changed.filter((row) => !isNewer.has(row));
    changed = [...older, ...skipped.take(changed.filter((row) => isNewer.has(row)))];
  }
  if (onMissing === "skip") gone = skipped.take(gone);
  for (const allowance of [taken, failed]) {
    gone = allowance.take(gone);
    changed = allowance.take(changed);
  }
  return { changed: [...changed].sort((a, b) => a - b), gone };
}
