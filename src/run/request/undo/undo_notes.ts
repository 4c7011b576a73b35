/** What whoever asks for an undo should know before it happens. */
import { writtenNames } from "../../../importer/related/written_names.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { listLaterRuns } from "../../../ledger/undo/undos.ts";
import { resolveNames, type Whereabouts } from "../../../load/undo/look_ahead.ts";
import type { UndoRelation } from "../../../load/undo/undo_relation.ts";
import type { UndoSource } from "../../undo_source.ts";

/** More than this many runs are not named. */
const MOST_RUNS = 5;

/** For the undo's warnings. */
export async function undoNotes(
  ledger: Ledger,
  run: Run,
  sources: readonly UndoSource[],
  { named }: Whereabouts,
  dryRun: boolean,
): Promise<string[]> {
  const notes: string[] = [];
  const expected = await resolveNames(ledger.session, writtenNames(run.definition));
  const isLeftAlone = named !== null && sources.every(({ relation }) => relation.oid !== named);
  for (const { relation } of sources) {
    if (!expected.includes(relation.oid)) {
      notes.push(renamed(run, relation.shown, isLeftAlone));
    }
    const later = await listLaterRuns(ledger, run.id, relation.oid);
    notes.push(...laterNotes(run.id, relation.shown, later));
    if (relation.hidesRows) {
      notes.push(
        `Policies of ${relation.shown} may hide rows from this role. Those are counted as changed ` +
          "or deleted.",
      );
    }
    if (dryRun) notes.push(...functionNotes(relation));
    if (dryRun && relation.triggers.length > 0) {
      notes.push(
        `Triggers of ${relation.shown} would fire: ${
          relation.triggers.join(", ")
        }. What they do, ` +
          "and did during the import, is not taken back.",
      );
    }
  }
  if (dryRun) {
    notes.push(
      "Not taken back: the positions of sequences, and what triggers and foreign keys did to other " +
        "tables.",
    );
  }
  return notes;
}

/** More than this many functions are not named. */
const MOST_FUNCTIONS = 5;

function functionNotes({ functions, shown }: UndoRelation): string[] {
  if (functions.length === 0) return [];
  const more = functions.length > MOST_FUNCTIONS ? ", …" : "";
  const names = functions.slice(0, MOST_FUNCTIONS).join(", ") + more;
  return [
    `${shown} calls functions when its rows are written, in a default, a check, an index or the ` +
    `like: ${names}. What they did during the import is not taken back, and rows beside which they ` +
    `wrote to ${shown} are kept.`,
  ];
}

function renamed({ id, definition }: Run, shown: string, isLeftAlone: boolean): string {
  const other = !isLeftAlone
    ? ""
    : ` The table that is called ${definition.table} now is another one, and is left alone.`;
  return `The table that run ${id} wrote to is called ${shown} now.${other}`;
}

function laterNotes(
  id: number,
  table: string,
  later: Awaited<ReturnType<typeof listLaterRuns>>,
): string[] {
  if (later.length === 0) return [];
  const shown = later.slice(0, MOST_RUNS);
  const names =
    shown.map(({ run, rows }) =>
      rows === null ? String(run) : `${run} (${rows.toLocaleString("en-US")} of these rows)`
    ).join(", ") + (later.length > MOST_RUNS ? ", …" : "");
  const which = later.length === 1 ? `Run ${names} has` : `Runs ${names} have`;
  const undo = shown.map(({ run }) => `ingest undo ${run}`).join(", then ");
  return [
    `${which} written to ${table} since. Rows of run ${id} that were updated since are kept. To ` +
    `take those back as well, first: ${undo}`,
  ];
}
