/** Why corrections can't be kept, each by its place in the request. */

/** One that can't be used whatever the others are, such as of a column that the file lacks. */
export interface WrongCorrection {
  /** In the request's list, from 0. */
  readonly place: number;
  readonly field: "row_number" | "column" | "value" | "drop_surplus";
  /** Completes `corrections.3.column: …`. */
  readonly problem: string;
}

/** None of the request's corrections is kept. */
export class WrongCorrections extends Error {
  override readonly name = "WrongCorrections";

  constructor(readonly wrong: readonly WrongCorrection[]) {
    super(`The corrections can't be used: ${wrong[0].problem}.`);
  }
}

/** A cell that no longer holds what the request expected. */
export interface ConflictingCell {
  readonly place: number;
  readonly row_number: number;
  readonly column: string;
  /** Cut if it is long. */
  readonly value: string;
}

/** Somebody else was faster. None of the request's corrections is kept. */
export class CorrectionConflict extends Error {
  override readonly name = "CorrectionConflict";

  constructor(readonly cells: readonly ConflictingCell[]) {
    const [{ row_number, column }] = cells;
    const others = cells.length === 1 ? "" : ` (and ${cells.length - 1} more)`;
    super(
      `Somebody has corrected ${column} in row ${row_number} meanwhile${others}. Nothing was kept: ` +
        "look at what it holds now, and send that as `expected`, or set `overwrite`.",
    );
  }
}

/** A value can't be replaced as asked. */
export class WrongReplacement extends Error {
  override readonly name = "WrongReplacement";

  constructor(readonly field: "column" | "to", readonly problem: string) {
    super(problem);
  }
}
