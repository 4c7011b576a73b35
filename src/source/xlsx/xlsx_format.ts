/** How the copy of a sheet is read; stored with the run. */
import type { CsvFormat } from "../csv/csv_format.ts";

/**
 * The copy is delimited text whose records end with CR. No value has a CR in it, so each row of the
 * sheet is one line of the copy, and the number of a record's line is that of its row.
 */
export interface XlsxFormat extends Omit<CsvFormat, "type"> {
  readonly type: "xlsx";
  /** The sheet's name. */
  readonly sheet: string;
  /** The sheet's column, from 0, that is the first one of the copy. */
  readonly first_column: number;
}

/** As sheets name their columns: A, B … Z, AA … `column`: from 0. */
export function columnLetters(column: number): string {
  let letters = "";
  for (let n = column + 1; n > 0; n = Math.floor((n - 1) / 26)) {
    letters = String.fromCharCode(65 + (n - 1) % 26) + letters;
  }
  return letters;
}

/** Such as `C17`. `field`: of the copy, from 0. */
export function cellAddress({ first_column }: XlsxFormat, field: number, row: number): string {
  return `${columnLetters(first_column + field)}${row}`;
}

/** What the readers of delimited text take. */
export function asCsv(format: XlsxFormat): CsvFormat {
  return { ...format, type: "csv" };
}
