/** Writes the file of failed rows in one form or the other. */
import type { Ledger } from "../ledger/ledger.ts";
import type { Run } from "../ledger/runs/runs.ts";
import type { ExportForm } from "./export_forms.ts";
import { BYTE_ORDER_MARK, type FailedRowsOptions, writeFailedRows } from "./failed_rows_csv.ts";
import { writeFailedWorkbook } from "./failed_rows_xlsx.ts";

export interface ExportOptions extends FailedRowsOptions {
  readonly form: ExportForm;
  /** CSV begins with a byte order mark, for Excel. */
  readonly marked: boolean;
}

/** Writes the file, and returns how many rows it has. See `writeFailedRows`. */
export function writeFailedRowsAs(
  ledger: Ledger,
  run: Run,
  write: (bytes: Uint8Array, rowsSoFar: number) => Promise<void> | void,
  { form, marked, ...options }: ExportOptions,
): Promise<number> {
  if (form === "xlsx") return writeFailedWorkbook(ledger, run, write, options);
  const encoder = new TextEncoder();
  return writeFailedRows(ledger, run, (text, rows) => {
    return write(encoder.encode(marked && rows === 0 ? BYTE_ORDER_MARK + text : text), rows);
  }, options);
}
