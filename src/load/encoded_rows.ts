/** Rows on their way into the table, and what became of them. */
import { binaryCopy } from "../db/binary_copy.ts";
import type { CopyFormat } from "../row/copy_format.ts";
import type { RowError } from "../row/outcome.ts";

/** A batch's good rows, as COPY gets them. */
export interface EncodedRows {
  readonly count: number;
  readonly format: CopyFormat;
  readonly bytes: Uint8Array;
  /** Where each row ends (in the text format behind its line feed). */
  readonly ends: Int32Array;
  /**
   * Rows of one level have no key in common; a row's level is higher than that of every earlier
   * row with which it shares one. Null: all rows are of one level.
   */
  readonly levels: Int32Array | null;
  /** For rows that share keys with earlier ones: the last of these. Only where there are levels. */
  readonly after: ReadonlyMap<number, readonly number[]>;
}

/** `COPY` into a relation, from us. */
export function copyStatement(relation: string, columns: string, format: CopyFormat): string {
  return `copy ${relation} (${columns}) from stdin${format === "binary" ? " (format binary)" : ""}`;
}

/** What COPY gets for some rows. */
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

/** Some of the rows, in their order; all of one level. `bytes`: where theirs go, if there is room. */
export function chooseRows(
  rows: EncodedRows,
  chosen: ArrayLike<number>,
  bytes: Uint8Array = new Uint8Array(rows.bytes.length),
): EncodedRows {
  const ends = new Int32Array(chosen.length);
  let at = 0;
  // Rows that follow each other are copied together: mostly few are left out.
  for (let index = 0; index < chosen.length;) {
    const from = chosen[index];
    const start = from === 0 ? 0 : rows.ends[from - 1];
    let row = from;
    while (index < chosen.length && chosen[index] === row) {
      ends[index++] = at + rows.ends[row++] - start;
    }
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
/** Refers to a row of the same table that isn't there yet: to be tried again later. */
export const WAITING = 5;

export class LoadedRows {
  /** One of the constants for each row. */
  readonly outcomes: Uint8Array;
  /** For the rows that failed. */
  readonly errors = new Map<number, RowError>();

  constructor(count: number) {
    this.outcomes = new Uint8Array(count);
  }

  fail(row: number, error: RowError): void {
    this.outcomes[row] = FAILED;
    this.errors.set(row, error);
  }
}
