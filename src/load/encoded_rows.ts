/** Rows on their way into the table, and their outcomes. */
import { binaryCopy } from "../db/binary_copy.ts";
import type { CopyFormat } from "../row/copy_format.ts";
import type { RowError } from "../row/outcome.ts";
import type { RelatedCounts } from "./related/related_plan.ts";

/** A batch's good rows, encoded for COPY. */
export interface EncodedRows {
  readonly count: number;
  readonly format: CopyFormat;
  readonly bytes: Uint8Array;
  /** The end of each row (in the text format, after its line feed). */
  readonly ends: Int32Array;
  /**
   * Rows of the same level have no key in common. A row's level is higher than that of every
   * earlier row with which it shares a key. Null: all rows have the same level.
   */
  readonly levels: Int32Array | null;
  /** For each row that shares keys with earlier rows: the last of these. Empty without levels. */
  readonly after: ReadonlyMap<number, readonly number[]>;
}

/** The statement for a COPY from us into a relation. */
export function copyStatement(relation: string, columns: string, format: CopyFormat): string {
  return `copy ${relation} (${columns}) from stdin${format === "binary" ? " (format binary)" : ""}`;
}

/** The data to send to COPY for these rows. */
export function copyData(format: CopyFormat, rows: Uint8Array): readonly Uint8Array[] {
  return format === "binary" ? binaryCopy(rows) : [rows];
}

/** The bytes of the rows [from, to). */
export function slice(rows: EncodedRows, from: number, to: number): Uint8Array {
  return rows.bytes.subarray(
    from === 0 ? 0 : rows.ends[from - 1],
    to === 0 ? 0 : rows.ends[to - 1],
  );
}

/** Some of the rows, in order, all of the same level. `bytes`: the buffer to copy them into. */
export function chooseRows(
  rows: EncodedRows,
  chosen: ArrayLike<number>,
  bytes: Uint8Array = new Uint8Array(rows.bytes.length),
): EncodedRows {
  const ends = new Int32Array(chosen.length);
  const { length } = chosen;
  const { ends: oldEnds } = rows;
  let at = 0;
  // Consecutive rows are copied together. Usually only a few are left out.
  for (let index = 0; index < length;) {
    const from = chosen[index];
    const moved = at - (from === 0 ? 0 : oldEnds[from - 1]);
    let row = from;
    while (index < length && chosen[index] === row) ends[index++] = oldEnds[row++] + moved;
    const run = slice(rows, from, row);
    bytes.set(run, at);
    at += run.length;
  }
  return {
    count: chosen.length,
    format: rows.format,
    bytes: bytes.subarray(0, at),
    ends,
    levels: null,
    after: new Map(),
  };
}

export const UNDECIDED = 0;
export const CREATED = 1;
export const UPDATED = 2;
export const SKIPPED = 3;
export const FAILED = 4;
/** The row refers to a row of the same table that isn't there yet. It is tried again later. */
export const WAITING = 5;
/** A trigger returned NULL for the row: Postgres didn't write it, and it may be elsewhere now. */
export const TAKEN = 6;
/** How many there are. */
export const OUTCOMES = 7;

export class LoadedRows {
  /** One of the constants above for each row. */
  readonly outcomes: Uint8Array;
  /** For the rows that failed. */
  readonly errors = new Map<number, RowError>();
  /** What was written to other tables for the rows, by table. */
  readonly related = new Map<string, RelatedCounts>();

  constructor(count: number) {
    this.outcomes = new Uint8Array(count);
  }

  /** Takes back the outcomes that were noted since these were copied. */
  restore(outcomes: Uint8Array): void {
    this.outcomes.set(outcomes);
    for (const row of this.errors.keys()) {
      if (outcomes[row] !== FAILED) this.errors.delete(row);
    }
  }

  fail(row: number, error: RowError): void {
    this.outcomes[row] = FAILED;
    this.errors.set(row, error);
  }
}
