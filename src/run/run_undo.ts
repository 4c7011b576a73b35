/** What a run notes about the tables that it writes to, so that it can be undone. */
import type { UndoTable } from "../ledger/undo/undo_tables.ts";
import type { LoadPlan } from "../load/load_plan.ts";
import { updatedColumns, writesExisting } from "../load/merge/merge_conditions.ts";
import { type Written, writtenTables } from "../load/related/written_tables.ts";
import { undoIdentity, undoneColumns } from "../load/undo_identity.ts";

/** What of a definition's runs can't be undone, whatever their file, though it says so. */
export function undoWarnings(plan: LoadPlan): readonly string[] {
  if ((plan.undo ?? "off") === "off") return [];
  return writtenTables(plan).flatMap((written) => tableWarnings(written, plan));
}

function tableWarnings(written: Written, { table: main, undo }: LoadPlan): readonly string[] {
  const { table } = written;
  const of = table.oid === main.oid ? "" : ` of ${table.name}`;
  if (table.foreignPartition) {
    return [
      `Its runs can't be undone, because the partition ${table.foreignPartition}${of} is a foreign ` +
      "table, whose rows don't say who wrote them.",
    ];
  }
  const who = `the role ${table.role} may not read all of its columns (it needs: grant select on ` +
    `${table.name})`;
  if (written.kind === "links") {
    if (!written.removes || table.mayReadRows !== false) return [];
    return [`Links${of} that are removed can't be put back by an undo, because ${who}.`];
  }
  const { plan } = written;
  if (undo !== "updates" || writesExisting(plan) === null || undoIdentity(plan).length > 0) {
    return [];
  }
  const because = table.mayReadRows === false
    ? who
    : "it has neither a primary key nor another unique key whose columns can't be NULL and that the " +
      "import leaves as they are, so nothing tells its rows apart";
  return [`Old values${of} can't be kept (options.undo: updates), because ${because}.`];
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

/** By table. */
export type RunUndos = ReadonlyMap<number, RunUndo>;

/** Empty if nothing is noted. Runs of older versions note nothing. */
export function undoTables(plan: LoadPlan): readonly UndoTable[] {
  if ((plan.undo ?? "off") === "off") return [];
  const tables = new Map<number, UndoTable>();
  for (const written of writtenTables(plan)) {
    const { oid: relation } = written.table;
    if (written.kind === "rows") {
      const { plan: rows } = written;
      tables.set(relation, {
        ...{ relation, identity: undoIdentity(rows), columns: undoneColumns(rows) },
      });
    } else if (!tables.has(relation)) {
      // A link is there or not: none is ever updated.
      tables.set(relation, { relation, identity: [], columns: [] });
    }
  }
  return [...tables.values()];
}

export function runUndos(plan: LoadPlan): RunUndos {
  const readable = new Map(
    writtenTables(plan).map(({ table }) => [table.oid, table.mayReadRows !== false]),
  );
  return new Map(
    undoTables(plan).map(({ relation, identity, columns }) => [relation, {
      ...{ relation, identity },
      keeps: plan.undo === "updates" && identity.length > 0 ? columns : null,
      knowsOwn: readable.get(relation) === true,
    }]),
  );
}

/**
 * Somebody may have changed the tables in the middle of the run. What was noted first, holds for all of
 * the run. If rows can't be found by it any more, or a column is missing, what the run updates from
 * here on is only marked, so an undo will leave it as it is.
 */
export function sameUndos(
  { undo, loadPlan }: { readonly undo: RunUndos; readonly loadPlan: LoadPlan },
  noted: readonly UndoTable[],
): RunUndos {
  const plans = new Map(writtenTables(loadPlan).map((each) => [each.table.oid, each]));
  return new Map(
    [...undo].map(([relation, now]) => {
      const before = noted.find((each) => each.relation === relation);
      const written = plans.get(relation);
      if (before === undefined || written === undefined) return [relation, now];
      return [relation, sameUndo(now, before, written)];
    }),
  );
}

function sameUndo(undo: RunUndo, noted: UndoTable, written: Written): RunUndo {
  const isSame = noted.identity.length === undo.identity.length &&
    noted.identity.every((name, index) => undo.identity[index] === name);
  if (!isSame) return { ...undo, identity: [], keeps: null, knowsOwn: false };
  const columns = written.kind === "rows" ? updatedColumns(written.plan) : [];
  const hasAll = columns.every((name) => noted.columns.includes(name));
  return { ...undo, keeps: undo.keeps && hasAll ? noted.columns : null };
}
