/** Writes rows as COPY does, and changes values in them. */
import { Buffer } from "node:buffer";
import { FIELD_NULL, type RecordCursor } from "../record.ts";
import type { CopyFormat } from "./copy_format.ts";
import { escaped, NULL } from "./escapes.ts";

const encoder = new TextEncoder();

/** A cell without anything in it is NULL. */
function written(value: string, { delimiter }: CopyFormat): string {
  return value === "" ? NULL : escaped(value, delimiter);
}

export function writeRow(values: readonly string[], format: CopyFormat): Uint8Array {
  return encoder.encode(values.map((value) => written(value, format)).join(format.delimiter));
}

/** See RecordFormat.replace. Null if the record hasn't all of these fields. */
export function replaceValues(
  { bytes, start, end, fieldCount, fieldStart, fieldEnd, fieldFlags }: RecordCursor,
  values: ReadonlyMap<number, string>,
  format: CopyFormat,
): Uint8Array | null {
  const pieces: Uint8Array[] = [];
  let at = start;
  for (const [field, value] of [...values].toSorted(([one], [other]) => one - other)) {
    if (field >= fieldCount) return null;
    const isNull = (fieldFlags[field] & FIELD_NULL) !== 0;
    pieces.push(bytes.subarray(at, fieldStart[field]), encoder.encode(written(value, format)));
    at = fieldEnd[field] + (isNull ? NULL.length : 0);
  }
  return Buffer.concat([...pieces, bytes.subarray(at, end)]);
}
