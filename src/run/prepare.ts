/** Makes a run ready to work on, and notes the table that it is made for. */
import type { Session } from "../db/session.ts";
import { DefinitionError } from "../importer/definition_errors.ts";
import { Ledger } from "../ledger/ledger.ts";
import { addWarnings } from "../ledger/runs/run_states.ts";
import {
  readRunTable,
  recordTableChanges,
  type RunTable,
  writeRunTable,
} from "../ledger/runs/run_tables.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { noteUndoTables } from "../ledger/undo/undo_tables.ts";
import { type LoadPlan, writtenColumns } from "../load/load_plan.ts";
import { sameUndos, undoTables } from "./run_undo.ts";
import type { Table } from "../load/catalog/table.ts";
import { tableChanges } from "../load/catalog/table_changes.ts";
import { tableShape } from "../load/catalog/table_shape.ts";
import { DefinitionMismatch, HeaderMismatch } from "../row/compile.ts";
import { readTable } from "./read_table.ts";
import { describeChanges, TableChanged } from "./table_changed.ts";
import { compileProgram, routesOf, type RunProgram } from "./program.ts";

/**
 * `seen`: the run's table as it was when the run was created, if the caller has just created it: to
 * read the catalog takes 8 ms over a new connection. If the table has changed since the run looked
 * last, the run's warnings then say so. Throws as `fitTogether` does, and TableChanged.
 *
 * If the run was planned by other keys, because the table's unique indexes or the types of their
 * columns have changed since, its rows are no longer spread so that no two batches share a key. Then
 * its batches are taken one at a time. `patience`: as for `readTable`.
 */
export async function prepareRun(
  session: Session,
  run: Run,
  ledgerSchema: string,
  seen: Table | null = null,
  patience?: number,
): Promise<RunProgram> {
  const holdsAll = session.repertoire === null;
  if (seen !== null) return compileProgram(run, seen, holdsAll);
  const ledger = new Ledger(session, ledgerSchema);
  // Before the catalog: so it is never newer than what is found there.
  const known = await readRunTable(ledger, run.id);
  const table = await readTable(session, run, ledgerSchema, patience);
  const changes = known === null ? [] : tableChanges(known.shape, tableShape(table));
  const changed = changes.length === 0 ? null : describeChanges(changes);
  let program: RunProgram;
  try {
    program = compileProgram(run, table, holdsAll);
  } catch (error) {
    const isMismatch = error instanceof DefinitionError || error instanceof DefinitionMismatch ||
      error instanceof HeaderMismatch;
    if (changed === null || !isMismatch) throw error;
    throw new DefinitionMismatch(`${changed} ${error.message}`, { cause: error });
  }
  const now = describeTable(table, routesOf(program));
  const noted = known?.remembered ?? [];
  program = {
    ...program,
    undo: new Map(routesOf(program).flatMap((route) => [...sameUndos(route, noted)])),
  };
  // It was resumed after the first part was forgotten: then it is no use to note the rest.
  const isForgotten = known !== null && known.remembered.length === 0;
  if (isForgotten) program = { ...program, undo: new Map() };
  const isNoted = (relation: number) => noted.some((each) => each.relation === relation);
  const undo = run.dry_run || isForgotten
    ? []
    : now.undo.filter(({ relation }) => !isNoted(relation));
  const isSame = known !== null && known.fingerprint === now.fingerprint;
  if (isSame && undo.length === 0) return program;
  const lost = known?.filled.filter((name) => !now.filled.includes(name)) ?? [];
  if (lost.length > 0 && changed !== null) throw new TableChanged(changed, lost);
  const note = async () => {
    if (undo.length > 0) await noteUndoTables(ledger, run.id, undo);
    if (isSame) return;
    const isNews = await writeRunTable(ledger, run.id, now, known);
    if (isNews && changed !== null) {
      await recordTableChanges(ledger, run.id, changes);
      await addWarnings(ledger, run.id, [changed, ...program.warnings]);
    }
  };
  await (session.transactionState === "open" ? note() : session.transaction(note));
  return program;
}

/**
 * For a run whose rows are compared with the table, and not written to it. Notes nothing. Throws as
 * `fitTogether` does.
 */
export function prepareToCompare(session: Session, run: Run, table: Table): RunProgram {
  return compileProgram(withoutRelated(run), table, session.repertoire === null, false);
}

/** The same with what the run's rows bring to other tables. */
export function prepareToCompareAll(session: Session, run: Run, table: Table): RunProgram {
  return compileProgram(run, table, session.repertoire === null, false);
}

/** Only the rows of the table itself are compared. */
function withoutRelated(run: Run): Run {
  const { many: _, nested: __, ...definition } = run.definition;
  return { ...run, definition };
}

/** For rows that are only tried: what they come to in the table is rolled back. Throws as `fit` does. */
export function prepareToTry(session: Session, run: Run, table: Table): RunProgram {
  return compileProgram({ ...run, planned_keys: null }, table, session.repertoire === null);
}

/** What is kept about the table, or the tables, to compare it later. */
export function describeTable(
  table: Table,
  routes: readonly { readonly loadPlan: LoadPlan }[],
): RunTable {
  const [{ loadPlan: first }] = routes;
  return {
    fingerprint: table.fingerprint ?? null,
    shape: tableShape(table),
    filled: routes.length === 1
      ? writtenColumns(first)
      : routes.flatMap(({ loadPlan }) =>
        writtenColumns(loadPlan).map((name) => `${loadPlan.table.name}.${name}`)
      ),
    undo: routes.flatMap(({ loadPlan }) => undoTables(loadPlan)),
  };
}
