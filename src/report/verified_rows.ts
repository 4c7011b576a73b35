/** Rows that `verify` found different, with the places where people find them in their file. */
import type { Ledger } from "../ledger/ledger.ts";
import { rootOf } from "../ledger/runs/retries.ts";
import { listRunFiles } from "../ledger/runs/run_files.ts";
import type { Run } from "../ledger/runs/runs.ts";
import type { DifferingRow, Verification, VerifiedValue } from "../run/verify/findings.ts";
import { cellsOf, sheetOf } from "./places.ts";
import { SourceNames } from "./source_names.ts";

export interface PlacedRow extends Omit<DifferingRow, "values"> {
  /** The file that the row is in; left out if the run reads only one. */
  readonly file?: string;
  readonly values: readonly PlacedValue[];
}

export interface PlacedValue extends VerifiedValue {
  /** Where the value is in a workbook, such as `C17`. */
  readonly cell?: string;
}

export interface PlacedVerification extends Omit<Verification, "samples"> {
  /** The sheet's name, of which `line` counts rows; left out if the file is no workbook. */
  readonly sheet?: string;
  readonly samples: readonly PlacedRow[];
}

export async function placed(
  ledger: Ledger,
  run: Run,
  found: Verification,
): Promise<PlacedVerification> {
  const { format } = run.source;
  const sheet = sheetOf(format);
  const cellOf = cellsOf(format, new SourceNames(run));
  const fileOf = await filesByRow(ledger, run);
  const samples = found.samples.map((row) => ({
    ...row,
    ...fileOf(row.row_number),
    values: row.values.map((value) => {
      const cell = cellOf(value.column, row.line);
      return { ...value, ...cell !== null && { cell } };
    }),
  }));
  return { ...found, ...sheet !== null && { sheet }, samples };
}

async function filesByRow(
  ledger: Ledger,
  run: Run,
): Promise<(row: number) => { readonly file?: string }> {
  if (run.source.files === undefined) return () => ({});
  const files = await listRunFiles(ledger, rootOf(run));
  return (row) => {
    const file = files.findLast(({ rows_before: before }) => before !== null && before < row);
    return file === undefined ? {} : { file: file.name };
  };
}
