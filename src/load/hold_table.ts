/** Keeps a table as it is until the transaction ends. */
import { identifier, qualified } from "../db/quoting.ts";
import type { LoadPlan } from "./load_plan.ts";
import { ownRows } from "./own_rows.ts";
import { updatedColumns, writesExisting } from "./merge/merge_conditions.ts";

/**
 * SQL: takes the lock on the table that loading is going to take. Whoever wants to alter the table
 * waits for it, and it waits for whoever is altering the table. EXPLAIN takes the statement's locks
 * and does nothing else: no trigger fires. (LOCK TABLE wants a privilege on all columns.)
 */
export function holdTable(plan: LoadPlan): string {
  if (plan.onMissing === "insert") {
    return `explain insert into ${qualified(plan.table)} default values`;
  }
  const table = ownRows(plan.table);
  if (writesExisting(plan) === null) return `explain select from ${table}`;
  return `explain update ${table} set ${identifier(updatedColumns(plan)[0])} = null where false`;
}
