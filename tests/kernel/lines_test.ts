import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { Encoder } from "../../src/kernel/encoder.ts";
import { Scanner } from "../../src/kernel/scanner.ts";
import type { CopyFormat } from "../../src/source/copy/copy_format.ts";
import type { FixedFormat } from "../../src/source/fixed/fixed_format.ts";
import { recordFormat } from "../../src/source/format.ts";
import { column, compile, rule } from "../row/rows.ts";
import { bytesOf, foundOf, unknownToKernel } from "../source/records.ts";

const HEADER = ["a", "b", "c"];
const COPY: CopyFormat = { type: "copy", delimiter: "\t" };
const PIPES: CopyFormat = { type: "copy", delimiter: "|" };
const FIXED: FixedFormat = {
  type: "fixed",
  fields: [
    { name: "a", start: 0, end: 3 },
    { name: "b", start: 3, end: 5 },
    { name: "c", start: 6, end: 9 },
  ],
  skip_empty_rows: true,
  comment: "#",
};
/** Some columns lie in others, and the last one takes the rest. */
const ODD: FixedFormat = {
  type: "fixed",
  fields: [
    { name: "a", start: 0, end: 4 },
    { name: "b", start: 1, end: 3 },
    { name: "c", start: 2, end: null },
  ],
  short_rows: "fill",
  keeps_blanks: true,
};
const AT = { offset: 900, line: 100, row: 50 };
const decoder = new TextDecoder();

const columns = {
  t: rule({ from: ["a"] }),
  kept: rule({ from: ["b"], trim: false }),
  n: rule({ from: ["c"], type: "integer" }),
  joined: rule({ from: ["a", "b"], concat: "-" }),
  needed: rule({ from: ["b"], required: true }),
  filled: rule({ from: ["a"], default: "none" }),
};
const TABLE = [
  column("t", "text"),
  column("kept", "text"),
  column("n", "int8"),
  column("joined", "text"),
  column("needed", "text"),
  column("filled", "text"),
];
const pipelines = (namesNulls: boolean) =>
  [columns, { t: columns.t, n: columns.n }].map((chosen) =>
    compile({ columns: chosen }, HEADER, TABLE, {}, false, namesNulls)
  );

const PARTS = {
  copy: [
    "\t",
    "\n",
    "\\N",
    "\\t",
    "\\\\",
    "\\",
    "\\\n",
    "x",
    "12",
    "ü",
    "\\x41",
    "\r\n",
    "\\.",
    "|",
    "a\tb\t1\n",
  ],
  fixed: ["\n", "\r\n", " ", "\t", "ab ", "123456789", "12 x   7 \n", "ü", "😀", "#", "\r"],
};

function rowsOf({ bytes, places, rowEnds, copyRows, ...rest }: ReturnType<Encoder["encodePiece"]>) {
  const lines = new Map([...rest.goodRecords].map((index, i) => [
    index,
    [...copyRows.subarray(i === 0 ? 0 : rowEnds[i - 1], rowEnds[i])].join(),
  ]));
  return Array.from({ length: rest.count }, (_, i) => ({
    row: places.rowNumbers[i],
    line: places.lines[i],
    raw: decoder.decode(bytes.subarray(places.starts[i], places.ends[i])),
    became: lines.get(i) ?? rest.bad.get(i) ?? "nothing",
  }));
}

for (
  const [name, format, parts] of [
    ["COPY", COPY, PARTS.copy],
    ["COPY with another delimiter", PIPES, PARTS.copy],
    ["fixed width", FIXED, PARTS.fixed],
    ["columns of fixed width that overlap", ODD, PARTS.fixed],
  ] as const
) {
  const source = fc.tuple(
    fc.array(fc.constantFrom(...parts), { maxLength: 40 }),
    fc.option(fc.tuple(fc.nat(), fc.constantFrom(0, 0x80, 0xff))),
  ).map(([pieces, damage]) => {
    const bytes = bytesOf(pieces.join(""));
    if (damage !== null && bytes.length > 0) bytes[damage[0] % bytes.length] = damage[1];
    return bytes;
  });
  const known = recordFormat(format, HEADER);

  Deno.test(`records of ${name} become the same rows with the kernel and without`, () => {
    fc.assert(
      fc.property(
        source,
        fc.constantFrom(...pipelines(format.type === "copy")),
        (bytes, pipeline) => {
          const [ours, theirs] = [known, unknownToKernel(known)].map((records) => {
            const encoder = new Encoder(pipeline, records, "text");
            encoder.input(bytes.length, 1000).set(bytes);
            return encoder.encodePiece(AT);
          });
          deepEqual(rowsOf(ours), rowsOf(theirs));
          const found = foundOf(
            rowsOf(ours).map(({ row, line }, i) => ({
              row,
              line,
              raw: bytes.slice(ours.places.starts[i], ours.places.ends[i]),
            })),
          );
          const again = [known, unknownToKernel(known)].map((records) =>
            rowsOf(new Encoder(pipeline, records, "text").encodeFound(found))
          );
          deepEqual(again[0], again[1]);
        },
      ),
      { numRuns: 800, seed: 5 },
    );
  });

  Deno.test(`batches of ${name} are cut the same with the kernel and without`, () => {
    fc.assert(
      fc.property(source, fc.integer({ min: 1, max: 3 }), (bytes, rows) => {
        const [ours, theirs] = [known, unknownToKernel(known)].map((records) => {
          const scanner = new Scanner(
            records,
            null,
            { rows, bytes: 1000 },
            Math.max(bytes.length, 1),
          );
          scanner.window.set(bytes);
          const cuts = [];
          for (let at = 0, row = 1; at < bytes.length;) {
            const cut = scanner.cut(at, bytes.length, true, row);
            if (cut === null) break;
            const { start, end, rows, lines, skipped, fittedRows } = cut;
            cuts.push({ start, end, rows, lines, skipped, fittedRows });
            at = end;
            row += rows;
          }
          return cuts;
        });
        // Where one has found that only lines are left which are no rows, the other may go on.
        const total = (cuts: typeof ours) =>
          cuts.map(({ end, rows, lines }) => ({ end, rows, lines }));
        deepEqual(total(ours), total(theirs));
        const sum = (cuts: typeof ours, of: (cut: (typeof ours)[number]) => number) =>
          cuts.reduce((all, cut) => all + of(cut), 0);
        for (
          const of of [
            (cut: (typeof ours)[number]) => cut.skipped.emptyRows,
            (cut: (typeof ours)[number]) => cut.skipped.comments,
            (cut: (typeof ours)[number]) => cut.fittedRows,
          ]
        ) equal(sum(ours, of), sum(theirs, of));
      }),
      { numRuns: 400, seed: 6 },
    );
  });
}
