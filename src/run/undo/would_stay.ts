/**
 * In a dry run, rows that would be taken back before are still there. They don't keep the rows to which
 * they refer.
 */
import { listUndoTables } from "../../ledger/runs/chain_writes.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { Staying } from "../../load/undo/find_referenced.ts";
import { listReferences, type Reference, refers } from "../../load/undo/undo_relation.ts";
import { readUndoSource, type UndoSource } from "../undo_source.ts";

interface Before {
  readonly source: UndoSource;
  readonly references: readonly Reference[];
}

/** Of the rows that refer to those of `table`. */
export async function wouldStay(ledger: Ledger, run: Run, table: UndoSource): Promise<Staying> {
  const scope = run.source.undo ?? { leaves: [], unsure: [] };
  const inOrder = [...new Set(scope.leaves.map((leaf) => leaf.table))];
  const known = await listUndoTables(ledger, run.undoes_run_id!);
  const before = new Map<number, Before>();
  for (const relation of inOrder.slice(0, inOrder.indexOf(table.table.relation))) {
    const noted = known.find((each) => each.relation === relation);
    const source = noted && await readUndoSource(ledger, run.undoes_run_id!, noted, scope);
    if (!source) continue;
    const references = await listReferences(ledger.session, relation);
    for (const { oid } of [source.relation, ...source.relation.leaves]) {
      before.set(oid, { source, references });
    }
  }
  return (reference) => staysAs("r", reference, before, 0);
}

/** SQL: does the row that the alias names stay? Null: it does. */
function staysAs(
  alias: string,
  { from }: Reference,
  before: ReadonlyMap<number, Before>,
  depth: number,
): string | null {
  const referring = before.get(from);
  if (referring === undefined) return null;
  const { source, references } = referring;
  const { created, restorable } = source.conditions;
  const kept = references.flatMap((reference) => {
    if (reference.toItself || !reference.isReadable) return [];
    const inner = `r${depth}`;
    const stays = staysAs(inner, reference, before, depth + 1) ?? "true";
    return [
      `exists (select from ${reference.rows} ${inner}
         where ${refers(reference, alias, inner)} and ${stays})`,
    ];
  });
  const isOurs = (which: string) =>
    `exists (select from ${source.relation.name} t
      where t.ctid = ${alias}.ctid and t.tableoid = ${alias}.tableoid and ${which})`;
  // An old value comes from before the row to which it would refer.
  return `not (${isOurs(restorable)} or ${isOurs(created)} and not (${
    kept.length === 0 ? "false" : kept.join(" or ")
  }))`;
}
