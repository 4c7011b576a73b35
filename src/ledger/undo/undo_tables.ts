/** `undo_tables`: into which tables a run writes, for whoever takes it back. */
import type { Ledger } from "../ledger.ts";

/** What an undo has to know about a table that a run writes to. */
export interface UndoTable {
  readonly relation: number;
  /** The columns that tell its rows apart. Empty: none do. */
  readonly identity: readonly string[];
  /** Those whose old values are kept, if any are. */
  readonly columns: readonly string[];
}

/** SQL: the tables that the run has noted so far, as JSON. */
export function undoTables(ledger: Ledger, run: string): string {
  return `(select coalesce(json_agg(json_build_object('relation', relation::bigint,
      'identity', identity, 'columns', columns)), '[]')
    from ${ledger.schema}.undo_tables where run_id = ${run})`;
}

/** SQL: the statement that notes tables for the run; `tables`: an expression, of JSON. */
export function insertUndoTables({ schema }: Ledger, run: string, tables: string): string {
  return `insert into ${schema}.undo_tables
      (run_id, relation, system_identifier, identity, columns)
    select run.id, noted.relation::oid, ${schema}.system_identifier(), noted.identity, noted.columns
    from ${run} cross join json_to_recordset(${tables}::text::json)
      as noted (relation bigint, identity text[], columns text[])
    on conflict do nothing`;
}

export async function noteUndoTables(
  ledger: Ledger,
  run: number,
  tables: readonly UndoTable[],
): Promise<void> {
  await ledger.execute(
    insertUndoTables(ledger, "(select $1::bigint as id) run", "$2"),
    [run, JSON.stringify(tables)],
  );
}
