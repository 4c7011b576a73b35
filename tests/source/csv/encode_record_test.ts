import assert from "node:assert/strict";
import { CsvReader } from "../../../src/source/csv/reader.ts";
import { encodeRecord } from "../../../src/source/csv/encode_record.ts";
import type { CsvFormat } from "../../../src/source/csv/csv_format.ts";

const PIECES = [
  "",
  "a",
  '"',
  '""',
  ",",
  ";",
  "\t",
  "\n",
  "\r",
  "\r\n",
  " ",
  "é",
  "'",
  "=",
  "|",
  "\\",
  "\\N",
  "n",
  "#",
];

/** Random numbers that are the same in each run. */
function randomNumbers() {
  let seed = 7;
  return (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return Math.floor(seed / 2 ** 31 * below);
  };
}

function* randomRecords(rows: number) {
  const random = randomNumbers();
  for (let i = 0; i < rows; i++) {
    yield Array.from(
      { length: 1 + random(3) },
      () => Array.from({ length: random(4) }, () => PIECES[random(PIECES.length)]).join(""),
    );
  }
}

function assertReads(bytes: Uint8Array, format: CsvFormat, values: readonly string[]) {
  const reader = new CsvReader(bytes, format, { offset: 0, line: 1, row: 1 }, values.length);
  assert.ok(reader.next(), JSON.stringify(values));
  assert.equal(reader.defect, null, JSON.stringify(values));
  const read = Array.from({ length: reader.fieldCount }, (_, field) => reader.text(field));
  assert.deepEqual(read, values);
  assert.equal(reader.end, bytes.length);
  assert.equal(reader.next(), false);
}

for (const quote of ['"', "'", null]) {
  const what = quote === null ? "without quotes" : `quoted by ${quote}`;
  Deno.test(`the reader reads exactly the values that were encoded, ${what}`, () => {
    for (const delimiter of [",", ";", "\t", "|", "||"]) {
      for (const newline of ["lf", "cr"] as const) {
        const format: CsvFormat = {
          ...{ type: "csv", delimiter, newline, quote, grammar: 2 },
          ...newline === "lf" && { skip_empty_rows: true, comment: "#", escape: "\\" },
        };
        for (const values of randomRecords(3000)) {
          const bytes = encodeRecord(values, format);
          if (bytes !== null) assertReads(bytes, format, values);
          else assert.equal(quote, null);
        }
      }
    }
  });
}

Deno.test("without quotes, a value with a delimiter or a line break can't be encoded", () => {
  const format: CsvFormat = { type: "csv", delimiter: "\t", newline: "lf", quote: null };
  for (const value of ["a\tb", "a\nb", "a\r"]) {
    assert.equal(encodeRecord(["x", value], format), null);
  }
  assert.equal(encodeRecord([""], format), null);
  assert.deepEqual(encodeRecord(['"a', "b"], format), new TextEncoder().encode('"a\tb'));
});
