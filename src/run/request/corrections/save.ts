/** Keeps corrections of failed rows until a retry takes them: all of a request, or none. */
import {
  type AskedCell,
  findCells,
  forgetUnused,
  type FoundCell,
  holdRows,
  type RowEdit,
  saveEdits,
} from "../../../ledger/edits/cell_edits.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { whileCorrectable } from "./correctable.ts";
import { findColumn, problemOfValue } from "./source_columns.ts";
import {
  type ConflictingCell,
  CorrectionConflict,
  type WrongCorrection,
  WrongCorrections,
} from "./wrong_corrections.ts";

/** One of a request's corrections. */
export type Correction =
  | {
    readonly row_number: number;
    /** Of the source. */
    readonly column: string;
    readonly value: string;
    /** What the cell holds, as far as the sender knows. */
    readonly expected?: string;
  }
  /** Leaves out the fields that the header has no column for. */
  | { readonly row_number: number; readonly drop_surplus: true };

export interface CorrectionRequest {
  readonly run: Run;
  readonly corrections: readonly Correction[];
  /** Cells that somebody has corrected before are changed, whatever they hold. */
  readonly overwrite: boolean;
  readonly user: string | null;
}

/** The rows that were named, in order. Throws WrongCorrections, CorrectionConflict, Refused. */
export async function saveCorrections(
  ledger: Ledger,
  { run, corrections, overwrite, user }: CorrectionRequest,
): Promise<readonly number[]> {
  return await whileCorrectable(ledger, run, async (root) => {
    const asked = readAsked(root, corrections);
    const unused = await holdRows(ledger, root.id, asked.map(({ row_number }) => row_number));
    const found = await findCells(ledger, root.id, asked);
    refuseUnfit(run, corrections, found);
    if (!overwrite) refuseConflicts(corrections, asked, found);
    const edits = byRow(corrections, asked, found);
    await saveEdits(ledger, root.id, edits, user);
    if (unused.length > 0) await forgetUnused(ledger, root.id, unused);
    return [...new Set(corrections.map(({ row_number }) => row_number))].sort((a, b) => a - b);
  });
}

/** A column's name that no file has: of a correction that is about no cell. */
const NO_COLUMN = "";

/** In the header's words. Throws WrongCorrections. */
function readAsked(root: Run, corrections: readonly Correction[]): AskedCell[] {
  const wrong: WrongCorrection[] = [];
  const seen = new Set<string>();
  const columns = new Map<string, ReturnType<typeof findColumn>>();
  const asked = corrections.map((correction, place): AskedCell => {
    const { row_number } = correction;
    const [column, value, expected] = "column" in correction
      ? [correction.column, correction.value, correction.expected ?? null]
      : [NO_COLUMN, "", null];
    const cell = `${row_number} ${column}`;
    if (seen.has(cell)) {
      const problem = "column" in correction
        ? `the column ${column} of row ${row_number} is given twice`
        : `drop_surplus of row ${row_number} is given twice`;
      wrong.push({ place, field: "row_number", problem });
    }
    seen.add(cell);
    if (column === NO_COLUMN) return { row_number, column, value, expected };
    let known = columns.get(column);
    if (known === undefined) columns.set(column, known = findColumn(root, column));
    if ("problem" in known) wrong.push({ place, field: "column", problem: known.problem });
    const problem = problemOfValue(root, value);
    if (problem !== null) wrong.push({ place, field: "value", problem });
    return { row_number, column: "name" in known ? known.name : column, value, expected };
  });
  if (wrong.length > 0) throw new WrongCorrections(wrong);
  return asked;
}

function refuseUnfit(
  { id }: Run,
  corrections: readonly Correction[],
  found: readonly FoundCell[],
): void {
  const wrong = found.flatMap(({ failed, resolved_by, waived }, place): WrongCorrection[] => {
    const { row_number: row } = corrections[place];
    const problem = !failed
      ? `row ${row} is none of the failed rows of run ${id}`
      : resolved_by !== null
      ? `row ${row} is fixed: run ${resolved_by} has loaded it`
      : waived
      ? `row ${row} is waived: take that back first`
      : null;
    return problem === null ? [] : [{ place, field: "row_number", problem }];
  });
  if (wrong.length > 0) throw new WrongCorrections(wrong);
}

/**
 * Whoever says what a cell holds is right, or is told what it holds. Whoever doesn't can't have seen
 * what somebody else has made of it.
 */
function refuseConflicts(
  corrections: readonly Correction[],
  asked: readonly AskedCell[],
  found: readonly FoundCell[],
): void {
  const cells = found.flatMap((cell, place): ConflictingCell[] => {
    const { row_number, column, expected } = asked[place];
    const holds = cell.same || column === NO_COLUMN ||
      (expected === null ? !cell.corrected : cell.as_expected);
    if (holds || !("column" in corrections[place])) return [];
    return [{ place, row_number, column, value: cell.current }];
  });
  if (cells.length > 0) throw new CorrectionConflict(cells);
}

function byRow(
  corrections: readonly Correction[],
  asked: readonly AskedCell[],
  found: readonly FoundCell[],
): RowEdit[] {
  const rows = Map.groupBy(corrections.keys(), (place) => corrections[place].row_number);
  return [...rows].map(([row_number, places]): RowEdit => {
    const cells = places.filter((place) => asked[place].column !== NO_COLUMN);
    const changed = cells.filter((place) => !found[place].restores);
    return {
      row_number,
      cells: Object.fromEntries(changed.map((place) => [asked[place].column, asked[place].value])),
      restored: cells.filter((place) => found[place].restores).map((place) => asked[place].column),
      dropsSurplus: places.length > cells.length,
    };
  });
}
