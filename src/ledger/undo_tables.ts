/** `undo_tables`: into which tables a run writes, for whoever takes it back. */
import type { Ledger } from "./ledger.ts";

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

/** SQL: the statement that notes a table for the run; `run`, `relation` …: expressions. */
export function insertUndoTable(
  ledger: Ledger,
  from: string,
  [relation, identity, columns]: readonly [string, string, string],
): string {
  return `insert into ${ledger.schema}.undo_tables
      (run_id, relation, system_identifier, identity, columns)
    select id, ${relation}::bigint::oid, ${ledger.schema}.system_identifier(),
      ${identity}::text[], ${columns}::text[]
    from ${from} where ${relation}::bigint is not null
    on conflict do nothing`;
}

export async function noteUndoTable(
  ledger: Ledger,
  run: number,
  { relation, identity, columns }: UndoTable,
): Promise<void> {
  await ledger.execute(
    insertUndoTable(ledger, "(select $1::bigint as id) run", ["$2", "$3", "$4"]),
    [run, relation, identity, columns],
  );
}
