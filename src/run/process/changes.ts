/** What a dry run, or a run that is held, would change in each column. */
import type { Session } from "../../db/session.ts";
import {
  beginChanges,
  type ChangedColumn,
  changesNotes,
  readChanges,
} from "../../load/diff/changed_values.ts";
import type { LoadedRows } from "../../load/encoded_rows.ts";
import type { UndoNotes } from "../../load/undo_notes.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { RunProgram } from "../program.ts";

/** If not, rows are tried only to find those that fail. */
function mayBeHeld({ definition: { options, on_absent }, sets_aside }: Run): boolean {
  return sets_aside || options.hold_if !== undefined || on_absent !== undefined;
}

export class Changes {
  readonly notes: UndoNotes;
  readonly #program: RunProgram;
  #found: readonly ChangedColumn[] = [];

  private constructor(program: RunProgram, notes: UndoNotes) {
    this.#program = program;
    this.notes = notes;
  }

  /** Null if what is loaded stays, or if no row of the table could change. */
  static of(program: RunProgram, stays: boolean): Changes | null {
    const { run } = program;
    if (!run.dry_run && (stays || !mayBeHeld(run))) return null;
    const notes = changesNotes(program.loadPlan);
    return notes === null ? null : new Changes(program, notes);
  }

  /** Loads with `notes`. */
  async around(session: Session, load: () => Promise<LoadedRows>): Promise<LoadedRows> {
    await beginChanges(session);
    const loaded = await load();
    this.#found = await readChanges(session, this.#program.loadPlan, this.notes);
    return loaded;
  }

  get table(): string {
    return this.#program.loadPlan.table.name;
  }

  /** Of the last load. */
  get found(): readonly ChangedColumn[] {
    return this.#found;
  }
}

/** Of all tables of a batch. Null if nobody asks. A column says its table if there are several. */
export function changesOf(
  { routes }: RunProgram,
  all: readonly Changes[],
): readonly ChangedColumn[] | null {
  if (all.length === 0) return null;
  return all.flatMap(({ found, table }) =>
    routes === null ? found : found.map((each) => ({ ...each, column: `${table}.${each.column}` }))
  );
}
