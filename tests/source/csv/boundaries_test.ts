import assert from "node:assert/strict";
import fc from "fast-check";
import { BoundaryScanner } from "../../../src/source/csv/boundaries.ts";
import { CsvReader } from "../../../src/source/csv/reader.ts";
import { bytesOf, COMMA, cut, readPiece } from "../records.ts";
import type { CsvFormat } from "../../../src/source/csv/csv_format.ts";

/** All bytes that matter to the scanners, including damage: a NUL and a byte that isn't UTF-8. */
const arbitraryBytes = fc.array(
  fc.constantFrom(...bytesOf(`aa,;||\\"""''  \n\n\r\r`), 0x00, 0xff),
  { maxLength: 80 },
).map((bytes) => Uint8Array.from(bytes));

const arbitraryFormat: fc.Arbitrary<CsvFormat> = fc.record({
  type: fc.constant("csv"),
  delimiter: fc.constantFrom(",", ";", "||"),
  escape: fc.constantFrom(undefined, undefined, "\\"),
  newline: fc.constantFrom("lf", "cr"),
  quote: fc.constantFrom(undefined, '"', "'", null),
  grammar: fc.constantFrom(2, 2, undefined),
  skip_empty_rows: fc.boolean(),
  short_rows: fc.constantFrom(undefined, "fill"),
  comment: fc.constantFrom(undefined, "a", "aa"),
});

/** At least 3: a shorter record could not contain a CR CR LF. */
const arbitraryLimit = fc.oneof(fc.constant(1 << 24), fc.integer({ min: 3, max: 30 }));

function read(bytes: Uint8Array, format: CsvFormat, limit: number) {
  return readPiece(bytes, format, { offset: 0, line: 1, row: 1 }, 2, limit);
}

Deno.test("pieces cut anywhere, through windows of any size, read like the whole", () => {
  fc.assert(
    fc.property(
      arbitraryBytes,
      arbitraryFormat,
      arbitraryLimit,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 70 }),
      (bytes, format, limit, maxRows, window) => {
        const pieces = cut(bytes, format, maxRows, window, limit);
        const inPieces = pieces.flatMap((piece) =>
          readPiece(bytes.subarray(piece.offset, piece.end), format, piece, 2, limit)
        );
        assert.deepEqual(inPieces, read(bytes, format, limit));
        for (const piece of pieces) {
          const rows = inPieces.filter((r) => r.start >= piece.offset && r.start < piece.end);
          assert.equal(rows.length, piece.rows);
        }
      },
    ),
    { numRuns: 5000, seed: 1 },
  );
});

Deno.test("records and line ends together cover all bytes, and lines are physical", () => {
  fc.assert(
    fc.property(arbitraryBytes, arbitraryFormat, arbitraryLimit, (bytes, format, limit) => {
      const newline = format.newline === "lf" ? 0x0a : 0x0d;
      let at = 0;
      let row = 0;
      let wasTooLong = false;
      for (const record of read(bytes, format, limit)) {
        assert.ok(record.start >= at && record.end > record.start);
        // The rest of a record that is too long belongs to no record.
        const isEmpty = bytes.subarray(at, record.start).every((b) => b === 0x0a || b === 0x0d);
        assert.ok(isEmpty || wasTooLong || format.skip_empty_rows || format.comment);
        wasTooLong = record.end - record.start === limit;
        assert.equal(record.row, ++row);
        const breaks = bytes.subarray(0, record.start).filter((b) => b === newline).length;
        assert.equal(record.line, 1 + breaks);
        at = record.end;
      }
      assert.ok(
        wasTooLong || format.skip_empty_rows || format.comment ||
          bytes.subarray(at).every((b) => b === 0x0a || b === 0x0d),
      );
    }),
    { numRuns: 3000, seed: 1 },
  );
});

/** The same bytes, counting how often one is read. */
function counted(bytes: Uint8Array): { readonly bytes: Uint8Array; reads: number } {
  const counter = {
    reads: 0,
    bytes: new Proxy(bytes, {
      get(target, key) {
        if (typeof key === "string" && /^\d+$/.test(key)) counter.reads++;
        return Reflect.get(target, key, target);
      },
    }),
  };
  return counter;
}

