import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Session } from "../../src/db/session.ts";
import { numberedColumns } from "../../src/load/stage/numbered_columns.ts";
import type { EncodedRows } from "../../src/load/encoded_rows.ts";
import type { CopyFormat } from "../../src/row/copy_format.ts";
import { binaryValues, textValues } from "../row/binary_rows.ts";
import { column } from "../row/rows.ts";
import { encode, type Value } from "./loading.ts";

const COLUMNS = 4;
const NO_SESSION = {} as Session;

const value = fc.option(
  fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("\\N", "\t", "a\nb", "\\", "")),
  { freq: 8 },
);
const columnNumbers = fc.uniqueArray(fc.nat({ max: COLUMNS - 1 })).map((numbers) => numbers.sort());

/** Encodes rows in COPY's binary format, all values of type text. */
function encodeBinary(rows: readonly (readonly Value[])[]): EncodedRows {
  const bytes: number[] = [];
  const ends = rows.map((row) => {
    bytes.push(0, row.length);
    for (const each of row) {
      const text = new TextEncoder().encode(each ?? "");
      const length = new DataView(new ArrayBuffer(4));
      length.setInt32(0, each === null ? -1 : text.length);
      bytes.push(...new Uint8Array(length.buffer), ...text);
    }
    return bytes.length;
  });
  return {
    ...encode([], null),
    count: rows.length,
    format: "binary",
    bytes: Uint8Array.from(bytes),
    ends: Int32Array.from(ends),
  };
}

function readValues(format: CopyFormat, row: Uint8Array, columns: number): (string | null)[] {
  if (format === "text") return textValues(row);
  return binaryValues(row, [column("n", "int4"), ...new Array(columns).fill(column("c"))]);
}

for (const format of ["text", "binary"] as const) {
  Deno.test(`columns are cut out of rows in ${format} format, unless a required one is NULL`, () => {
    const rows = fc.array(fc.array(value, { minLength: COLUMNS, maxLength: COLUMNS }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(rows, columnNumbers, columnNumbers, (rows, taken, required) => {
        const encoded = format === "text" ? encode(rows, null) : encodeBinary(rows);
        const staged = numberedColumns(NO_SESSION, encoded, taken, required);
        const isMissing = required.some((column) =>
          !taken.includes(column) && rows.some((row) => row[column] === null)
        );
        strictEqual(staged === null, isMissing);
        if (staged === null) return;
        strictEqual(staged.bytes.length, staged.ends.at(-1));
        let start = 0;
        for (const [index, row] of rows.entries()) {
          const end: number = staged.ends[index];
          deepStrictEqual(
            readValues(format, staged.bytes.subarray(start, end), taken.length),
            [String(index), ...taken.map((column) => row[column])],
          );
          start = end;
        }
      }),
      { seed: 1 },
    );
  });
}
