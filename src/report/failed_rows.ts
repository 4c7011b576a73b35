/** The failed rows of a run that no retry has fixed, as files of failed rows have them. */
import { chooseRows } from "../ledger/groups/chosen_errors.ts";
import type { ErrorChoice } from "../ledger/groups/error_choice.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { RowSet } from "../ledger/rows/row_set.ts";
import {
  listExtraColumns,
  pageUnresolved,
  type UnresolvedOf,
  type UnresolvedRow,
} from "../ledger/rows/rows.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { type FailedColumns, ownColumns, sourceCells } from "./failed_columns.ts";
import { failureText } from "./failure_text.ts";
import { type ErrorsInFileWords, errorsInFileWords, severalColumns } from "./file_words.ts";
import { type CellOf, cellsOf, fieldOfCell } from "./places.ts";
import { SourceNames } from "./source_names.ts";

/** How much is in memory at a time. */
const PAGE = { rows: 1_000, bytes: 1024 * 1024 };

/** One row with 10,000 stray fields must not add 10,000 columns to every row. */
const MAX_EXTRA_COLUMNS = 50;

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

export interface RowsOfFile {
  /** Only rows with such errors. */
  readonly choice?: ErrorChoice | null;
  /** Also rows that are waived. Default: no. */
  readonly withWaived?: boolean;
}

/** One form of the file. Each part is waited for before the next. */
export interface FileForm {
  /** `first`: the first rows. */
  begin(columns: FileColumns, first: readonly UnresolvedRow[]): Promise<void> | void;
  /** `rowsSoFar`: with these. */
  rows(page: readonly UnresolvedRow[], rowsSoFar: number): Promise<void> | void;
  end(): Promise<void> | void;
}

/**
 * Goes through the failed rows of the run that no retry has fixed, in one snapshot, and returns
 * their number. If there are none, nothing of `form` is called. `check` may throw before anything
 * is written.
 */
export function walkFailedRows(
  ledger: Ledger,
  run: Run,
  form: FileForm,
  { choice = null, withWaived = false }: RowsOfFile,
  check?: (of: UnresolvedOf, chosen: RowSet | null) => Promise<void>,
): Promise<number> {
  const of = { run: run.id, root: run.parent_id ?? run.id, withWaived };
  return ledger.transaction(async () => {
    // A retry or the run itself may be going on: the columns must fit the rows.
    await ledger.execute("set transaction isolation level repeatable read, read only");
    await ledger.walkTheIndex();
    const chosen = choice && await chooseRows(ledger, run.id, choice);
    await check?.(of, chosen);
    const pages = new Pages(ledger, of, chosen);
    let page = await pages.next();
    if (page.length === 0) return 0;
    const extra = await listExtraColumns(ledger, of, run.header, MAX_EXTRA_COLUMNS);
    await form.begin(new FileColumns(run, { source: run.header, extra }), page);
    let rows = 0;
    while (page.length > 0) {
      rows += page.length;
      await form.rows(page, rows);
      page = await pages.next();
    }
    await form.end();
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

/** What is in the file's columns. */
export class FileColumns {
  readonly #run: Run;
  readonly #columns: FailedColumns;
  readonly #names: SourceNames;
  readonly #cellOf: CellOf;

  constructor(run: Run, columns: FailedColumns) {
    this.#run = run;
    this.#columns = columns;
    this.#names = new SourceNames(run);
    this.#cellOf = cellsOf(run.source.format, this.#names);
  }

  /** Is it told of each row which file it is in? */
  get #isOfSeveral(): boolean {
    return this.#run.source.files !== undefined;
  }

  header(): string[] {
    const { source, extra } = this.#columns;
    const own = ownColumns(source);
    const file = this.#isOfSeveral ? [own.file] : [];
    return [own.errorMessage, ...source, ...extra, ...file, own.rowNumber, own.runId];
  }

  cells(row: UnresolvedRow, errors = this.errors(row)): string[] {
    const cells = sourceCells(row, this.#columns);
    const file = this.#isOfSeveral ? [row.file ?? ""] : [];
    const numbers = [String(row.row_number), String(this.#run.id)];
    return [failureText(errors), ...cells, ...file, ...numbers];
  }

  /** What is wrong with the row, in the words of its file. */
  errors(row: UnresolvedRow): ErrorsInFileWords {
    const cellOf = (column: string) => this.#cellOf(column, row.line);
    return errorsInFileWords(row.errors, this.#names, cellOf);
  }

  /** How many of the columns are the source's; they come after the first. */
  get ofSource(): number {
    return this.#columns.source.length + this.#columns.extra.length;
  }

  /** What is wrong with single cells: messages by the cell's place in the header, from 0. */
  wrongCells({ errors }: UnresolvedRow, told: ErrorsInFileWords): ReadonlyMap<number, string> {
    const wrong = new Map<number, string>();
    const add = (field: number, message: string) => wrong.set(field + 1, message);
    for (const { code, column, value } of told.details) {
      if (column !== null) {
        const messages = Object.hasOwn(told.validation, column)
          ? told.validation[column].join(" ")
          : told.message;
        for (const field of this.#names.fieldsOf(column)) add(field, messages);
      } else if (code === "cell" && value !== null) {
        const field = fieldOfCell(this.#run.source.format, value);
        if (field !== null) add(field, told.message);
      }
    }
    for (const column of severalColumns(errors)) {
      for (const field of this.#names.fieldsOf(column)) add(field, told.message);
    }
    return wrong;
  }
}
