/** Failed rows with their corrections, as records. */
import { Buffer } from "node:buffer";
import type { EditedRow } from "../../ledger/edits/edited_rows.ts";
import type { RowErrors } from "../../ledger/rows/rows.ts";
import type { FoundRecords } from "../../source/found_records.ts";
import type { RecordFormat } from "../../source/record_format.ts";
import { editedBytes } from "../request/correct/edited_rows.ts";
import { Refused } from "../request/refuse/refused.ts";

export interface EditedRecords {
  readonly found: FoundRecords;
  /** Rows that can't be written as they were edited, by their number. */
  readonly unwritable: ReadonlyMap<number, RowErrors>;
}

export function editedRecords(
  records: RecordFormat,
  header: readonly string[],
  rows: readonly EditedRow[],
): EditedRecords {
  const unwritable = new Map<number, RowErrors>();
  const written = rows.flatMap((row) => {
    try {
      return [{ row, bytes: editedBytes(records, header, row) }];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const details = [{ code: "malformed" as const, column: null, value: null }];
      unwritable.set(row.row_number, { message: error.message, validation: {}, details });
      return [];
    }
  });
  const ends = new Int32Array(written.length);
  let end = 0;
  for (const [record, { bytes }] of written.entries()) ends[record] = end += bytes.length;
  return {
    found: {
      count: written.length,
      bytes: Buffer.concat(written.map(({ bytes }) => bytes)),
      starts: ends.map((_, record) => record === 0 ? 0 : ends[record - 1]),
      ends,
      lines: Float64Array.from(written, ({ row }) => row.line),
      rowNumbers: Float64Array.from(written, ({ row }) => row.row_number),
    },
    unwritable,
  };
}