function assertLinear(bytes: Uint8Array, format: CsvFormat) {
  const reading = counted(bytes);
  const reader = new CsvReader(reading.bytes, format, { offset: 0, line: 1, row: 1 }, null);
  while (reader.next());
  const scanning = counted(bytes);
  new BoundaryScanner(format).advance(scanning.bytes, 0, Infinity, Infinity, true);
  // Quoted bytes are read twice, each with its neighbours; UTF-8 and line ends are read once more.
  const most = 12 * bytes.length + 12;
  assert.ok(
    reading.reads <= most,
    `the reader read ${reading.reads} bytes, at most ${most} are allowed`,
  );
  assert.ok(
    scanning.reads <= most,
    `the scanner read ${scanning.reads} bytes, at most ${most} are allowed`,
  );
}

Deno.test("the lines of a record that is too long are counted once", () => {
  const cases: readonly (readonly [string, CsvFormat])[] = [
    ["aa\\\n\na", { ...COMMA, escape: "\\" }],
    ['"\n"x\n\na', COMMA],
    ['"\n"\n\na', COMMA],
    ['"\n" ,b\na', COMMA],
  ];
  for (const [text, format] of cases) {
    const [, last] = read(bytesOf(text), { ...format, grammar: 2 }, 4);
    assert.equal(last.line, text.slice(0, last.start).split("\n").length, text);
  }
});

Deno.test("stray quotes, however many, cost linear work", () => {
  const lines = ['a,"b\n', '"\n', '"""\n', 'a,"""x\n', '"a"b\n', 'a,"b""\n', '","\n', '"a","b\n"c'];
  for (const line of lines) {
    for (const other of [...lines, 'a,""\n', 'x""y\n']) {
      assertLinear(bytesOf(line + other.repeat(400)), COMMA);
      assertLinear(bytesOf((line + other).repeat(200)), COMMA);
    }
  }
  fc.assert(
    fc.property(arbitraryBytes, arbitraryFormat, fc.integer({ min: 1, max: 40 }), (b, f, n) => {
      assertLinear(Uint8Array.from(Array.from({ length: n }, () => [...b]).flat()), f);
    }),
    { numRuns: 100, seed: 1 },
  );
});

Deno.test("advance() stops at the target number of rows, counting lines and empty lines", () => {
  const bytes = bytesOf('a\n\n"b\nb"\nc\nd');
  const scanner = new BoundaryScanner(COMMA);
  scanner.advance(bytes, 0, 2, Infinity, true);
  assert.deepEqual([scanner.end, scanner.rows, scanner.lines, scanner.needMore], [9, 2, 4, false]);
  scanner.advance(bytes, scanner.end, 5, Infinity, true);
  assert.deepEqual([scanner.end, scanner.rows, scanner.lines, scanner.needMore], [12, 2, 2, false]);
});

Deno.test("advance() stops after the record that reaches the target number of bytes", () => {
  const bytes = bytesOf("aaa\nbbb\nccc\n");
  const scanner = new BoundaryScanner(COMMA);
  for (const [maxBytes, end] of [[1, 4], [4, 4], [5, 8], [12, 12], [99, 12]]) {
    scanner.advance(bytes, 0, Infinity, maxBytes, true);
    assert.equal(scanner.end, end);
  }
});

Deno.test("advance() asks for more bytes instead of guessing where a record ends", () => {
  const scanner = new BoundaryScanner(COMMA);
  for (const tail of ["b", 'b,"x', 'b,"x"', 'b,"x"\r', 'b,"x\n', 'b,"x"y', '"', '""', ""]) {
    scanner.advance(bytesOf(`a\n${tail}`), 0, Infinity, Infinity, false);
    assert.deepEqual([scanner.end, scanner.rows, scanner.needMore], [2, 1, true], tail);
  }
});
