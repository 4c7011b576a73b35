/** What an undo needs to know of a table before it touches a row of it. */
import type { Ledger } from "../ledger/ledger.ts";
import {
  conditionsOf,
  readMarks,
  type UndoConditions,
  type UndoMarks,
  type UndoTable,
} from "../ledger/chain_writes.ts";
import { identityOf } from "../load/undo/place.ts";
import { readUndoRelation, type UndoRelation } from "../load/undo/undo_relation.ts";

export interface UndoSource {
  readonly table: UndoTable;
  readonly marks: UndoMarks;
  readonly relation: UndoRelation;
  readonly conditions: UndoConditions;
}

/** Null if the table was dropped. `unsure`: see `UndoScope`. */
export async function readUndoSource(
  ledger: Ledger,
  root: number,
  table: UndoTable,
  unsure: readonly string[],
): Promise<UndoSource | null> {
  const relation = await readUndoRelation(ledger.session, table.relation);
  if (relation === null) return null;
  const marks = await readMarks(ledger, root, table);
  return {
    table,
    marks,
    relation,
    conditions: conditionsOf(ledger, marks, table, unsure, identityOf),
  };
}
