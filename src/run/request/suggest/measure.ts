/** Measures what candidates do to all failed rows, with the real row checks. */
import { type DefinitionEdit, withEdits } from "../../../importer/document/definition_edit.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { FailedRow } from "../../../ledger/rows/rows.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import type { ColumnProgram } from "../../../row/pipeline.ts";
import type { RecordCursor } from "../../../source/record.ts";
import type { Candidate } from "./candidate.ts";
import { isAmong } from "./choose.ts";
import { failedRows } from "./collect.ts";
import { Trial } from "./trial.ts";

const MAX_SAMPLES = 5;

/** What a candidate does. */
export interface Measured {
  /** Rows that fail because of what it is about. */
  of: number;
  /** Of these: those whose value would be right, and those that would be right as a whole. */
  values: number;
  rows: number;
  /** Values that would be right, but can be read in another way, too. Not among `rows`. */
  ambiguous: number;
  readonly ambiguousRows: number[];
}

interface Option {
  readonly candidate: Candidate;
  readonly trial: Trial;
  readonly rivals: readonly Trial[];
  readonly measured: Measured;
}

export interface Measurement {
  readonly measured: readonly Measured[];
  /** Rows that would be right if all the candidates of `together` were taken. */
  readonly together: number;
}

/** Null for a candidate of which no usable definition can be made. */
export async function measure(
  ledger: Ledger,
  run: Run,
  base: Trial,
  candidates: readonly Candidate[],
  together: readonly Candidate[],
  sourceOf: (column: string) => string,
): Promise<Measurement> {
  const options = candidates.map((candidate) => optionOf(run, base, candidate, sourceOf));
  const all = trialOf(run, base, together, sourceOf);
  const among = amongOf(together);
  let right = 0;
  for await (const row of failedRows(ledger, run)) {
    const record = base.read(row);
    const failing = record === null || record.defect !== null
      ? null
      : base.programs.filter((program) => base.write(program, record) === null);
    for (const option of options) {
      if (option !== null) measureRow(option, base, row, record, failing);
    }
    if (all !== null && isRight(all, row, among, failing?.length === 0)) right++;
  }
  const none = () => ({ of: 0, values: 0, rows: 0, ambiguous: 0, ambiguousRows: [] });
  return { measured: options.map((option) => option?.measured ?? none()), together: right };
}

/** How many of the rows would be right with another definition, of which `candidates` are a part. */
export async function countRight(
  ledger: Ledger,
  run: Run,
  base: Trial,
  trial: Trial | null,
  candidates: readonly Candidate[],
): Promise<number> {
  if (trial === null) return 0;
  const among = amongOf(candidates);
  let right = 0;
  for await (const row of failedRows(ledger, run)) {
    const record = base.read(row);
    const isTables = record !== null && base.passes(record);
    if (isRight(trial, row, among, isTables)) right++;
  }
  return right;
}

function amongOf(candidates: readonly Candidate[]): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    candidates.flatMap(({ column, among }) => column && among ? [[column, among]] : []),
  );
}

function optionOf(
  run: Run,
  base: Trial,
  candidate: Candidate,
  sourceOf: (column: string) => string,
): Option | null {
  const trial = trialOf(run, base, [candidate], sourceOf);
  if (trial === null) return null;
  const rivals = candidate.rivals.flatMap((edits) => {
    const rival = Trial.of(run, withEdits(base.definition, edits, sourceOf), base.table);
    return rival === null ? [] : [rival];
  });
  const measured = { of: 0, values: 0, rows: 0, ambiguous: 0, ambiguousRows: [] };
  return { candidate, trial, rivals, measured };
}

/** The definition with all of their edits; null if it can't be used. */
export function trialOf(
  run: Run,
  base: Trial,
  candidates: readonly Candidate[],
  sourceOf: (column: string) => string,
): Trial | null {
  const edits: readonly DefinitionEdit[] = candidates.flatMap(({ edits }) => edits);
  const tables = candidates.flatMap(({ table }) => table === undefined ? [] : [table.changed]);
  // Each changes one column of the same table.
  const columns = base.table.columns.map((column) =>
    tables.map((table) => table.columns.find(({ name }) => name === column.name)!)
      .find((other) => other.type !== column.type) ?? column
  );
  return Trial.of(run, withEdits(base.definition, edits, sourceOf), { ...base.table, columns });
}

function measureRow(
  { candidate, trial, rivals, measured }: Option,
  base: Trial,
  row: FailedRow,
  record: RecordCursor | null,
  failing: readonly ColumnProgram[] | null,
): void {
  const { column, among, edits } = candidate;
  if (column === null) {
    if (failing !== null) return;
    measured.of++;
    const now = trial.read(row);
    if (now === null || now.defect !== null) return;
    measured.values++;
    if (trial.passes(now)) measured.rows++;
    return;
  }
  if (failing === null || record === null) return;
  const own = base.program(column);
  const program = trial.program(column);
  if (own === null || program === null) return;
  const isForeign = among !== undefined;
  if (isForeign ? failing.length > 0 || !isForeignFailure(row, column) : !failing.includes(own)) {
    return;
  }
  measured.of++;
  const written = trial.write(program, record);
  if (written === null || !isAmong(written.value, among)) return;
  const otherwise = rivals.some((rival) => {
    const other = rival.program(column);
    const read = other && rival.write(other, record);
    return read && read.value !== written.value;
  });
  measured.values++;
  const isOfAll = edits.some(({ at }) => "source" in at);
  const isWhole = isOfAll ? trial.passes(record) : failing.every((each) => each === own);
  if (otherwise) {
    measured.ambiguous++;
    if (measured.ambiguousRows.length < MAX_SAMPLES) measured.ambiguousRows.push(row.row_number);
  } else if (isWhole) measured.rows++;
}

/** Did only a foreign key of this column refuse the row? */
export function isForeignFailure(row: FailedRow, column: string): boolean {
  return row.code === "foreign_key" && row.column === column;
}

function isRight(
  all: Trial,
  row: FailedRow,
  among: ReadonlyMap<string, ReadonlySet<string>>,
  isTables: boolean,
): boolean {
  // The table has refused it, and nothing but the right value makes it take the row.
  if (isTables && (row.code !== "foreign_key" || !among.has(row.column ?? ""))) return false;
  const record = all.read(row);
  if (record === null || !all.passes(record)) return false;
  return [...among].every(([column, known]) => {
    const program = all.program(column);
    const written = program && all.write(program, record);
    return written === null || isAmong(written.value, known);
  });
}
