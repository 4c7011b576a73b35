import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { RowLogWriter } from "../../src/kernel/row_log.ts";
import type { RowStatus } from "../../src/row/outcome.ts";
import { displayData } from "../../src/source/csv/display.ts";
import { dialectOf } from "../../src/source/csv/dialect.ts";
import { CsvReader } from "../../src/source/csv/reader.ts";
import { bytesOf, COMMA, unknownToKernel } from "../source/records.ts";
import { recordFormat } from "../../src/source/format.ts";

const HEADER = ['a"b', "tab\there", "ü\\n", "__proto__", "twice", "no", "twice"];
const LONG = 2 ** 40;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads COPY's binary format as Postgres does: rows of columns. */
function* readRows(bytes: Uint8Array): Generator<(Uint8Array | null)[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const columns = view.getInt16(at);
    at += 2;
    yield Array.from({ length: columns }, () => {
      const length = view.getInt32(at);
      at += 4;
      if (length === -1) return null;
      return bytes.subarray(at, at += length);
    });
  }
}

function bigint(bytes: Uint8Array | null): bigint | undefined {
  if (bytes === null) return;
  equal(bytes.length, 8);
  return new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0);
}

function jsonb(bytes: Uint8Array | null): unknown {
  if (bytes === null) return null;
  equal(bytes[0], 1);
  return JSON.parse(decoder.decode(bytes.subarray(1)));
}

/** What the view `ingest.rows` makes of a row, as Postgres does. */
function dataOf(columns: readonly (Uint8Array | null)[], header: readonly string[]): unknown {
  const [raw, separator, cells, data] = columns;
  if (separator === null) {
    equal(cells, null);
    return jsonb(data);
  }
  equal(data, null);
  const text = decoder.decode(cells ?? raw!);
  const values = text === "" ? [] : text.split(decoder.decode(separator));
  equal(values.length, header.length);
  return { ...Object.fromEntries(header.map((name, index) => [name, values[index]])) };
}

const field = fc.oneof(
  fc.constantFrom("", "a", 'say ""so""', "back\\slash", "\\N", "é".repeat(20), "x".repeat(40)),
  fc.constantFrom("\0", "\u0001", "\u001f", "\t", "\u007f", "\ufeff", "😀", "12345678901234567"),
  fc.string({ unit: "grapheme", maxLength: 30 }),
).chain((text) =>
  fc.constantFrom(true, /[",\r\n]/u.test(text)).map((quote) =>
    bytesOf(quote ? `"${text.replaceAll('"', '""')}"` : text)
  )
);
/** Not UTF-8. */
const broken = fc.constantFrom(Uint8Array.of(0xff), Uint8Array.of(0x22, 0xe2, 0x82, 0x22));
const record = fc.oneof(
  { arbitrary: fc.array(field, { minLength: 7, maxLength: 7 }), weight: 8 },
  { arbitrary: fc.array(field, { minLength: 1, maxLength: 9 }), weight: 1 },
  { arbitrary: fc.tuple(field, broken, field, field, field, field, field), weight: 1 },
  { arbitrary: fc.constant([bytesOf('"open'), bytesOf("b")]), weight: 1 },
);
const file = fc.array(record, { maxLength: 10 }).map((records) => {
  const bytes: number[] = [];
  for (const fields of records) {
    for (const [index, field] of fields.entries()) {
      if (index > 0) bytes.push(44);
      bytes.push(...field);
    }
    bytes.push(10);
  }
  return Uint8Array.from(bytes);
});
const outcome = fc.tuple(
  fc.constantFrom<RowStatus>("created", "updated", "skipped", "failed"),
  fc.option(fc.string({ unit: "grapheme" }).map((message) => JSON.stringify({ message }))),
);

/** The JSON as text and in UTF-8, cut in several places. */
function inPieces(json: string): (string | Uint8Array)[] {
  const characters = [...json];
  const [a, b] = [Math.floor(characters.length / 3), Math.floor(characters.length / 2)];
  const [first, second, third] = [
    characters.slice(0, a),
    characters.slice(a, b),
    characters.slice(b),
  ];
  return [bytesOf(first.join("")), second.join(""), bytesOf(""), third.join("")];
}

const CSV = recordFormat(COMMA, HEADER);
const CASES = [
  ["in a format that the kernel knows", CSV, true],
  ["in a format that the kernel doesn't know", unknownToKernel(CSV), true],
  ["in a database that can't hold any text", CSV, false],
] as const;
for (const [where, format, holdsAll] of CASES) {
  Deno.test(`a logged row has the record as people see it, and its bytes, ${where}`, () => {
    const writer = new RowLogWriter(7, format, holdsAll);
    fc.assert(
      fc.property(file, outcome, (bytes, [status, errors]) => {
        const reader = new CsvReader(bytes, COMMA, { offset: 0, line: LONG, row: 50 }, null);
        const expected: unknown[] = [];
        writer.begin(bytes);
        while (reader.next()) {
          const { start, end, row, line } = reader;
          writer.add({ start, end, row, line }, status, errors === null ? null : inPieces(errors));
          // By itself, the record has no line end that a CR could belong to.
          const alone = new CsvReader(bytes, COMMA, { offset: 0, line: 1, row: 1 }, null);
          alone.moveTo(start, end, { offset: 0, line: 1, row: 1 });
          const data = alone.next() ? displayData(alone, HEADER, dialectOf(COMMA)) : {};
          expected.push({
            run: 7n,
            row: BigInt(row),
            line: BigInt(line),
            status,
            raw: bytes.subarray(start, end).toHex(),
            data: JSON.parse(JSON.stringify(data)),
            errors: errors && JSON.parse(errors),
          });
        }
        const seen = Array.from(
          readRows(writer.rows()),
          ([run, row, line, state, raw, separator, cells, data, why, ...more]) => {
            equal(more.length, 0);
            // Nothing could be escaped in the bytes.
            if (!holdsAll) ok(cells !== null || data !== null);
            return {
              run: bigint(run),
              row: bigint(row),
              line: bigint(line),
              status: state && decoder.decode(state),
              raw: raw?.toHex(),
              data: dataOf([raw, separator, cells, data], HEADER),
              errors: jsonb(why),
            };
          },
        );
        deepEqual(seen, expected);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
}

Deno.test("a logged row may be much longer than its record", () => {
  const name = "n".repeat(10_000);
  const writer = new RowLogWriter(1, recordFormat(COMMA, [name]));
  const bytes = bytesOf(`"${'""'.repeat(50_000)}"`);
  writer.begin(bytes);
  const errors = JSON.stringify("e".repeat(300_000));
  for (let row = 1; row <= 20; row++) {
    writer.add({ start: 0, end: bytes.length, row, line: row }, "failed", [errors]);
  }
  const rows = [...readRows(writer.rows())];
  equal(rows.length, 20);
  for (const [index, [, row, , , ...columns]] of rows.entries()) {
    const [raw, , , , why] = columns;
    equal(bigint(row), BigInt(index + 1));
    equal(raw?.length, bytes.length);
    deepEqual(dataOf(columns, [name]), { [name]: '"'.repeat(50_000) });
    equal(jsonb(why), "e".repeat(300_000));
  }
});
