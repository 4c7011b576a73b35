import assert from "node:assert/strict";
import { CsvReader } from "../../../src/source/csv/reader.ts";
import { encodeRecord } from "../../../src/source/csv/encode_record.ts";
import type { CsvFormat } from "../../../src/source/csv/csv_format.ts";

const PIECES = ["", "a", '"', '""', ",", ";", "\t", "\n", "\r", "\r\n", " ", "é", "'", "=", "|"];

Deno.test("the reader reads exactly the values that were encoded, whatever they contain", () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return Math.floor(seed / 2 ** 31 * below);
  };
  for (const delimiter of [",", ";", "\t", "|"]) {
    for (const newline of ["lf", "cr"] as const) {
      const format: CsvFormat = { type: "csv", delimiter, newline };
      for (let i = 0; i < 3000; i++) {
        const values = Array.from(
          { length: 1 + random(3) },
          () => Array.from({ length: random(4) }, () => PIECES[random(PIECES.length)]).join(""),
        );
        const bytes = encodeRecord(values, format);
        const at = { offset: 0, line: 1, row: 1 };
        const reader = new CsvReader(bytes, format, at, values.length);
        assert.ok(reader.next(), JSON.stringify(values));
        assert.equal(reader.defect, null, JSON.stringify(values));
        const read = Array.from({ length: reader.fieldCount }, (_, field) => reader.text(field));
        assert.deepEqual(read, values);
        assert.equal(reader.end, bytes.length);
        assert.equal(reader.next(), false);
      }
    }
  }
});
