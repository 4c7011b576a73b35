/** In how many rows a column is NULL: read from what is sent to COPY, so that it is what the table gets. */
import { type EncodedRows, FAILED, type LoadedRows, UNDECIDED, WAITING } from "./encoded_rows.ts";

/** `column`: its place among COPY's columns. Rows that failed, or that are tried again, don't count. */
export function countNulls(
  rows: EncodedRows,
  { outcomes }: Pick<LoadedRows, "outcomes">,
  column: number,
): number {
  const isNull = rows.format === "binary" ? isNullInBinary : isNullInText;
  const view = new DataView(rows.bytes.buffer, rows.bytes.byteOffset, rows.bytes.byteLength);
  let nulls = 0;
  for (let row = 0; row < rows.count; row++) {
    const outcome = outcomes[row];
    if (outcome === FAILED || outcome === WAITING || outcome === UNDECIDED) continue;
    if (isNull(view, row === 0 ? 0 : rows.ends[row - 1], column)) nulls++;
  }
  return nulls;
}

/** A row begins with the number of its columns, and each column with its length, which is -1 for NULL. */
function isNullInBinary(view: DataView, start: number, column: number): boolean {
  let at = start + 2;
  for (let before = 0; before < column; before++) at += 4 + Math.max(0, view.getInt32(at));
  return view.getInt32(at) === -1;
}

const TAB = 9, BACKSLASH = 92, N = 78;

/** Tabs in values are escaped; `\N` is no value's text. */
function isNullInText(view: DataView, start: number, column: number): boolean {
  let at = start;
  for (let before = 0; before < column; at++) if (view.getUint8(at) === TAB) before++;
  return view.getUint8(at) === BACKSLASH && view.getUint8(at + 1) === N;
}
