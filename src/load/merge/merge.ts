/** The statements that move staged rows into the target table, for one definition. */
import { identifier, identifiers } from "../../db/quoting.ts";
import { keyComparison } from "../comparison.ts";
import { insertStatements } from "./insert_statement.ts";
import type { LoadPlan } from "../load_plan.ts";
import { sameKeyCondition } from "./merge_conditions.ts";
import { ownRows } from "../own_rows.ts";
import { renamedStage, stageOf } from "../stage/stage_table.ts";
import type { UndoNotes } from "../undo_notes.ts";
import {
  canMerge,
  mergeStatement,
  type UpdateStatement,
  updateStatement,
} from "./update_statement.ts";

/**
 * Each takes a range of positions, [$1, $2), and returns positions. If there is an `update`, `insert`
 * and `missing` come after it and take what it returned: the positions, $3, and `since`, $4.
 */
export interface MergeStatements {
  /**
   * Does the work of `update` and `insert` in one statement. Null where that isn't possible.
   * `created`, `updated`: how many rows were. `created_rows`, `updated_rows`: which ones; null if
   * it is none, or all of the range's $3 staged rows.
   */
  readonly merge: string | null;
  /** `repeated`: whether a key occurs twice in the range. Null where that is impossible. */
  readonly repeatedKeys: string | null;
  /** Null where existing rows are left alone. */
  readonly update: UpdateStatement | null;
  /** Where rows may update others that the run itself has written. */
  readonly own: OwnStatements | null;
  /**
   * `rows`: those whose key was not in the table. `written`: how many of them were inserted.
   * `taken`: those that a trigger took. `appeared`: those that should have updated a row, but `update`
   * couldn't see it yet.
   */
  readonly insert: string;
  /** `rows`: as for `insert`, but without writing. */
  readonly missing: string;
  /** `position`, `value`: each row's key as text, for messages. */
  readonly keyValues: string;
}

/** For `update` in two steps: first the rows that the run has created, then the others. */
export interface OwnStatements {
  /** `hit`: whether there are such rows at all. Null: that is likely. */
  readonly hit: string | null;
  readonly update: UpdateStatement;
  /** Takes the positions that `update` returned, $3. */
  readonly updateOthers: UpdateStatement;
}

/*
 * UPDATE, then INSERT, instead of INSERT … ON CONFLICT DO UPDATE. The latter refuses a row without
 * a value for a NOT NULL column even if the row exists, needs a unique index on the key, and uses
 * up a sequence value for every row that it updates.
 */
export function mergeStatements(
  plan: LoadPlan,
  serverVersion: number,
  undo: UndoNotes | null = null,
): MergeStatements {
  const { table: stage, position } = stageOf(plan);
  const inRange = `s.${position} >= $1 and s.${position} < $2`;
  const keys = identifiers(plan.key, "s.");
  const grouped = plan.key.map((name) =>
    `s.${identifier(name)}${keyComparison(plan, name).collate}`
  ).join(", ");
  const update = updateStatement(plan, inRange, serverVersion, { undo });
  return {
    // If one statement creates rows and updates others, these must be told apart afterwards. And each
    // row whose old values are kept is listed under what was updated.
    // And nobody could say which rows it has created.
    merge:
      plan.related === undefined && canMerge(plan, serverVersion) && undo?.identity.length !== 0 &&
        (undo?.keeps ?? null) === null
        ? mergeStatement(plan, inRange)
        : null,
    repeatedKeys: plan.keysMayRepeat && plan.key.length > 0
      ? `select exists (select from ${stage} s where ${inRange}
           group by ${grouped} having count(*) > 1) as repeated`
      : null,
    update,
    own: update === null || undo === null
      ? null
      : ownStatements(plan, inRange, serverVersion, undo),
    ...insertStatements(plan, inRange, update !== null),
    keyValues: `select s.${position} as position, concat_ws(', ', ${
      keys || "null"
    }) as value from ${stage} s where ${inRange}`,
  };
}

function ownStatements(
  plan: LoadPlan,
  inRange: string,
  serverVersion: number,
  undo: UndoNotes,
): OwnStatements | null {
  if (undo.hitsOwn === "never") return null;
  const { isOwnCreated } = undo;
  const update = updateStatement(plan, inRange, serverVersion, { only: isOwnCreated })!;
  const others = { only: `not ${isOwnCreated}`, rest: true, undo };
  const updateOthers = updateStatement(plan, inRange, serverVersion, others)!;
  const { names, column } = renamedStage(plan);
  const { table } = stageOf(plan);
  const hit = undo.hitsOwn === "likely" ? null : `select exists (
    select from ${table} s${names}, ${ownRows(plan.table)} t
    where ${inRange} and ${sameKeyCondition(plan, column)} and ${undo.isOwn("t")}) as hit`;
  return { hit, update, updateOthers };
}
