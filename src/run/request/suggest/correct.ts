/** Corrects failed rows as a suggestion says, for this run alone: the definition stays as it is. */
import {
  type AskedCell,
  findCells,
  forgetUnused,
  type FoundCell,
  holdRows,
  removeEdits,
  type RowEdit,
  saveEdits,
} from "../../../ledger/edits/cell_edits.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Replaced } from "../../../ledger/edits/replace_cells.ts";
import { rootOf } from "../../../ledger/runs/retries.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { whileCorrectable } from "../corrections/correctable.ts";
import { Refused } from "../refuse/refused.ts";
import { failedRows } from "./collect.ts";
import { correctedCells, type Fix, Fixer, isCorrected } from "./fixes.ts";
import { findProposal, type Proposals, type SuggestionAsked } from "./suggest.ts";

export interface CorrectionAsked {
  readonly suggestion: SuggestionAsked;
  /** Takes back what the same request has corrected. */
  readonly undo: boolean;
  readonly user: string | null;
}

/** Rows of a statement. */
const PAGE = 1_000;
/** How many rows are named. */
const NAMED = 100;

/**
 * Cells that somebody has corrected stay as they are. Throws Refused, NoSuchRun and ChainBusy; then
 * nothing has changed.
 */
export async function correctAsSuggested(
  ledger: Ledger,
  run: Run,
  proposed: Proposals,
  { suggestion, undo, user }: CorrectionAsked,
): Promise<Replaced> {
  const fixes = await fixesOf(ledger, run, proposed, suggestion, undo);
  let rows = 0;
  const first: number[] = [];
  await whileCorrectable(ledger, run, async (root) => {
    for (let at = 0; at < fixes.length; at += PAGE) {
      const page = fixes.slice(at, at + PAGE);
      const change = undo ? takeBack : keep;
      const unused = await holdRows(ledger, root.id, page.map(({ row_number }) => row_number));
      const found = await findAll(ledger, root.id, page);
      const changed = await change(ledger, root.id, page, found, user);
      if (unused.length > 0) await forgetUnused(ledger, root.id, unused);
      rows += changed.length;
      first.push(...changed.slice(0, NAMED - first.length));
    }
  });
  return { rows, first };
}

/** They are found before the run is held: to try 200,000 rows takes seconds. */
async function fixesOf(
  ledger: Ledger,
  run: Run,
  proposed: Proposals,
  suggestion: SuggestionAsked,
  undo: boolean,
): Promise<readonly Fix[]> {
  const cannot = `Cannot correct rows of run ${run.id} as suggested`;
  const found = findProposal(proposed, suggestion, cannot);
  const { base, sourceOf } = proposed;
  const fixer = found.suggested.cells === null || base === null
    ? null
    : Fixer.of(run, base, found.candidate, sourceOf);
  if (fixer === null) {
    throw new Refused(`${cannot}: no cell can say it, only the importer's definition.`);
  }
  const corrected = await correctedCells(ledger, rootOf(run));
  const fixes: Fix[] = [];
  for await (const row of failedRows(ledger, run)) {
    const fix = fixer.fix(row);
    if (fix !== null && isCorrected(fix, corrected) === undo) fixes.push(fix);
  }
  return fixes;
}

/** What the cells of each row hold now. */
async function findAll(
  ledger: Ledger,
  root: number,
  fixes: readonly Fix[],
): Promise<readonly (readonly (FoundCell & { readonly column: string })[])[]> {
  const asked = fixes.map(({ row_number, cells }) =>
    Object.entries(cells).map(([column, value]): AskedCell => ({
      ...{ row_number, column, value, expected: null },
    }))
  );
  const found = await findCells(ledger, root, asked.flat());
  let at = 0;
  return asked.map((cells) => cells.map(({ column }) => ({ column, ...found[at++] })));
}

type Found = Awaited<ReturnType<typeof findAll>>;

async function keep(
  ledger: Ledger,
  root: number,
  fixes: readonly Fix[],
  found: Found,
  user: string | null,
): Promise<readonly number[]> {
  const edits = fixes.flatMap(({ row_number, cells, dropsSurplus }, i): RowEdit[] => {
    const [{ failed, resolved_by, waived }] = found[i];
    const isLeft = failed && resolved_by === null && !waived;
    if (!isLeft || found[i].some(({ corrected }) => corrected)) return [];
    const changed = found[i].filter(({ restores }) => !restores);
    return [{
      row_number,
      cells: Object.fromEntries(changed.map(({ column }) => [column, cells[column]])),
      restored: [],
      dropsSurplus,
    }];
  });
  if (edits.length > 0) await saveEdits(ledger, root, edits, user);
  return edits.map(({ row_number }) => row_number);
}

/** Only rows whose cells still are as the suggestion has made them. */
async function takeBack(
  ledger: Ledger,
  root: number,
  fixes: readonly Fix[],
  found: Found,
  user: string | null,
): Promise<readonly number[]> {
  const ours = fixes.filter(({ dropsSurplus }, i) =>
    found[i].every(({ same, corrected }) => same && (dropsSurplus || corrected))
  );
  const anew = ours.filter(({ dropsSurplus }) => dropsSurplus);
  if (anew.length > 0) {
    const rows = anew.map(({ row_number }) => row_number);
    await removeEdits(ledger, root, { rows, column: null });
  }
  const edits = ours.filter(({ dropsSurplus }) => !dropsSurplus)
    .map(({ row_number, cells }): RowEdit => ({
      ...{ row_number, cells: {}, restored: Object.keys(cells), dropsSurplus: false },
    }));
  if (edits.length > 0) await saveEdits(ledger, root, edits, user);
  return ours.map(({ row_number }) => row_number);
}
