/** Chooses, on the values that were seen, the candidates that make the most of them right. */
import {
  type DefinitionEdit,
  pathOf,
  withEdits,
} from "../../../importer/document/definition_edit.ts";
import type { Definition } from "../../../importer/definition.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import type { Candidate, RefusedColumn, SeenValue } from "./candidate.ts";
import { type GoodRow, tryGoodRows } from "./good_rows.ts";
import { Trial, type Written } from "./trial.ts";

/** A candidate, and those that say something else of the same values. */
export interface Choice {
  readonly candidate: Candidate;
  readonly alternatives: readonly Candidate[];
}

/** How many good rows a candidate is first tried on. */
const GOOD_ROWS = 500;
const NEARLY = 0.9;

interface Tried {
  readonly candidate: Candidate;
  readonly right: readonly boolean[];
  readonly gain: number;
}

/** How many candidates a column may need together. */
const MAX_CHOSEN = 3;

export function choose(
  run: Run,
  base: Trial,
  { column, values }: RefusedColumn,
  candidates: readonly Candidate[],
  good: readonly GoodRow[],
  sourceOf: (column: string) => string,
): readonly Choice[] {
  const some = good.slice(0, GOOD_ROWS);
  const harmful = new Map<Candidate, boolean>();
  const isHarmful = (candidate: Candidate) => {
    let known = harmful.get(candidate);
    if (known === undefined) {
      const { changed, failing } = tryGoodRows(run, base, some, candidate, sourceOf);
      harmful.set(candidate, known = changed + failing > 0);
    }
    return known;
  };
  const tries = (candidate: Candidate, before: readonly DefinitionEdit[]) =>
    tryValues(
      run,
      base,
      withEdits(base.definition, [...before, ...candidate.edits], sourceOf),
      candidate,
      column.name,
      values,
    );
  const chosen: Choice[] = [];
  const edits: DefinitionEdit[] = [];
  let right: readonly boolean[] = values.map(() => false);
  while (chosen.length < MAX_CHOSEN && right.includes(false)) {
    let best: Tried | null = null;
    let harmless: Tried | null = null;
    for (const candidate of candidates) {
      if (candidate.alternative || collides(candidate.edits, edits)) continue;
      const now = tries(candidate, edits)?.map((written) => written !== null);
      if (now === undefined) continue;
      const gain = weigh(values, now) - weigh(values, right);
      const tried = { candidate, right: now, gain };
      if (gain > (best?.gain ?? 0)) best = tried;
      if (gain > (harmless?.gain ?? 0) && !isHarmful(candidate)) harmless = tried;
    }
    if (best === null) break;
    // What leaves good rows alone, unless it helps much less.
    if (harmless !== null && harmless.gain >= NEARLY * best.gain) best = harmless;
    const { candidate } = best;
    const own = tries(candidate, []);
    const alternatives = candidates.filter((other) => {
      if (!other.alternative || !collides(other.edits, candidate.edits)) return false;
      const now = tries(other, []);
      // If some value fits only one of them, that one is meant.
      return now !== null && own !== null &&
        now.every((written, i) => (written === null) === (own[i] === null)) &&
        now.some((written, i) => written?.value !== own[i]?.value);
    });
    chosen.push({ candidate, alternatives });
    edits.push(...candidate.edits);
    right = best.right;
  }
  return chosen;
}

/** Both set the same key, or both give formats. Transforms come one after the other. */
function collides(some: readonly DefinitionEdit[], others: readonly DefinitionEdit[]): boolean {
  const keyOf = (edit: DefinitionEdit) => pathOf(edit).join("\0");
  return some.some((edit) =>
    !("column" in edit.at && edit.at.key === "transform") &&
    others.some((other) => keyOf(other) === keyOf(edit))
  );
}

function weigh(values: readonly SeenValue[], right: readonly boolean[]): number {
  return values.reduce((sum, { count }, i) => right[i] ? sum + count : sum, 0);
}

/** What becomes of the values; null if such a definition can't be used. */
function tryValues(
  run: Run,
  base: Trial,
  definition: Definition,
  { table, among }: Candidate,
  column: string,
  values: readonly SeenValue[],
): readonly Written[] | null {
  const trial = Trial.of(run, definition, table?.changed ?? base.table);
  const program = trial?.program(column) ?? null;
  if (trial === null || program === null) return null;
  return values.map(({ raw, row, line }) => {
    const record = trial.read({ raw, row_number: row, line });
    if (record === null || record.defect !== null) return null;
    const written = trial.write(program, record);
    return written !== null && isAmong(written.value, among) ? written : null;
  });
}

export function isAmong(value: string | null, among: ReadonlySet<string> | undefined): boolean {
  return among === undefined || value === null || among.has(value);
}
