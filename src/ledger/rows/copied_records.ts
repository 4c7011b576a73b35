/**
 * Reads records that the server sends by COPY in its binary format: (row_number bigint, line
 * bigint, raw bytea). 20,000 of them take 10 ms; 16 ms as rows of a SELECT, and 38 ms if the server
 * first joins them into large pieces. COPY also spares bytea the way to hexadecimal and back.
 */
import type { FoundRecords } from "../../source/found_records.ts";

/** The size of the header before the rows: signature and flags. An extension's length follows. */
const SIGNATURE_BYTES = 15;
/** The number of columns, two numbers with their lengths, and the length of the bytes. */
const ROW_BYTES = 2 + 2 * (4 + 8) + 4;
const ROW_NUMBER = 6, LINE = 18, LENGTH = 26;
const END = -1;

/** The bytes are not copied. */
export function readCopied(copied: Uint8Array): FoundRecords {
  const view = new DataView(copied.buffer, copied.byteOffset, copied.byteLength);
  const first = SIGNATURE_BYTES + 4 + view.getInt32(SIGNATURE_BYTES);
  let count = 0;
  for (let at = first; view.getInt16(at) !== END; at = endOf(view, at)) count++;
  const found = {
    count,
    bytes: copied,
    starts: new Int32Array(count),
    ends: new Int32Array(count),
    lines: new Float64Array(count),
    rowNumbers: new Float64Array(count),
  };
  for (let record = 0, at = first; record < count; record++, at = found.ends[record - 1]) {
    found.rowNumbers[record] = getBigint(view, at + ROW_NUMBER);
    found.lines[record] = getBigint(view, at + LINE);
    found.starts[record] = at + ROW_BYTES;
    found.ends[record] = endOf(view, at);
  }
  return found;
}

function endOf(view: DataView, row: number): number {
  return row + ROW_BYTES + view.getInt32(row + LENGTH);
}

/** Row numbers and lines are always small enough for a number. */
function getBigint(view: DataView, at: number): number {
  return view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4);
}
