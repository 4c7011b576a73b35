/** What a suggestion would make of single cells, so that a run's rows can be corrected without it. */
import { type ColumnRule, DEFAULT_COLUMN, type Definition } from "../../../importer/definition.ts";
import { listPending } from "../../../ledger/edits/pending_edits.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { rootOf } from "../../../ledger/runs/retries.ts";
import type { FailedRow } from "../../../ledger/rows/rows.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import type { ColumnProgram } from "../../../row/pipeline.ts";
import type { RecordCursor } from "../../../source/record.ts";
import type { Candidate } from "./candidate.ts";
import { isAmong } from "./choose.ts";
import { failedRows } from "./collect.ts";
import { isForeignFailure, trialOf } from "./measure.ts";
import type { Trial } from "./trial.ts";
import { writtenForms } from "./written_forms.ts";

export interface Fix {
  readonly row_number: number;
  readonly line: number;
  /** By column of the source. */
  readonly cells: Readonly<Record<string, string>>;
  /** The row is written anew: its fields could not be told apart. */
  readonly dropsSurplus: boolean;
  readonly example: FixedCell | null;
}

export interface FixedCell {
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** What can be corrected without the suggestion, and is not corrected yet. */
export interface CellFixes {
  rows: number;
  /** One of the cells, if it is about a column. */
  example: FixedCell | null;
}

/** How a suggestion's cells can be written; null for those that only a definition can say. */
export class Fixer {
  readonly #run: Run;
  readonly #base: Trial;
  readonly #trial: Trial;
  readonly #candidate: Candidate;
  /** Texts by what they were: values repeat. */
  readonly #known = new Map<string, string | null>();

  private constructor(run: Run, base: Trial, trial: Trial, candidate: Candidate) {
    this.#run = run;
    this.#base = base;
    this.#trial = trial;
    this.#candidate = candidate;
  }

  static of(
    run: Run,
    base: Trial,
    candidate: Candidate,
    sourceOf: (column: string) => string,
  ): Fixer | null {
    if (candidate.table !== undefined) return null;
    const trial = trialOf(run, base, [candidate], sourceOf);
    return trial && new Fixer(run, base, trial, candidate);
  }

  /** Null: there is nothing to correct, or not so that the run's own definition takes it. */
  fix(row: FailedRow): Fix | null {
    const record = this.#base.read(row);
    const isReadable = record !== null && record.defect === null;
    const { column } = this.#candidate;
    if (column === null) return isReadable ? null : this.#rewrite(row);
    return isReadable ? this.#correct(row, record, column) : null;
  }

  #correct(row: FailedRow, record: RecordCursor, column: string): Fix | null {
    const own = this.#base.program(column);
    const program = this.#trial.program(column);
    if (own === null || program === null || own.fields.length !== 1) return null;
    const { among } = this.#candidate;
    const [field] = own.fields;
    const isRefused = this.#base.write(own, record) === null;
    if (!isRefused && (among === undefined || !isForeignFailure(row, column))) return null;
    const before = record.text(field);
    let after = this.#known.get(before);
    if (after === undefined) {
      after = this.#anew(program, own, record, field);
      if (this.#known.size < MOST_KNOWN) this.#known.set(before, after);
    }
    if (after === null || after === before) return null;
    const { row_number, line } = row;
    const cells = { [this.#run.header[field]]: after };
    const example = { line, before: shortened(before), after: shortened(after) };
    return { row_number, line, cells, dropsSurplus: false, example };
  }

  /** A text that the run's own definition reads as the suggestion reads the cell. */
  #anew(
    program: ColumnProgram,
    own: ColumnProgram,
    record: RecordCursor,
    field: number,
  ): string | null {
    const written = this.#trial.write(program, record);
    if (written === null || !isAmong(written.value, this.#candidate.among)) return null;
    const rule = ruleOf(this.#base.definition, own.column.name);
    return writtenForms(written.value, rule).find((text) => {
      const again = this.#base.readAlone(own, field, text);
      return again !== null && again.value === written.value;
    }) ?? null;
  }

  /** All cells of a row whose fields can't be told apart. */
  #rewrite(row: FailedRow): Fix | null {
    const record = this.#trial.read(row);
    if (record === null || record.defect !== null) return null;
    const { header } = this.#run;
    const texts = header.map((_, field) => field < record.fieldCount ? record.text(field) : "");
    if (!this.#base.reads(texts)) return null;
    const cells = Object.fromEntries(header.map((name, field) => [name, texts[field]]));
    const { row_number, line } = row;
    return { row_number, line, cells, dropsSurplus: true, example: null };
  }
}

/** Texts whose new form is kept. */
const MOST_KNOWN = 10_000;
/** Characters of an example. */
const LONGEST = 60;

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()}…` : text;
}

function ruleOf({ columns }: Definition, column: string): ColumnRule {
  return columns !== null && Object.hasOwn(columns, column) ? columns[column] : DEFAULT_COLUMN;
}

/** For each proposal, in one pass through the failed rows. Null: only a definition can say it. */
export async function countFixes(
  ledger: Ledger,
  run: Run,
  base: Trial,
  candidates: readonly Candidate[],
  sourceOf: (column: string) => string,
): Promise<readonly (CellFixes | null)[]> {
  const counted = candidates.map((candidate) => ({
    fixer: Fixer.of(run, base, candidate, sourceOf),
    fixes: { rows: 0, example: null } as CellFixes,
    isPossible: false,
  }));
  if (counted.every(({ fixer }) => fixer === null)) return counted.map(() => null);
  const corrected = await correctedCells(ledger, rootOf(run));
  for await (const row of failedRows(ledger, run)) {
    for (const each of counted) {
      const fix = each.fixer?.fix(row) ?? null;
      if (fix === null) continue;
      each.isPossible = true;
      if (isCorrected(fix, corrected)) continue;
      each.fixes.rows++;
      each.fixes.example ??= fix.example;
    }
  }
  return counted.map(({ fixes, isPossible }) => isPossible ? fixes : null);
}

/** Has somebody corrected one of its cells? */
export function isCorrected({ row_number, cells }: Fix, corrected: CorrectedCells): boolean {
  const known = corrected.get(row_number);
  return known !== undefined && Object.keys(cells).some((name) => known.has(name));
}

const PAGE = { rows: 5_000, bytes: 2 * 1024 * 1024 };

/** Columns of the source, by row. A row that is written anew has all of them. */
export type CorrectedCells = ReadonlyMap<number, { has(name: string): boolean }>;

export async function correctedCells(ledger: Ledger, root: number): Promise<CorrectedCells> {
  const found = new Map<number, { has(name: string): boolean }>();
  for (let after = 0;;) {
    const page = await listPending(ledger, root, after, PAGE);
    if (page.length === 0) return found;
    for (const { row_number, cells, drops_surplus } of page) {
      found.set(row_number, drops_surplus ? { has: () => true } : new Set(Object.keys(cells)));
    }
    after = page[page.length - 1].row_number;
  }
}
