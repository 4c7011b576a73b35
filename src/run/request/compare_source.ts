/**
 * Is a run's file still the one that the run has read? Equal size and time answer that at once. A
 * file that was put back by copying has another time, so its bytes are compared with the plan.
 */
import type { Ledger } from "../../ledger/ledger.ts";
import { inPages } from "../../ledger/pages.ts";
import { listPlanned, type PlannedRange } from "../../ledger/batches/plan.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { inWordsOf, recordFormat } from "../../source/format.ts";
import { changed, readRange } from "../../source/file/range.ts";
import { MAX_RECORD_BYTES } from "../../source/record.ts";
import type { RecordBoundaries } from "../../source/record_format.ts";
import { fileState, hasSameHeader } from "../../source/unchanged.ts";
import { checksum } from "../supply/checksum.ts";

export type SourceComparison =
  /** `mtime`: the file's current one; the run may have another one on record. */
  | { readonly same: true; readonly mtime: number | null }
  /** `because` follows the file's name in a sentence. */
  | { readonly same: false; readonly because: string };

/**
 * Compares all that was planned, including what is already loaded, because its row and line numbers
 * are in reports. If planning had not finished, the bytes beyond the plan may differ: no batch, row
 * number or key has come from there, and the next planner reads them as they are now. The size must
 * be the same, because the planner takes it for the file's end.
 *
 * Throws SourceError if the file can't be read, or is written to during the comparison.
 */
export async function compareSource(ledger: Ledger, run: Run): Promise<SourceComparison> {
  const { source } = run;
  const now = await fileState(source.path);
  if (now === null) return { same: false, because: "is gone." };
  if (now.size !== source.size) {
    return differs(`it had ${source.size} bytes and now has ${now.size}`);
  }
  if (now.mtime === source.mtime) return { same: true, mtime: now.mtime };
  // A copy of several files has no header of its own.
  const isOneFile = source.files === undefined;
  if (isOneFile && !await hasSameHeader(source, run.definition.source)) {
    return differs("its header differs");
  }
  const lines = await differingLines(ledger, run);
  // Each of several files counts its own lines.
  if (lines.length > 0) {
    const [where] = inWordsOf(source.format, [describeLines(lines)]);
    return differs(isOneFile ? where : "its rows differ");
  }
  const after = await fileState(source.path);
  if (after?.size !== now.size || after.mtime !== now.mtime) throw changed(source.path);
  return { same: true, mtime: now.mtime };
}

/** Does the file at `path`, which is as long as the run's, have the header and rows it has planned? */
export async function holdsPlanOf(ledger: Ledger, run: Run, path: string): Promise<boolean> {
  const source = { ...run.source, path };
  return await hasSameHeader(source, run.definition.source) &&
    (await differingLines(ledger, { ...run, source })).length === 0;
}

function differs(how: string): SourceComparison {
  return { same: false, because: `has changed since the run began: ${how}.` };
}

/** Physical lines, both included. */
interface LineRange {
  readonly first: number;
  last: number;
}

/** How many ranges the message names. One more is searched for, to see whether there are others. */
const NAMED_RANGES = 3;

/** Where the file differs from the plan, to the nearest batch. */
async function differingLines(ledger: Ledger, run: Run): Promise<readonly LineRange[]> {
  const { source } = run;
  const input = new SourceInput(source.path, recordFormat(source.format, run.header).boundaries());
  const found: LineRange[] = [];
  for await (const stretch of plannedStretches(ledger, run)) {
    if (await input.holds(stretch)) continue;
    const before = found.at(-1);
    if (before?.last === stretch.first - 1) before.last = stretch.last;
    else found.push({ first: stretch.first, last: stretch.last });
    if (found.length > NAMED_RANGES) break;
  }
  return found;
}

/** A batch and the empty lines after it, which belong to no batch. */
interface Stretch extends LineRange {
  /** Null for the empty lines before the first batch. */
  readonly batch: PlannedRange | null;
  readonly emptyFrom: number;
  readonly end: number;
}

/** Everything that was planned, without gaps. */
async function* plannedStretches(ledger: Ledger, run: Run): AsyncGenerator<Stretch> {
  let batch: PlannedRange | null = null;
  let first = run.source.data_line;
  let emptyFrom = run.source.data_start;
  for await (const next of inPages((after, limit) => listPlanned(ledger, run, after, limit))) {
    yield { first, last: next.first_line - 1, batch, emptyFrom, end: next.byte_start };
    batch = next;
    first = next.first_line;
    emptyFrom = next.byte_end;
  }
  yield { first, last: run.planned_lines, batch, emptyFrom, end: run.planned_bytes };
}

/** Empty lines are checked in pieces of this size. */
const PIECE_BYTES = 1 << 20;

/** Reads a file range by range into the same memory. */
class SourceInput {
  #buffer = new Uint8Array(PIECE_BYTES);

  constructor(readonly path: string, readonly boundaries: RecordBoundaries) {}

  async holds({ batch, emptyFrom, end }: Stretch): Promise<boolean> {
    if (batch !== null) {
      const bytes = await this.#read(batch.byte_start, batch.byte_end);
      if (checksum(bytes) !== batch.checksum) return false;
    }
    // A record that is too long ends somewhere behind its batch. No row has come from there.
    if (batch !== null && batch.byte_end - batch.byte_start >= MAX_RECORD_BYTES) return true;
    return await this.#isEmpty(emptyFrom, end);
  }

  /** Are there still no rows in this range? */
  async #isEmpty(start: number, end: number): Promise<boolean> {
    for (let from = start; from < end; from += PIECE_BYTES) {
      const piece = await this.#read(from, Math.min(from + PIECE_BYTES, end));
      this.boundaries.advance(piece, 0, 1, piece.length, true);
      if (this.boundaries.rows > 0) return false;
    }
    return true;
  }

  async #read(start: number, end: number): Promise<Uint8Array> {
    const length = end - start;
    // Twice the length, because the next range may be longer still.
    if (length > this.#buffer.length) this.#buffer = new Uint8Array(length * 2);
    return await readRange(this.path, start, end, this.#buffer);
  }
}

function describeLines(ranges: readonly LineRange[]): string {
  const named = ranges.slice(0, NAMED_RANGES)
    .map(({ first, last }) => first === last ? `${first}` : `${first} to ${last}`);
  const others = ranges.length > NAMED_RANGES ? " and others" : "";
  const isOne = ranges.length === 1 && ranges[0].first === ranges[0].last;
  return isOne ? `line ${named[0]} differs` : `lines ${named.join(", ")}${others} differ`;
}
