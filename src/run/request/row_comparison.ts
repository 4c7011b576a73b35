/** Compares a failed row with the same row of an edited export, cell by cell. */
import { Buffer } from "node:buffer";
import { normaliseName } from "../../importer/key.ts";
import type { ReceivedRow } from "../../ledger/edits/corrections.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { ColumnProgram } from "../../row/pipeline.ts";
import { hasLostFormula, isGuarded } from "../../report/spreadsheet.ts";
import type { RowError } from "../../row/outcome.ts";
import { ValueList } from "../../row/row_writer.ts";
import { recordFormat, type SourceFormat } from "../../source/format.ts";
import type { RecordCursor } from "../../source/record.ts";
import type { RecordFormat } from "../../source/record_format.ts";
import type { ChangedCells } from "./correct/changed_cells.ts";
import { fieldBytes } from "./field_bytes.ts";
import { spreadsheetDoing } from "./spreadsheet_doing.ts";

const START = { offset: 0, line: 1, row: 1 };

export class RowComparison {
  readonly #run: Run;
  /** How the run read its rows, and how the retry reads them. */
  readonly #before: RecordFormat;
  readonly #after: RecordFormat;
  /** The programs that read each field of the source. */
  readonly #readers: readonly (readonly ColumnProgram[])[];

  /**
   * `run`: the one whose rows are retried. `format` and `programs`: of the retry, the latter compiled
   * for the run's header.
   */
  constructor(run: Run, format: SourceFormat, programs: readonly ColumnProgram[]) {
    this.#run = run;
    this.#before = recordFormat(run.source.format, run.header);
    this.#after = recordFormat(format, run.header);
    this.#readers = run.header.map((_, field) =>
      programs.filter(({ fields }) => fields.includes(field))
    );
  }

  /** Had the row too few fields, and nothing else wrong with its form? */
  isShort({ raw, errors }: ReceivedRow): boolean {
    if (errors.details[0]?.code !== "malformed") return false;
    const { defect, fieldCount } = read(this.#before, raw);
    if (defect === null || fieldCount >= this.#run.header.length) return false;
    const asLong = recordFormat(this.#run.source.format, this.#run.header.slice(0, fieldCount));
    const record = asLong.reader(raw, START);
    return record.next() && record.defect === null;
  }

  /**
   * The edited row's bytes, with the quotes of the cells that are as they were: in the run's source,
   * an empty text in quotes is not NULL, and the exported file doesn't tell them apart. Null if there
   * is nothing to keep.
   */
  withItsQuotes(row: ReceivedRow): Uint8Array | null {
    if (this.#after.replace !== undefined) return this.#replaced(row);
    const { delimited } = this.#after;
    const { unquoted_nulls: unquoted = [] } = this.#run.definition.source;
    const before = read(this.#after, row.raw);
    const after = read(this.#after, row.received);
    const isWhole = before.defect === null && after.defect === null;
    if (delimited === null || unquoted.length === 0 || !isWhole) return null;
    const delimiter = Uint8Array.of(delimited.delimiter);
    const pieces = this.#run.header.flatMap((_, field) => {
      const isSame = field < before.fieldCount && before.text(field) === after.text(field);
      const cell = fieldBytes(isSame ? before : after, field);
      return field === 0 ? [cell] : [delimiter, cell];
    });
    return Buffer.concat(pieces);
  }

  /** The row's own bytes with the cells that were changed, in a format that can replace them. */
  #replaced({ raw, received }: ReceivedRow): Uint8Array | null {
    const [before, after] = [read(this.#after, raw), read(this.#after, received)];
    if (before.defect?.code === "malformed" || after.defect !== null) return null;
    const changed = new Map<number, string>();
    for (const field of this.#run.header.keys()) {
      const text = after.text(field);
      if (text !== before.text(field)) changed.set(field, text);
    }
    return this.#after.replace?.(raw, changed) ?? null;
  }

  /**
   * The edited row without the `'` that the export has put before a cell, where somebody has edited
   * the rest of the cell and left it: `'+49 30` became `'0049 30`.
   */
  withoutGuards(row: ReceivedRow): ReceivedRow {
    const record = read(this.#after, row.received);
    if (record.defect !== null) return row;
    const cells = Array.from({ length: record.fieldCount }, (_, field) => record.text(field));
    const bare = cells.map((cell, field) => {
      const column = this.#run.header[field];
      const before = Object.hasOwn(row.data, column) ? row.data[column] : "";
      return isGuarded(before) && hasLostFormula(cell) ? cell.slice(1) : cell;
    });
    if (bare.every((cell, field) => cell === cells[field])) return row;
    return { ...row, received: this.#after.encode(bare) ?? row.received };
  }

  /** Adds the cells that differ. */
  compare(row: ReceivedRow, changes: ChangedCells): void {
    const cells = this.#after.display(row.received)(0, row.received.length);
    const failed = this.#failedTargets(row);
    const { header } = this.#run;
    // Surplus cells have no column of the table.
    const surplus = Object.keys(row.data).filter((name) => !header.includes(name));
    for (const [field, column] of [...header, ...surplus].entries()) {
      const before = Object.hasOwn(row.data, column) ? row.data[column] : "";
      const after = Object.hasOwn(cells, column) ? cells[column] : "";
      if (before === after) continue;
      const doing = spreadsheetDoing(before, after);
      const readers = this.#readers[field] ?? [];
      const matters = doing !== null &&
        readers.some((program) => this.#spoils(program, row, failed));
      changes.add(column, { line: row.line, before, after }, matters ? doing : null);
    }
  }

  /**
   * Would the table get another value than it was meant to? Not if the value is the same in the
   * table's type (`007` as a number), and not if the value was refused: then it had to be changed.
   */
  #spoils(program: ColumnProgram, row: ReceivedRow, failed: ReadonlySet<string>): boolean {
    if (failed.has(normaliseName(program.column.name))) return false;
    const before = read(this.#before, row.raw);
    // Nothing is known about the cells of a row that could not be read.
    if (before.defect !== null) return true;
    const original = written(program, before);
    if (original.errors > 0) return false;
    const edited = written(program, read(this.#after, row.received));
    return edited.errors > 0 || edited.value !== original.value;
  }

  #failedTargets({ errors }: ReceivedRow): ReadonlySet<string> {
    return new Set(
      errors.details.flatMap(({ column }) =>
        typeof column === "string" ? [normaliseName(column)] : []
      ),
    );
  }
}

function read(records: RecordFormat, bytes: Uint8Array): RecordCursor {
  const record = records.reader(bytes, START);
  record.next();
  return record;
}

function written(program: ColumnProgram, record: RecordCursor) {
  const out = new ValueList();
  const errors: RowError[] = [];
  if (record.defect !== null) return { value: null, errors: 1 };
  program.write(record, out, errors);
  return { value: out.values[0] ?? null, errors: errors.length };
}
