/** What an undo needs to know of a table before it touches a row of it. */
import type { Ledger } from "../ledger/ledger.ts";
import {
  conditionsOf,
  readMarks,
  type UndoConditions,
  type UndoMarks,
  type UndoTable,
} from "../ledger/runs/chain_writes.ts";
import type { UndoScope } from "../ledger/runs/runs.ts";
import { identityOf } from "../load/undo/place.ts";
import { readUndoRelation, type UndoRelation } from "../load/undo/undo_relation.ts";

export interface UndoSource {
  readonly table: UndoTable;
  readonly marks: UndoMarks;
  readonly relation: UndoRelation;
  readonly conditions: UndoConditions;
  /** What its rows are called where those of other tables are taken back, too; null: by no name. */
  readonly label: string | null;
}

/** Null if the table was dropped. `scope`: the undo's, as far as it is known. */
export async function readUndoSource(
  ledger: Ledger,
  root: number,
  table: UndoTable,
  { leaves, unsure }: UndoScope,
): Promise<UndoSource | null> {
  const relation = await readUndoRelation(ledger.session, table.relation);
  if (relation === null) return null;
  const marks = await readMarks(ledger, root, table);
  return {
    table,
    marks,
    relation,
    conditions: conditionsOf(ledger, marks, table, unsure, identityOf),
    label: new Set(leaves.map((leaf) => leaf.table)).size > 1 ? relation.shown : null,
  };
}
