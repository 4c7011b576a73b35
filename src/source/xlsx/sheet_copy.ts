/** Writes the rows of a sheet into its copy. */
import { ByteBuffer } from "./byte_buffer.ts";
import { ERROR_MARK } from "./cell_text.ts";
import { findTable, type FoundTable, LOOKED_AT_ROWS } from "./find_table.ts";
import { cellOf } from "./sheet_facts.ts";
import type { KeptRow, SheetRow } from "./sheet_row.ts";
import { columnLetters } from "./xlsx_format.ts";

const CR = 0x0d, LF = 0x0a, SPACE = 0x20, COMMA = 0x2c;

/** So much of a copy is written at once. */
const PIECE_BYTES = 256 * 1024;
/** Fewer rows than usual have to do if they are as long as this together. */
const WAITING_BYTES = 16 * 1024 * 1024;

export interface CopyRules {
  readonly header: true | readonly string[];
  /** 0: the row of names is looked for. */
  readonly skip_lines: number;
}

export class SheetCopy {
  /** What is to be written into the copy; whoever takes it empties it. */
  readonly out = new ByteBuffer();
  /** Null until enough rows are known. */
  table: FoundTable | null = null;

  readonly #rules: CopyRules;
  /** Rows that wait until the table is found, and the bytes of their fields. */
  #waiting: KeptRow[] = [];
  #waitingBytes = 0;
  /** The last row that was written. */
  #line = 0;
  #rows = 0;
  #headerCells = 0;
  /** Columns in which the rows so far have something else than text. */
  readonly #notText = new Set<number>();
  #secondTable: number | null = null;
  /** Rows above the names. */
  #above = 0;
  #outside = 0;
  #firstOutside = "";

  /** `out` has to be emptied before more rows are taken. */
  get isFull(): boolean {
    return this.out.length >= PIECE_BYTES;
  }

  constructor(rules: CopyRules) {
    this.#rules = rules;
  }

  take(row: SheetRow): void {
    if (this.table !== null) return this.#write(row, this.table);
    if (row.number <= this.#rules.skip_lines) return;
    this.#waiting.push(row.copy());
    this.#waitingBytes += row.fields.length;
    const isEnough = this.#waiting.length === LOOKED_AT_ROWS || this.#waitingBytes > WAITING_BYTES;
    if (isEnough) this.#settle();
  }

  /** After the last row. */
  end(): FoundTable {
    return this.table ?? this.#settle();
  }

  /** In sentences. */
  notes(): string[] {
    const { headerRow, gap, first, last } = this.end();
    const notes: string[] = [];
    const isFound = this.#rules.header === true && this.#rules.skip_lines === 0;
    if (isFound && headerRow > 1 && this.#above > 0) {
      notes.push(`The names are taken from row ${headerRow}; the rows above it are left out.`);
    }
    if (gap !== null) {
      notes.push(
        `Column ${columnLetters(gap)} is empty, between columns with names: there may be two ` +
          "tables side by side, which are read as one.",
      );
    }
    if (this.#secondTable !== null) {
      notes.push(
        `Row ${this.#secondTable} comes after an empty row and looks like the header of another ` +
          "table. All rows are read as one table.",
      );
    }
    if (this.#outside > 0) {
      notes.push(
        `Left out, as they are not in the table's columns ${columnLetters(first)} to ` +
          `${columnLetters(last)}: ${this.#outside === 1 ? "1 cell" : `${this.#outside} cells`} ` +
          `(${this.#firstOutside}${this.#outside > 1 ? " …" : ""}).`,
      );
    }
    return notes;
  }

  #settle(): FoundTable {
    const { header, skip_lines } = this.#rules;
    const table = findTable(this.#waiting, header, skip_lines === 0);
    this.table = table;
    for (const row of this.#waiting) {
      if (row.number < table.headerRow) this.#above++;
      else this.#write(row, table);
    }
    this.#waiting = [];
    return table;
  }

  #write(row: SheetRow | KeptRow, table: FoundTable): void {
    const { out } = this;
    const isHeader = row.number === table.headerRow;
    if (isHeader) this.#headerCells = row.count;
    else this.#look(row);
    const { columns, ends, count, fields: { bytes } } = row;
    const { first, last } = table;
    const gap = row.number - this.#line - 1;
    out.need(gap + last - first + 1);
    for (let i = 0; i < gap; i++) out.bytes[out.length++] = CR;
    let column = first;
    let start = 0;
    for (let i = 0; i < count; i++) {
      const end = ends[i];
      if (columns[i] < first || columns[i] > last) this.#leaveOut(row.number, columns[i]);
      else {
        for (; column < columns[i]; column++) out.push(COMMA);
        if (isHeader) addName(out, bytes, start, end);
        else out.add(bytes, start, end);
      }
      start = end;
    }
    for (; column < last; column++) out.push(COMMA);
    out.push(CR);
    this.#line = row.number;
    this.#rows++;
  }

  #leaveOut(row: number, column: number): void {
    if (this.#outside++ === 0) this.#firstOutside = cellOf(row, column);
  }

  /** Texts only, after an empty row, where others had numbers, or another number of them: names? */
  #look({ number, columns, isText, count }: SheetRow | KeptRow): void {
    const isNames = this.#secondTable === null && number > this.#line + 1 && this.#rows > 1 &&
      count > 1 && isText.subarray(0, count).every((is) => is === 1);
    if (isNames) {
      const replacesNumbers = columns.subarray(0, count).some((one) => this.#notText.has(one));
      if (replacesNumbers || count !== this.#headerCells) this.#secondTable = number;
    }
    if (this.#rows > LOOKED_AT_ROWS) return;
    for (let i = 0; i < count; i++) if (isText[i] === 0) this.#notText.add(columns[i]);
  }
}

/** Names have no line breaks, and are no errors. */
function addName(out: ByteBuffer, bytes: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    if (bytes[i] !== ERROR_MARK) out.push(bytes[i] === LF ? SPACE : bytes[i]);
  }
}
