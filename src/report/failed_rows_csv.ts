/**
 * The failed rows of a run as a file to repair in a spreadsheet; `retry --file` reads it back.
 * RFC 4180, with the delimiter of the original file, because the spreadsheet that wrote that file
 * is set to it.
 */
import type { Ledger } from "../ledger/ledger.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { recordFormat } from "../source/format.ts";
import { type FileColumns, type RowsOfFile, walkFailedRows } from "./failed_rows.ts";
import { guardCell } from "./spreadsheet.ts";

/** Without it, Excel reads the file in its own code page. */
export const BYTE_ORDER_MARK = "\ufeff";

export interface FailedRowsOptions extends RowsOfFile {
  /** Formulas are defused, unless this is false. */
  readonly guarded?: boolean;
}

/**
 * Writes the failed rows of the run that no retry has fixed, from one snapshot, and returns their
 * number. If there are none, it writes nothing, not even the header. It waits for `write`, and
 * what that throws ends the export.
 */
export function writeFailedRows(
  ledger: Ledger,
  run: Run,
  write: (text: string, rowsSoFar: number) => Promise<void> | void,
  { guarded = true, ...rows }: FailedRowsOptions = {},
): Promise<number> {
  const { cellDelimiter } = recordFormat(run.source.format, run.header);
  const guard = guarded ? guardCell : (cell: string) => cell;
  const line = (cells: readonly string[]) =>
    cells.map((cell) => quote(guard(cell))).join(cellDelimiter) + "\r\n";
  let of: FileColumns;
  return walkFailedRows(ledger, run, {
    begin(columns) {
      of = columns;
      return write(line(columns.header()), 0);
    },
    rows: (page, soFar) => write(page.map((row) => line(of.cells(row))).join(""), soFar),
    end() {},
  }, rows);
}

/** Quotes every character that can be a delimiter, so that no reader guesses the wrong one. */
function quote(cell: string): string {
  return /[",;\t|\r\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
