import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { Scanner } from "../../src/kernel/scanner.ts";
import { bytesOf, csvRecords, isClosed, readPiece, unknownToKernel } from "../source/records.ts";
import type { CsvFormat } from "../../src/source/csv/csv_format.ts";

/** All bytes that matter to the kernel, including damage, and enough others to fill vectors. */
const arbitraryBytes = fc.array(
  fc.constantFrom(
    "a",
    "bcdefghij",
    "12345678901234567",
    // The kernel reads 64 bytes at a time.
    "x".repeat(61),
    ",",
    ";",
    '"',
    '""',
    "'",
    "\\",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "é",
  ),
  { maxLength: 40 },
).chain((parts) =>
  fc.record({
    text: fc.constant(bytesOf(parts.join(""))),
    damage: fc.array(fc.tuple(fc.nat(), fc.constantFrom(0x00, 0xff)), { maxLength: 1 }),
  })
).map(({ text, damage }) => {
  for (const [at, byte] of damage) if (text.length > 0) text[at % text.length] = byte;
  return text;
});

const arbitraryFormat: fc.Arbitrary<CsvFormat> = fc.record({
  type: fc.constant("csv"),
  delimiter: fc.constantFrom(",", ";", ";;"),
  escape: fc.constantFrom(undefined, undefined, "\\"),
  newline: fc.constantFrom("lf", "cr"),
  quote: fc.constantFrom(undefined, '"', "'", null),
  grammar: fc.constantFrom(2, 2, undefined),
  skip_empty_rows: fc.boolean(),
  short_rows: fc.constantFrom(undefined, "fill"),
  comment: fc.constantFrom(undefined, "a", "aa"),
});

const arbitraryLimit = fc.oneof(fc.constant(1 << 24), fc.integer({ min: 3, max: 60 }));

const FIELDS = 2;
const NO_KEYS = { words: new Int32Array(0), present: new Uint8Array(0) };

/** Cuts all bytes through a window that grows from `capacity` bytes. */
function* cuts(scanner: Scanner, bytes: Uint8Array, capacity: number) {
  let [offset, start, rows, lines] = [0, 0, 0, 0];
  const fill = () => {
    const length = Math.min(scanner.window.length, bytes.length - offset);
    scanner.window.set(bytes.subarray(offset, offset + length));
    return length;
  };
  equal(scanner.window.length, capacity);
  let length = fill();
  while (offset + start < bytes.length) {
    const isLast = offset + length === bytes.length;
    let cut = scanner.cut(start, length, isLast, rows + 1);
    if (cut?.long?.mayBeOpen && !isClosed(cut.long, bytes, offset + cut.end)) {
      cut = scanner.cut(start, length, isLast, rows + 1, true);
    }
    if (cut === null) {
      if (start === 0 && length === scanner.window.length) scanner.grow();
      offset += start;
      start = 0;
      length = fill();
      continue;
    }
    yield { offset: offset + cut.start, line: lines + 1, row: rows + 1, cut };
    rows += cut.rows;
    lines += cut.lines;
    start = cut.end;
    if (cut.long !== null) {
      const { long } = cut;
      const before = long.lines;
      const end = long.take(bytes, offset + start, bytes.length);
      lines += long.lines - before;
      offset = end === -1 ? bytes.length : end;
      start = 0;
      length = fill();
    }
  }
}

for (const [strict, known] of [[false, true], [true, true], [false, false], [true, false]]) {
  const what = `records that are ${strict ? "hashed" : "counted"}` +
    (known ? "" : ", in a format that the kernel doesn't know");
  Deno.test(`${what}, cut anywhere through any window, are the same as the reader's`, () => {
    fc.assert(
      fc.property(
        arbitraryBytes,
        arbitraryFormat,
        arbitraryLimit,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 70 }),
        (bytes, format, limit, maxRows, capacity) => {
          const keys = strict ? { keys: [], hash: () => NO_KEYS } : null;
          const limits = { rows: maxRows, bytes: 1_000_000 };
          const csv = csvRecords(format, FIELDS);
          const records = known ? csv : unknownToKernel(csv);
          const scanner = new Scanner(records, keys, limits, capacity, limit);
          const seen = [];
          let fitted = 0;
          for (const { offset, line, row, cut } of cuts(scanner, bytes, capacity)) {
            fitted += cut.fittedRows;
            const piece = bytes.subarray(offset, offset + cut.end - cut.start);
            const inPiece = readPiece(piece, format, { offset, line, row }, FIELDS, limit);
            equal(inPiece.length, cut.rows);
            for (const [index, record] of inPiece.entries()) {
              const place = scanner.place(index);
              equal(offset - cut.start + place.start, record.start);
              equal(line + place.line, record.line);
              if (strict && record.defect === null) {
                if (scanner.record(index).fieldCount !== FIELDS) fitted--;
                equal(offset - cut.start + place.end, record.end);
                equal(scanner.record(index).text(1), record.fields?.[1]);
              }
            }
            seen.push(...inPiece);
          }
          const whole = readPiece(bytes, format, { offset: 0, line: 1, row: 1 }, FIELDS, limit);
          deepEqual(seen, whole);
          // If records are only counted, invalid UTF-8 is not looked for.
          if (strict) equal(fitted, 0);
        },
      ),
      { numRuns: 3000, seed: 1 },
    );
  });
}

Deno.test("records that repeat the header are counted, whoever reads them", () => {
  const header = bytesOf("a;b");
  const bytes = bytesOf("1;2\na;b\r\n 1;3\na;b;c\n\na;b\na;bc\n");
  const format: CsvFormat = { type: "csv", delimiter: ";", newline: "lf", grammar: 2 };
  const csv = csvRecords(format, FIELDS);
  for (const records of [csv, unknownToKernel(csv)]) {
    const limits = { rows: 99, bytes: 1000 };
    const scanner = new Scanner(records, null, limits, bytes.length, undefined, header);
    scanner.window.set(bytes);
    const cut = scanner.cut(0, bytes.length, true, 1);
    deepEqual(cut?.repeats, { count: 2, line: 1 });
  }
});
