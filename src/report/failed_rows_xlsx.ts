/**
 * The failed rows of a run as a workbook, in which the wrong cells have a colour and say what is
 * wrong. All cells are texts, so no spreadsheet changes a value. `retry --file` reads it back.
 */
import type { Ledger } from "../ledger/ledger.ts";
import { readProgress } from "../ledger/runs/progress.ts";
import type { RowSet } from "../ledger/rows/row_set.ts";
import { countUnresolvedUpTo, type UnresolvedOf, type UnresolvedRow } from "../ledger/rows/rows.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { MAX_COLUMNS, MAX_ROWS } from "../source/xlsx/sheet_row.ts";
import { type FileColumns, type RowsOfFile, walkFailedRows } from "./failed_rows.ts";
import { formatCount } from "./numbers.ts";
import { failedSheet, workbookCell } from "./spreadsheet.ts";
import { STYLE } from "./workbook/parts.ts";
import { type Column, WorkbookWriter } from "./workbook/workbook_writer.ts";
import { ZipTooLarge } from "./workbook/zip_writer.ts";

/** The rows don't fit into a workbook. */
export class ExportTooLarge extends Error {
  override readonly name = "ExportTooLarge";
}

/** One row is the header. */
const MOST_ROWS = MAX_ROWS - 1;

/** In characters. */
const WIDTHS = { least: 8, most: 50 };

/** As `writeFailedRows`. Throws ExportTooLarge, usually before it writes anything. */
export async function writeFailedWorkbook(
  ledger: Ledger,
  run: Run,
  write: (bytes: Uint8Array, rowsSoFar: number) => Promise<void> | void,
  rows: RowsOfFile = {},
): Promise<number> {
  const form = new WorkbookForm(run, write);
  try {
    return await walkFailedRows(ledger, run, form, rows, async (of, chosen) => {
      await assertFits(ledger, run, of, chosen);
    });
  } catch (error) {
    if (!(error instanceof ZipTooLarge)) throw error;
    throw tooLarge(run, "it would be over 4 GB");
  }
}

async function assertFits(ledger: Ledger, run: Run, of: UnresolvedOf, chosen: RowSet | null) {
  const columns = run.header.length;
  if (columns > MAX_COLUMNS - 100) {
    throw tooLarge(run, `its file has ${formatCount(columns)} columns`);
  }
  const most = chosen?.size ?? (await readProgress(ledger, run.id)).failed;
  if (most <= MOST_ROWS) return;
  const left = await countUnresolvedUpTo(ledger, of, MOST_ROWS + 1, chosen?.list() ?? null);
  if (left > MOST_ROWS) throw tooLarge(run, `there are more than ${formatCount(MOST_ROWS)}`);
}

function tooLarge(run: Run, why: string): ExportTooLarge {
  return new ExportTooLarge(
    `Cannot export the failed rows of run ${run.id} as a workbook: ${why}, and a sheet holds no ` +
      "more. Export them as CSV, or only the rows with certain errors.",
  );
}

class WorkbookForm {
  readonly #run: Run;
  readonly #write: (bytes: Uint8Array, rowsSoFar: number) => Promise<void> | void;
  #columns!: FileColumns;
  #writer!: WorkbookWriter;
  #soFar = 0;

  constructor(
    run: Run,
    write: (bytes: Uint8Array, rowsSoFar: number) => Promise<void> | void,
  ) {
    this.#run = run;
    this.#write = write;
  }

  async begin(columns: FileColumns, first: readonly UnresolvedRow[]): Promise<void> {
    this.#columns = columns;
    const cells = first.map((row) => columns.cells(row));
    const header = columns.header().map((name, i): Column => ({
      name: workbookCell(name),
      style: i === 0 ? STYLE.reason : i <= columns.ofSource ? STYLE.text : STYLE.own,
      width: widthOf([name, ...cells.map((row) => row[i])]),
    }));
    this.#writer = new WorkbookWriter(
      { sheet: failedSheet(this.#run.id), help: HELP, columns: header },
      async (bytes) => await this.#write(bytes, this.#soFar),
    );
    await this.#writer.begin();
  }

  async rows(page: readonly UnresolvedRow[], rowsSoFar: number): Promise<void> {
    this.#soFar = rowsSoFar;
    const columns = this.#columns;
    await this.#writer.rows(page.map((row) => {
      const errors = columns.errors(row);
      const cells = columns.cells(row, errors).map(workbookCell);
      return { cells, wrong: columns.wrongCells(row, errors) };
    }));
  }

  async end(): Promise<void> {
    await this.#writer.end();
  }
}

const HELP = "What is wrong with the row. Correct the red cells, keep _row_number and _run_id as " +
  "they are, and delete the rows that you give up on. Then retry with this workbook.";

/** Wide enough for most of the texts. */
function widthOf(texts: readonly string[]): number {
  const longest = Math.max(...texts.map((text) => text.length));
  return Math.min(WIDTHS.most, Math.max(WIDTHS.least, longest + 2));
}
