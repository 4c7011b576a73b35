/** What a run notes about the table, so that it can be undone. */
import type { UndoTable } from "../ledger/undo_tables.ts";
import type { LoadPlan } from "../load/load_plan.ts";
import { updatedColumns, writesExisting } from "../load/merge_conditions.ts";
import { undoIdentity, undoneColumns } from "../load/undo_identity.ts";

/** What of a definition's runs can't be undone, whatever their file, though it says so. */
export function undoWarnings(plan: LoadPlan): readonly string[] {
  const { table, undo = "off" } = plan;
  if (undo === "off") return [];
  if (table.foreignPartition) {
    return [
      `Its runs can't be undone, because the partition ${table.foreignPartition} is a foreign table, ` +
      "whose rows don't say who wrote them.",
    ];
  }
  if (undo !== "updates" || writesExisting(plan) === null || undoIdentity(plan).length > 0) {
    return [];
  }
  const because = table.mayReadRows === false
    ? `the role ${table.role} may not read all of its columns (it needs: grant select on ${table.name})`
    : "it has neither a primary key nor another unique key whose columns can't be NULL and that the " +
      "import leaves as they are, so nothing tells its rows apart";
  return [`Old values can't be kept (options.undo: updates), because ${because}.`];
}

export interface RunUndo {
  readonly relation: number;
  /** The columns that tell rows apart; empty: none do. */
  readonly identity: readonly string[];
  /** The columns whose old values are kept; null: none are. */
  readonly keeps: readonly string[] | null;
  /** Rows that the run has written can be told from others. */
  readonly knowsOwn: boolean;
}

/** Null if nothing is noted. Runs of older versions note nothing. */
export function undoTable(plan: LoadPlan): UndoTable | null {
  if ((plan.undo ?? "off") === "off") return null;
  return {
    relation: plan.table.oid,
    identity: undoIdentity(plan),
    columns: undoneColumns(plan),
  };
}

export function runUndo(plan: LoadPlan): RunUndo | null {
  const table = undoTable(plan);
  return table === null ? null : {
    relation: table.relation,
    identity: table.identity,
    keeps: plan.undo === "updates" && table.identity.length > 0 ? table.columns : null,
    knowsOwn: plan.table.mayReadRows !== false,
  };
}

/**
 * Somebody may have changed the table in the middle of the run. What was noted first, holds for all of
 * the run. If rows can't be found by it any more, or a column is missing, what the run updates from
 * here on is only marked, so an undo will leave it as it is.
 */
export function sameUndo(
  { undo, loadPlan }: { readonly undo: RunUndo | null; readonly loadPlan: LoadPlan },
  noted: UndoTable,
): RunUndo | null {
  if (undo === null) return null;
  const isSame = noted.identity.length === undo.identity.length &&
    noted.identity.every((name, index) => undo.identity[index] === name);
  if (!isSame) return { ...undo, identity: [], keeps: null, knowsOwn: false };
  const hasAll = updatedColumns(loadPlan).every((name) => noted.columns.includes(name));
  return { ...undo, keeps: undo.keeps && hasAll ? noted.columns : null };
}
