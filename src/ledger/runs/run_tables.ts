/** `run_tables`: what a run's table was like when the run looked last. */
import type { TableShape } from "../../load/catalog/table_shape.ts";
import type { Ledger } from "../ledger.ts";
import { type UndoTable, undoTables } from "../undo/undo_tables.ts";

export interface RunTable {
  /** See `table_fingerprint.ts`. */
  readonly fingerprint: string | null;
  readonly shape: TableShape;
  /** The columns that the run fills. Empty: somebody has resumed it without one of them. */
  readonly filled: readonly string[];
  /** What its undo has to know of each table that it writes to; empty if it can't be undone. */
  readonly undo: readonly UndoTable[];
}

/** What is known of it from before. `remembered`: the tables of which its undo knows already. */
export type KnownTable = Omit<RunTable, "undo"> & { readonly remembered: readonly UndoTable[] };

/** Of all tables of a run. */
export function shapesOf(shape: TableShape | undefined): readonly TableShape[] {
  return shape === undefined ? [] : [shape, ...shape.others ?? []];
}

/** Why a run has failed: its table lacks a column that it has filled. */
export const TABLE_CHANGED = "table_changed";

/** Null for runs of older versions, until they are worked on. */
export async function readRunTable(ledger: Ledger, run: number): Promise<KnownTable | null> {
  const [table] = await ledger.query<KnownTable>(
    `select fingerprint, shape, filled, ${undoTables(ledger, "$1")} as remembered
     from ${ledger.schema}.run_tables where run_id = $1`,
    [run],
  );
  return table ?? null;
}

/** In the transaction that writes it. */
export async function recordTableChanges(
  ledger: Ledger,
  run: number,
  changes: readonly string[],
): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.run_events (run_id, type, details)
     values ($1, 'table changed', jsonb_build_object('changes', $2::text[]))`,
    [run, changes],
  );
}

/** False if somebody else has changed what was `known` meanwhile. */
export async function writeRunTable(
  ledger: Ledger,
  run: number,
  { fingerprint, shape, filled }: RunTable,
  known: KnownTable | null,
): Promise<boolean> {
  const written = await ledger.execute(
    `insert into ${ledger.schema}.run_tables as known (run_id, fingerprint, shape, filled)
     values ($1, $2, $3::text::json, $4::text[])
     on conflict (run_id) do update set
       fingerprint = excluded.fingerprint, shape = excluded.shape, filled = excluded.filled
     where $5 and known.fingerprint is not distinct from $6`,
    [run, fingerprint, JSON.stringify(shape), filled, known !== null, known?.fingerprint ?? null],
  );
  return written === 1;
}
