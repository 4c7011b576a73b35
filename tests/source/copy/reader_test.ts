import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { recordFormat } from "../../../src/source/format.ts";
import type { CopyFormat } from "../../../src/source/copy/copy_format.ts";
import { readInPieces, readJson as readRecords, values } from "../json/records.ts";
import { bytesOf } from "../records.ts";

const TABS: CopyFormat = { type: "copy", delimiter: "\t" };
const HEADER = ["a", "b"];

Deno.test("values are what COPY FROM makes of them", () => {
  const cases: readonly (readonly [string, readonly (string | null)[]])[] = [
    ["1\tx", ["1", "x"]],
    ["\t", ["", ""]],
    ["\\N\t\\N", [null, null]],
    ["\\\\N\tx\\N", ["\\N", "xN"]],
    ["\\N \t\\Nx", ["N ", "Nx"]],
    ["a\\tb\tc\\nd", ["a\tb", "c\nd"]],
    ["\\b\\f\\r\t\\v\\\\", ["\b\f\r", "\v\\"]],
    ["\\101\\60\t\\x41\\x4a1", ["A0", "AJ1"]],
    ["\\303\\274\t\\xf0\\x9f\\x98\\x80", ["ü", "😀"]],
    ["\\q\\8\t\\.x", ["q8", ".x"]],
    ["a\\\tb\tc\\\nd", ["a\tb", "c\nd"]],
    ['"x"\t"', ['"x"', '"']],
    ["ü\t\\tü", ["ü", "\tü"]],
    ["a\tb\r", ["a", "b"]],
    ["a\t\\", ["a", "\\"]],
    ["\\u0041\t\\/", ["u0041", "/"]],
  ];
  for (const [text, wanted] of cases) deepEqual(values(text, TABS, HEADER), [wanted], text);
});

Deno.test("an empty line is a row of one empty text, or of too few", () => {
  deepEqual(values("x\n\n\\N\n", TABS, ["a"]), [["x"], [""], [null]]);
  deepEqual(values("1\t2\n\n", TABS, HEADER), [
    ["1", "2"],
    "The row has 1 field where the header has 2.",
  ]);
});

Deno.test("rows that can't be read say why", () => {
  const cases = [
    ["\\.", "The line \\. ends what COPY has written, and there is more after it."],
    ["a\rb\tc", "The row has a line break outside quotes: CR, where rows end with LF."],
    ["\\377\tx", "The row holds bytes that are not valid UTF-8."],
    ["\\0\tx", "The row holds bytes that are not valid UTF-8."],
    ["a\tb\tc", "The row has 3 fields where the header has 2."],
  ];
  for (const [text, message] of cases) {
    deepEqual(values(`${text}\n1\t2\n`, TABS, HEADER)[0], message);
  }
});

Deno.test("what is written is read again as it was, with any delimiter", () => {
  const cell = fc.string({
    unit: fc.constantFrom("\\", "N", "\t", "|", "\n", "\r", "x", "ü", ".", "\b"),
  });
  fc.assert(
    fc.property(fc.tuple(cell, cell), fc.constantFrom("\t", "|", ","), (cells, delimiter) => {
      const format: CopyFormat = { type: "copy", delimiter };
      const records = recordFormat(format, HEADER);
      const bytes = records.encode(cells)!;
      const wanted = cells.map((text) => text === "" ? null : text);
      deepEqual(readRecords(bytes, format, HEADER).map((one) => one.values), [wanted]);
      // Only the second value changes; the first keeps its bytes.
      const replaced = records.replace!(bytes, new Map([[1, "new\t|,"]]))!;
      deepEqual(readRecords(replaced, format, HEADER)[0].values, [wanted[0], "new\t|,"]);
      equal(
        new TextDecoder().decode(replaced).split(delimiter)[0],
        new TextDecoder().decode(bytes).split(delimiter)[0],
      );
    }),
    { numRuns: 1000, seed: 3 },
  );
});

Deno.test("a source is read the same in whatever pieces", () => {
  const text = fc.array(
    fc.constantFrom("\\", "\\N", "\t", "\n", "\\\n", "\r\n", "x", "ü", "\\.", "\\t"),
    { maxLength: 40 },
  ).map((parts) => parts.join(""));
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 3 }),
      (text, window, rows) => {
        const bytes = bytesOf(text);
        for (const longest of [undefined, 6]) {
          const whole = readRecords(bytes, TABS, HEADER, undefined, longest);
          deepEqual(readInPieces(bytes, TABS, HEADER, { rows, window, longest }), whole);
        }
      },
    ),
    { numRuns: 3000, seed: 4 },
  );
});

Deno.test("people see no difference between cells but NULL, which is not there", () => {
  const bytes = bytesOf("\\N\t\tx");
  deepEqual({ ...recordFormat(TABS, HEADER).display(bytes)(0, bytes.length) }, {
    b: "",
    column_3: "x",
  });
});
