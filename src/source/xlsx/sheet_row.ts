/** One row of a sheet, as fields of the copy. Filled anew for each row. */
import { ByteBuffer } from "./byte_buffer.ts";

/** What spreadsheets can hold. */
export const MAX_COLUMNS = 16_384;
export const MAX_ROWS = 1_048_576;

export class SheetRow {
  /** From 1. */
  number = 0;
  isHidden = false;
  /** How many cells have something in them. */
  count = 0;
  /** Of each such cell: its column from 0, where its field ends, and whether it is a text. */
  readonly columns = new Int32Array(MAX_COLUMNS);
  readonly ends = new Int32Array(MAX_COLUMNS);
  readonly isText = new Uint8Array(MAX_COLUMNS);
  readonly fields = new ByteBuffer();

  begin(number: number, isHidden: boolean): void {
    this.number = number;
    this.isHidden = isHidden;
    this.count = 0;
    this.fields.length = 0;
  }

  /** Ends the cell whose field was added to `fields`. */
  end(column: number, isText: boolean): void {
    const { count } = this;
    if (this.fields.length === (count === 0 ? 0 : this.ends[count - 1])) return;
    this.columns[count] = column;
    this.ends[count] = this.fields.length;
    this.isText[count] = isText ? 1 : 0;
    this.count++;
  }

  start(cell: number): number {
    return cell === 0 ? 0 : this.ends[cell - 1];
  }

  /** One that stays as it is. */
  copy(): KeptRow {
    const { number, isHidden, count } = this;
    return {
      number,
      isHidden,
      count,
      columns: this.columns.slice(0, count),
      ends: this.ends.slice(0, count),
      isText: this.isText.slice(0, count),
      fields: { bytes: this.fields.view().slice() },
    };
  }
}

export interface KeptRow {
  readonly number: number;
  readonly isHidden: boolean;
  readonly count: number;
  readonly columns: Int32Array;
  readonly ends: Int32Array;
  readonly isText: Uint8Array;
  readonly fields: { readonly bytes: Uint8Array };
}
