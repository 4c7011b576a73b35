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
  readonly bytes: Uint8Array;
  readonly #reader: CsvReader;
  readonly #records: readonly FoundRecord[];
  #index = -1;

  constructor(records: readonly FoundRecord[], format: CsvFormat, expectedFields: number) {
    const newline = format.newline === "lf" ? 10 : 13;
    this.#records = records;
    this.bytes = new Uint8Array(records.reduce((sum, { bytes }) => sum + bytes.length + 1, 0));
    let at = 0;
    for (const { bytes } of records) {
      this.bytes.set(bytes, at);
      at += bytes.length;
      this.bytes[at++] = newline;
    }
    this.#reader = new CsvReader(
      this.bytes,
      format,
      { offset: 0, line: 1, row: 1 },
      expectedFields,
    );
  }

  next(): boolean {
    this.#index++;
    return this.#reader.next();
  }

  get row(): number {
    return this.#records[this.#index].row;
  }
  get line(): number {
    return this.#records[this.#index].line;
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
