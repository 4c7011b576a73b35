import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
// Only its files are read; the import brings them into the cache.
import "csv-spectrum";
import fc from "fast-check";
import { COMMA, rowsOf } from "../records.ts";
import type { CsvFormat } from "../../../src/source/csv/csv_format.ts";

const delimiters = [",", ";", "\t", "|"];
const lineEnds = ["\n", "\r\n", "\r"];

/** Text made of characters that make CSV difficult, with one to four bytes a character. */
const fieldText = fc.array(
  fc.constantFrom(...delimiters, '"', "\n", "\r", "\r\n", " ", "a", "1", "é", "€", "𝄞", "\u00a0"),
  { maxLength: 6 },
).map((parts) => parts.join(""));

const wellFormed = fc.record({
  delimiter: fc.constantFrom(...delimiters),
  lineEnd: fc.constantFrom(...lineEnds),
  lastLineEnd: fc.boolean(),
  rows: fc.integer({ min: 1, max: 4 }).chain((columns) =>
    fc.array(
      fc.array(fc.record({ text: fieldText, quoted: fc.boolean() }), {
        minLength: columns,
        maxLength: columns,
      }),
      { maxLength: 8 },
    )
  ),
});

Deno.test("well-formed files read as csv-parse reads them", () => {
  fc.assert(
    fc.property(wellFormed, ({ delimiter, lineEnd, lastLineEnd, rows }) => {
      const write = (field: { text: string; quoted: boolean }) =>
        field.quoted || /["\r\n,;\t|]/.test(field.text)
          ? `"${field.text.replaceAll('"', '""')}"`
          : field.text;
      const lines = rows.map((row) => row.map(write).join(delimiter));
      const text = lines.join(lineEnd) + (lastLineEnd ? lineEnd : "");
      const format: CsvFormat = {
        type: "csv",
        delimiter,
        newline: lineEnd === "\r" ? "cr" : "lf",
        grammar: 2,
      };
      const expected = parse(text, {
        delimiter,
        record_delimiter: lineEnd,
        skip_empty_lines: true,
      });
      assert.deepEqual(rowsOf(text, format), expected);
    }),
    { numRuns: 1500, seed: 1 },
  );
});

Deno.test("all files of csv-spectrum read as their JSON says", () => {
  // The package pairs the files in the order in which the folders happen to list them.
  const folder = new URL("./", import.meta.resolve("csv-spectrum"));
  const names = [...Deno.readDirSync(new URL("csvs", folder))].map((entry) => entry.name);
  assert.equal(names.length, 12);
  for (const name of names) {
    const csv = Deno.readFileSync(new URL(`csvs/${name}`, folder));
    const json = Deno.readTextFileSync(new URL(`json/${name.replace(".csv", ".json")}`, folder));
    const [header, ...rows] = rowsOf(csv, COMMA);
    assert.ok(typeof header !== "string", name);
    const objects = rows.map((row) => Object.fromEntries(header.map((key, i) => [key, row[i]])));
    const expected: unknown = JSON.parse(json);
    // One JSON file is not a list, and its telephone number differs from its CSV's.
    const list = name === "location_coordinates.csv"
      ? [Object.assign({}, expected, { "Contact Phone Number": "2095257564" })]
      : expected;
    assert.deepEqual(objects, list, name);
  }
});
