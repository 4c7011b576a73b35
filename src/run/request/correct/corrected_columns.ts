/** Where an edited file of failed rows has its columns. */
import type { Run } from "../../../ledger/runs/runs.ts";
import { type OwnColumns, ownColumns } from "../../../report/failed_columns.ts";
import { unguardCell } from "../../../report/spreadsheet.ts";
import { Refused } from "../refuse/refused.ts";

/** In what kind of file the rows come back. */
export interface FileKind {
  readonly isWorkbook: boolean;
  /** Cells have no guards against formulas. */
  readonly isPlain: boolean;
}

/** Where the file has each column, as indexes of its fields. */
export interface Columns {
  readonly rowNumber: number;
  readonly runId: number;
  readonly own: OwnColumns;
  /** By field of the run's source. */
  readonly source: readonly number[];
  /** `column_4` and so on: surplus fields of rows. A field that still holds a value is kept. */
  readonly extra: readonly number[];
  readonly ignored: readonly string[];
}

/** `found`: the file's header. Throws Refused if a column is missing. */
export function findColumns(
  name: string,
  run: Run,
  found: readonly string[],
  { isWorkbook, isPlain }: FileKind,
): Columns {
  // Names in a workbook have no line breaks.
  const source = isWorkbook ? run.header.map(oneLine) : run.header;
  const header = isPlain ? found : found.map(unguardCell);
  const own = ownColumns(run.header);
  const needed = [...source, own.rowNumber, own.runId];
  const missing = needed.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new Refused(
      `Cannot retry run ${run.id}: ${name} has no column ${
        missing.map((column) => JSON.stringify(column)).join(", ")
      }. Edit the file that this writes, keeping all columns: ` +
        `ingest errors ${run.id} --export failed.${isWorkbook ? "xlsx" : "csv"}`,
    );
  }
  const rest = header.filter((name) =>
    !needed.includes(name) && name !== own.errorMessage && name !== own.file
  );
  const isExtra = (name: string) => {
    const match = /^column_(\d+)$/u.exec(name);
    return match !== null && Number(match[1]) > run.header.length;
  };
  return {
    rowNumber: header.indexOf(own.rowNumber),
    runId: header.indexOf(own.runId),
    own,
    source: source.map((name) => header.indexOf(name)),
    extra: rest.filter(isExtra).map((name) => header.indexOf(name)),
    ignored: rest.filter((name) => !isExtra(name)),
  };
}

function oneLine(name: string): string {
  return name.replaceAll(/\r\n?|\n/gu, " ");
}
