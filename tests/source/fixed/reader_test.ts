import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { recordFormat } from "../../../src/source/format.ts";
import type { FixedFormat } from "../../../src/source/fixed/fixed_format.ts";
import { readInPieces, readJson as readRecords, values } from "../json/records.ts";
import { bytesOf } from "../records.ts";

/** The last column takes three characters, and there is one between the first two that nobody reads. */
const FORMAT: FixedFormat = {
  type: "fixed",
  fields: [
    { name: "a", start: 0, end: 4 },
    { name: "b", start: 5, end: 7 },
    { name: "c", start: 7, end: 10 },
  ],
  skip_empty_rows: true,
  keeps_blanks: true,
  comment: "#",
};
const HEADER = ["a", "b", "c"];

Deno.test("columns are counted in characters, and a value of blanks only is none", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["abcd-12xyz", ["abcd", "12", "xyz"]],
    ["ab    1 x ", ["ab  ", " 1", " x "]],
    [" ".repeat(10), ["", "", ""]],
    ["Köln-12ü😀x", ["Köln", "12", "ü😀x"]],
    ["abcd-12x", ["abcd", "12", "x"]],
    ["abcd-12", ["abcd", "12", ""]],
    ["abcd-12xyz   \t", ["abcd", "12", "xyz"]],
    ["abcd-12xyz\r", ["abcd", "12", "xyz"]],
    ["ab\td-12xyz", ["ab\td", "12", "xyz"]],
  ];
  for (const [text, wanted] of cases) {
    const kept = { ...FORMAT, skip_empty_rows: undefined };
    deepEqual(values(text, kept, HEADER), [wanted], JSON.stringify(text));
  }
});

Deno.test("blanks only fill columns, unless the definition keeps them somewhere", () => {
  const { keeps_blanks: _, ...trimmed } = FORMAT;
  deepEqual(values("ab \t- 2 \tx", trimmed, HEADER), [["ab", "2", "x"]]);
  deepEqual(values("   \u00a0- 2   ", trimmed, HEADER), [["\u00a0", "2", ""]]);
});

Deno.test("lines without anything, lines of blanks and comments are no rows", () => {
  const seen = readRecords(bytesOf("\n# x\n   \t \r\nabcd-12xyz\n\n"), FORMAT, HEADER);
  deepEqual(seen.map(({ line, values }) => [line, values]), [[4, ["abcd", "12", "xyz"]]]);
});

Deno.test("lines that are too short or too long fail, and tabs are named", () => {
  const tabs = " It holds tabs, each of which counts as one character.";
  const cases = [
    ["abcd-1", "The line has 6 characters where its columns take 10."],
    ["a\tb", `The line has 3 characters where its columns take 10.${tabs}`],
    ["abcd-12xyz!", "The line has 11 characters where its columns take 10."],
    ["abcd\r-12xyz", "The row has a line break outside quotes: CR, where rows end with LF."],
  ];
  for (const [text, wanted] of cases) deepEqual(values(text, FORMAT, HEADER), [wanted], text);
  const rest: FixedFormat = { ...FORMAT, fields: [{ name: "a", start: 2, end: null }] };
  deepEqual(values("ab", rest, ["a"]), [[""]]);
  deepEqual(values("a", rest, ["a"]), [
    "The line has 1 character where the last column begins after 2.",
  ]);
  deepEqual(values("abcdefghijklmnop", rest, ["a"]), [["cdefghijklmnop"]]);
});

Deno.test("short_rows: fill makes empty values of what a line lacks", () => {
  const filled: FixedFormat = { ...FORMAT, short_rows: "fill" };
  deepEqual(values("abcd-1\nx\n", filled, HEADER), [["abcd", "1", ""], ["x", "", ""]]);
});

Deno.test("what is written is read again, or refused if it doesn't fit", () => {
  const records = recordFormat(FORMAT, HEADER);
  const cell = fc.string({ unit: fc.constantFrom("a", "ü", "😀", " "), maxLength: 5 });
  fc.assert(
    fc.property(fc.tuple(cell, cell, cell), (cells) => {
      const bytes = records.encode(cells);
      const lengths = cells.map((text) => [...text.replace(/ +$/u, "")].length);
      equal(bytes !== null, lengths[0] <= 4 && lengths[1] <= 2 && lengths[2] <= 3);
      if (bytes === null || cells.every((text) => text.trim() === "")) return;
      const [{ values, defect }] = readRecords(bytes, FORMAT, HEADER);
      equal(defect, null);
      deepEqual(values!.map((text) => text!.trim()), cells.map((text) => text.trim()));
      const replaced = records.replace!(bytes, new Map([[1, "zz"]]))!;
      const [after] = readRecords(replaced, FORMAT, HEADER);
      deepEqual(after.values, [values![0], "zz", values![2]]);
    }),
    { numRuns: 1000, seed: 3 },
  );
  equal(records.replace!(bytesOf("abcd-12xyz"), new Map([[1, "123"]])), null);
});

Deno.test("a source is read the same in whatever pieces", () => {
  const text = fc.array(
    fc.constantFrom("\n", "\r\n", "#", " ", "\t", "abc", "ü", "0123456789", "\r"),
    { maxLength: 40 },
  ).map((parts) => parts.join(""));
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 3 }),
      (text, window, rows) => {
        const bytes = bytesOf(text);
        for (const longest of [undefined, 8]) {
          const whole = readRecords(bytes, FORMAT, HEADER, undefined, longest);
          deepEqual(readInPieces(bytes, FORMAT, HEADER, { rows, window, longest }), whole);
        }
      },
    ),
    { numRuns: 3000, seed: 4 },
  );
});
