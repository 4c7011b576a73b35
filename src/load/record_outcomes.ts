/** The outcomes of a range's rows, from the positions that the statements returned. */
import type { Session } from "../db/session.ts";
import { CREATED, type LoadedRows, SKIPPED, TAKEN, UPDATED } from "./encoded_rows.ts";
import type { LoadPlan } from "./load_plan.ts";
import type { MergeStatements } from "./merge/merge.ts";
import type { Inserted } from "./related/related_plan.ts";
import { duplicateMessage } from "./refusal/refusal.ts";

export interface StagedRange {
  readonly from: number;
  readonly to: number;
  /** The row at each position. */
  readonly order: Int32Array;
  /** Some rows are not in the stage: they were refused or held back. */
  isStaged(position: number): boolean;
}

export function countStaged(range: StagedRange): number {
  let staged = 0;
  for (let position = range.from; position < range.to; position++) {
    if (range.isStaged(position)) staged++;
  }
  return staged;
}

/** Positions that a statement returned. */
export interface Found {
  readonly rows: readonly number[];
  readonly taken: readonly number[];
  /** How many rows of the table were written, if not one for each. */
  readonly written?: number;
}

/** What an UPDATE returns: see `UpdateStatement`. */
export interface Updated {
  readonly updated: number;
  readonly rows: readonly number[] | null;
  readonly taken: readonly number[];
  readonly written?: number;
  readonly since: string;
  /** Of how many rows the old values were kept, if the statement did that, too. */
  readonly kept?: number;
}

export interface UpdatedRows extends Found {
  readonly since: string | null;
}

/** What comes after it finds: see `MergeStatements`. */
export interface MissingRows extends Found, Inserted {
  readonly appeared: readonly number[];
}

/** Most UPDATEs take every row of the range, and then don't say which. */
export function foundIn(range: StagedRange, { updated, rows, ...more }: Updated): UpdatedRows {
  if (rows !== null || updated === 0) return { rows: rows ?? [], ...more };
  const all: number[] = [];
  for (let position = range.from; position < range.to; position++) {
    if (range.isStaged(position)) all.push(position);
  }
  return { rows: all, ...more };
}

export interface Merged {
  readonly created: number;
  readonly updated: number;
  readonly created_rows: readonly number[] | null;
  readonly updated_rows: readonly number[] | null;
  /** How many rows of the table were written, if not one for each. */
  readonly written?: number;
}

/** Records what a MERGE did. A row that it neither created nor updated was already up to date. */
export function recordMerged(
  range: StagedRange,
  loaded: LoadedRows,
  merged: Merged,
  all: number,
): void {
  const rest = merged.created === all ? CREATED : merged.updated === all ? UPDATED : SKIPPED;
  for (let position = range.from; position < range.to; position++) {
    if (range.isStaged(position)) loaded.outcomes[range.order[position]] = rest;
  }
  for (const position of merged.created_rows ?? []) {
    loaded.outcomes[range.order[position]] = CREATED;
  }
  for (const position of merged.updated_rows ?? []) {
    loaded.outcomes[range.order[position]] = UPDATED;
  }
}

/** Records what UPDATE and INSERT did. Called only if none of the rows was refused. */
export async function record(
  session: Session,
  plan: LoadPlan,
  statements: MergeStatements,
  range: StagedRange,
  loaded: LoadedRows,
  updated: Found,
  missing: Found,
): Promise<void> {
  const isMissing = new Set(missing.rows);
  const existsFails = plan.onDuplicate === "fail";
  const missingFails = plan.onMissing === "fail";
  const failures: number[] = [];
  for (let position = range.from; position < range.to; position++) {
    if (!range.isStaged(position)) continue;
    const fails = isMissing.has(position) ? missingFails : existsFails;
    if (fails) failures.push(position);
    else {
      loaded.outcomes[range.order[position]] =
        isMissing.has(position) && plan.onMissing === "insert" ? CREATED : SKIPPED;
    }
  }
  for (const position of updated.rows) loaded.outcomes[range.order[position]] = UPDATED;
  // A trigger may take an update and delete the row, which is then inserted.
  const taken = updated.taken.filter((position) => !isMissing.has(position));
  for (const position of [...taken, ...missing.taken]) {
    loaded.outcomes[range.order[position]] = TAKEN;
  }
  if (failures.length === 0) return;
  const values = await session.query<{ position: number; value: string }>(
    statements.keyValues,
    [range.from, range.to],
  );
  const valueAt = new Map(values.map(({ position, value }) => [position, value]));
  const column = plan.key.length === 1 ? plan.key[0] : null;
  for (const position of failures) {
    const value = valueAt.get(position) ?? null;
    loaded.fail(
      range.order[position],
      isMissing.has(position)
        ? {
          code: "lookup",
          message: `No ${plan.table.name} row has this ${plan.key.join(", ")}.`,
          column,
          value,
        }
        : { code: "duplicate", message: duplicateMessage(plan.key), column, value },
    );
  }
}
