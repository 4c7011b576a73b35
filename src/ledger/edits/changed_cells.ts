/** What an edited file has changed, as it is stored with the retry's `source`. */

/** A cell of an edited file; long texts are cut. */
export interface CellChange {
  /** Of the edited file: of a workbook, the row of its sheet. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** What an edited file has changed in one column of the source. */
export interface ChangedColumn {
  readonly column: string;
  readonly cells: number;
  /** How many of them a spreadsheet seems to have changed by itself. */
  readonly by_spreadsheet: number;
  /** The edited file is a workbook: lines are rows of its sheet. */
  readonly of_sheet?: true;
  /** The first ones. */
  readonly samples: readonly CellChange[];
}
