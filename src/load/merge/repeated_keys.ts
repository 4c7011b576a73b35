/**
 * Rows whose key is in the table as soon as an earlier row of the batch with the same key is. Where rows
 * that are there are left alone, these are all decided at once: a file that has the same key 5,000
 * times had as many attempts.
 */
import type { Session } from "../../db/session.ts";
import { CREATED, FAILED, type LoadedRows, SKIPPED } from "../encoded_rows.ts";
import type { LoadPlan } from "../load_plan.ts";
import type { MergeStatements } from "./merge.ts";
import { writesExisting } from "./merge_conditions.ts";
import { type Found, record, type StagedRange } from "../record_outcomes.ts";

/** May rows of the range have put keys into the table, or found them there, by which others are decided? */
export function leavesKeys(plan: LoadPlan, range: StagedRange, loaded: LoadedRows): boolean {
  if (plan.key.length === 0 || writesExisting(plan) !== null) return false;
  for (let position = range.from; position < range.to; position++) {
    const row = range.order[position];
    const outcome = loaded.outcomes[row];
    if (outcome === CREATED || outcome === SKIPPED) return true;
    if (outcome === FAILED && loaded.errors.get(row)?.code === "duplicate") return true;
  }
  return false;
}

/** Gives the rows of the range whose key is in the table their outcome. Resolves with their positions. */
export async function decideRepeated(
  session: Session,
  plan: LoadPlan,
  statements: MergeStatements,
  range: StagedRange,
  loaded: LoadedRows,
): Promise<readonly number[]> {
  const [missing] = await session.query<Found>(statements.missing, [range.from, range.to]);
  const isMissing = new Set(missing.rows);
  const isStaged = (position: number) => range.isStaged(position) && !isMissing.has(position);
  const decided: number[] = [];
  for (let position = range.from; position < range.to; position++) {
    if (isStaged(position)) decided.push(position);
  }
  const none: Found = { rows: [], taken: [] };
  await record(session, plan, statements, { ...range, isStaged }, loaded, none, none);
  return decided;
}
