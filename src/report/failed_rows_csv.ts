/**
 * The failed rows of a run as a file to repair in a spreadsheet; `retry --file` reads it back.
 * RFC 4180, with the delimiter of the original file, because the spreadsheet that wrote that file
 * is set to it.
 */
import { chooseRows } from "../ledger/chosen_errors.ts";
import type { ErrorChoice } from "../ledger/error_choice.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { RowSet } from "../ledger/row_set.ts";
import {
  listExtraColumns,
  pageUnresolved,
  type UnresolvedOf,
  type UnresolvedRow,
} from "../ledger/rows.ts";
import type { Run } from "../ledger/runs.ts";
import { recordFormat } from "../source/format.ts";
import { type FailedColumns, ownColumns, sourceCells } from "./failed_columns.ts";
import { failureText } from "./failure_text.ts";
import { errorsInFileWords } from "./file_words.ts";
import { type CellOf, cellsOf } from "./places.ts";
import { SourceNames } from "./source_names.ts";
import { guardCell } from "./spreadsheet.ts";

/** How much is in memory at a time. */
const PAGE = { rows: 1_000, bytes: 1024 * 1024 };

/** One row with 10,000 stray fields must not add 10,000 columns to every row. */
const MAX_EXTRA_COLUMNS = 50;

/** Without it, Excel reads the file in its own code page. */
export const BYTE_ORDER_MARK = "\ufeff";

/**
 * Why there is nothing to write. `failed`: how many of the run's rows failed, or were chosen;
 * `unlogged`: of these.
 */
export function nothingToExport(
  run: Run,
  { failed, unlogged, waived }: {
    readonly failed: number;
    readonly unlogged: number;
    readonly waived: number;
  },
): string {
  const others = unlogged === failed ? "" : ", and the others are fixed or waived";
  return failed === 0
    ? `No row of run ${run.id} has failed: nothing to export.`
    : run.rows_removed_at !== null
    ? `The failed rows of run ${run.id} were removed on ` +
      `${run.rows_removed_at.toISOString().slice(0, 10)}: nothing to export.`
    : unlogged > 0
    ? `${unlogged} of ${failed} such rows of run ${run.id} are not kept ` +
      `(options.max_failed_rows_logged)${others}: nothing to export. Import the file again.`
    : waived === 0
    ? `Retries have fixed every failed row of run ${run.id}: nothing to export.`
    : `Every such row of run ${run.id} is fixed or waived: nothing to export.`;
}

/** Why the failed rows of a run that logs none can't be exported. */
export function cannotExport(run: Run): string {
  return `Cannot export the failed rows of run ${run.id}: it logs no rows (options.log_rows: none).`;
}

export interface FailedRowsOptions {
  /** Formulas are defused, unless this is false. */
  readonly guarded?: boolean;
  /** Only rows with such errors. */
  readonly choice?: ErrorChoice | null;
  /** Also rows that are waived. Default: no. */
  readonly withWaived?: boolean;
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
  { guarded = true, choice = null, withWaived = false }: FailedRowsOptions = {},
): Promise<number> {
  const of = { run: run.id, root: run.parent_id ?? run.id, withWaived };
  return ledger.transaction(async () => {
    // A retry or the run itself may be going on: the columns must fit the rows.
    await ledger.execute("set transaction isolation level repeatable read, read only");
    await ledger.walkTheIndex();
    const pages = new Pages(ledger, of, choice && await chooseRows(ledger, run.id, choice));
    let page = await pages.next();
    if (page.length === 0) return 0;
    const columns = await findColumns(ledger, of, run.header);
    const lines = new FailedRowLines(run, columns, guarded ? guardCell : (cell) => cell);
    let rows = 0;
    await write(lines.header(), rows);
    while (page.length > 0) {
      rows += page.length;
      await write(page.map((row) => lines.row(row)).join(""), rows);
      page = await pages.next();
    }
    return rows;
  });
}

/** The rows that are written, page by page. */
class Pages {
  readonly #ledger: Ledger;
  readonly #of: UnresolvedOf;
  /** Null: all. */
  readonly #chosen: readonly number[] | null;
  #after = 0;
  /** How many of the chosen rows are behind. */
  #passed = 0;

  constructor(ledger: Ledger, of: UnresolvedOf, chosen: RowSet | null) {
    this.#ledger = ledger;
    this.#of = of;
    this.#chosen = chosen?.list() ?? null;
  }

  /** Empty if there are no more. */
  async next(): Promise<UnresolvedRow[]> {
    if (this.#chosen === null) return await this.#read(null);
    while (this.#passed < this.#chosen.length) {
      const only = this.#chosen.slice(this.#passed, this.#passed + PAGE.rows);
      const page = await this.#read(only);
      // If it is shorter than what was asked for, the rest is fixed, or too long for this page.
      const last = page.at(-1)?.row_number ?? only[only.length - 1];
      this.#passed += only.filter((row) => row <= last).length;
      if (page.length > 0) return page;
    }
    return [];
  }

  async #read(only: readonly number[] | null): Promise<UnresolvedRow[]> {
    const page = await pageUnresolved(this.#ledger, this.#of, this.#after, PAGE, only);
    this.#after = page.at(-1)?.row_number ?? this.#after;
    return page;
  }
}

async function findColumns(
  ledger: Ledger,
  of: UnresolvedOf,
  source: readonly string[],
): Promise<FailedColumns> {
  return { source, extra: await listExtraColumns(ledger, of, source, MAX_EXTRA_COLUMNS) };
}

class FailedRowLines {
  readonly #run: Run;
  readonly #columns: FailedColumns;
  readonly #names: SourceNames;
  readonly #cellOf: CellOf;
  readonly #delimiter: string;
  readonly #guard: (cell: string) => string;

  constructor(run: Run, columns: FailedColumns, guard: (cell: string) => string) {
    this.#run = run;
    this.#columns = columns;
    this.#names = new SourceNames(run);
    this.#cellOf = cellsOf(run.source.format, this.#names);
    this.#guard = guard;
    this.#delimiter = recordFormat(run.source.format, run.header).cellDelimiter;
  }

  /** Is it told of each row which file it is in? */
  get #isOfSeveral(): boolean {
    return this.#run.source.files !== undefined;
  }

  header(): string {
    const { source, extra } = this.#columns;
    const own = ownColumns(source);
    const file = this.#isOfSeveral ? [own.file] : [];
    return this.#line([own.errorMessage, ...source, ...extra, ...file, own.rowNumber, own.runId]);
  }

  row(row: UnresolvedRow): string {
    const cellOf = (column: string) => this.#cellOf(column, row.line);
    const reason = failureText(errorsInFileWords(row.errors, this.#names, cellOf));
    const cells = sourceCells(row, this.#columns);
    const file = this.#isOfSeveral ? [row.file ?? ""] : [];
    return this.#line([reason, ...cells, ...file, String(row.row_number), String(this.#run.id)]);
  }

  #line(cells: readonly string[]): string {
    return cells.map((cell) => quote(this.#guard(cell))).join(this.#delimiter) + "\r\n";
  }
}

/** Quotes every character that can be a delimiter, so that no reader guesses the wrong one. */
function quote(cell: string): string {
  return /[",;\t|\r\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
