import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { RowLogWriter } from "../../src/kernel/row_log.ts";
import { CopyWriter } from "../../src/row/copy_writer.ts";
import { displayData, displayText } from "../../src/row/display.ts";
import { CsvReader } from "../../src/source/csv.ts";
import { bytesOf, COMMA } from "../source/records.ts";

const HEADER = ['a"b', "tab\there", "ü\\n", "__proto__"];
const decoder = new TextDecoder();

/** What Postgres reads in a line of COPY's text format. */
function readLine(line: string): string[] {
  const letters: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", "\\": "\\" };
  return line.split("\t").map((field) => field.replace(/\\(.)/gu, (_, letter) => letters[letter]));
}

const field = fc.oneof(
  fc.constantFrom("", "a", 'say ""so""', "back\\slash", "\\N", "é".repeat(20), "x".repeat(40)),
  fc.constantFrom("\u0001", "\u001f", "\t", "\u007f", "\ufeff", "😀", "12345678901234567"),
  fc.string({ unit: "grapheme", maxLength: 30 }),
).chain((text) =>
  fc.constantFrom(true, /[",\r\n]/u.test(text)).map((quote) =>
    quote ? `"${text.replaceAll('"', '""')}"` : text
  )
);
const record = fc.oneof(
  { arbitrary: fc.array(field, { minLength: 4, maxLength: 4 }), weight: 8 },
  { arbitrary: fc.array(field, { minLength: 1, maxLength: 6 }), weight: 1 },
  { arbitrary: fc.constant(['"open', "b"]), weight: 1 },
);
const file = fc.array(record.map((fields) => fields.join(",")), { maxLength: 10 })
  .map((records) => bytesOf(records.join("\n")));

Deno.test("a logged row is the record as people get to see it, and its bytes", () => {
  const writer = new RowLogWriter(7, COMMA, HEADER.map(displayText));
  const errors = new CopyWriter(16);
  errors.text('{"why": "back\\\\slash"}');
  errors.endRow();
  fc.assert(
    fc.property(
      file,
      fc.constantFrom("created", "updated", "skipped", "failed"),
      (bytes, status) => {
        const reader = new CsvReader(
          bytes,
          COMMA,
          { offset: 0, line: 100, row: 50 },
          HEADER.length,
        );
        const expected: unknown[] = [];
        writer.begin(bytes);
        while (reader.next()) {
          const { start, end, row, line } = reader;
          const written = writer.add(start, end, row, line, status);
          equal(written, reader.defect === null && end > start);
          if (!written) continue;
          writer.append(errors);
          const raw = `\\x${bytes.subarray(start, end).toHex()}`;
          const data = JSON.stringify(displayData(reader, HEADER));
          expected.push([
            "7",
            String(row),
            String(line),
            status,
            raw,
            JSON.parse(data),
            '{"why": "back\\\\slash"}',
          ]);
        }
        const lines = decoder.decode(writer.lines()).split("\n").slice(0, -1);
        const seen = lines.map((line) => {
          const [run, row, at, state, raw, data, why] = readLine(line);
          return [run, row, at, state, raw, JSON.parse(data), why];
        });
        deepEqual(seen, expected);
      },
    ),
    { numRuns: 2000 },
  );
});
