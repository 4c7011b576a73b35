import { CsvReader } from "./csv.ts";
import type { CsvFormat, Defect, RecordCursor } from "./record.ts";

/** A record that was found before, wherever in the source it stands. */
export interface FoundRecord {
  readonly row: number;
  readonly line: number;
  /** The record's own bytes, without its line end. */
  readonly bytes: Uint8Array;
}

/**
 * Reads records that don't follow each other in the source: those that had to wait, or that are
 * tried again. They keep their row and line numbers.
 */
export class ScatteredRecords implements RecordCursor {
  /** All records, one behind the other. */
  readonly bytes: Uint8Array;
  readonly #records: readonly FoundRecord[];
  readonly #reader: CsvReader;
  #index = -1;
  #next = 0;

  constructor(records: readonly FoundRecord[], format: CsvFormat, expectedFields: number) {
    this.#records = records;
    this.bytes = new Uint8Array(records.reduce((sum, { bytes }) => sum + bytes.length, 0));
    let at = 0;
    for (const { bytes } of records) {
      this.bytes.set(bytes, at);
      at += bytes.length;
    }
    this.#reader = new CsvReader(
      this.bytes,
      format,
      { offset: 0, line: 1, row: 1 },
      expectedFields,
    );
  }

  /** A record that is cut off in its middle must not be completed by the one behind it. */
  next(): boolean {
    const record = this.#records[++this.#index];
    if (record === undefined) return false;
    const { row, line, bytes } = record;
    const offset = this.#next;
    this.#next += bytes.length;
    this.#reader.moveTo(offset, this.#next, { offset, line, row });
    if (!this.#reader.next()) throw new Error(`Row ${row} has no bytes`);
    return true;
  }

  get row(): number {
    return this.#reader.row;
  }
  get line(): number {
    return this.#reader.line;
  }
  get start(): number {
    return this.#reader.start;
  }
  get end(): number {
    return this.#reader.end;
  }
  get fieldCount(): number {
    return this.#reader.fieldCount;
  }
  get defect(): Defect | null {
    return this.#reader.defect;
  }
  get fieldStart(): Int32Array {
    return this.#reader.fieldStart;
  }
  get fieldEnd(): Int32Array {
    return this.#reader.fieldEnd;
  }
  get fieldFlags(): Uint8Array {
    return this.#reader.fieldFlags;
  }

  text(field: number): string {
    return this.#reader.text(field);
  }
}
