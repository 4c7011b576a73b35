import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { Encoder } from "../../src/kernel/encoder.ts";
import { FoundScanner } from "../../src/kernel/found_scanner.ts";
import { Scanner } from "../../src/kernel/scanner.ts";
import { recordFormat } from "../../src/source/format.ts";
import type { JsonFormat } from "../../src/source/json/json_format.ts";
import { column, compile, rule } from "../row/rows.ts";
import { alike, LONG_KEYS, numberLike, record, rubble } from "../source/json/generated.ts";
import { ELEMENTS, LINES } from "../source/json/records.ts";
import { bytesOf, foundOf, unknownToKernel } from "../source/records.ts";

const HEADER = ["a", "b", "c.d", "e[1]", "f", "c", "ä", ...LONG_KEYS];
const PATHS: JsonFormat["paths"] = { "c.d": ["c", "d"], "e[1]": ["e", 1] };
const AT = { offset: 900, line: 100, row: 50 };
const decoder = new TextDecoder();

const columns = {
  t: rule({ from: ["a"] }),
  kept: rule({ from: ["b"], trim: false, transform: [{ op: "upper" }] }),
  n: rule({ from: ["c.d"] }),
  big: rule({ from: ["b"], type: "numeric" }),
  flag: rule({ from: ["f"] }),
  j: rule({ from: ["e[1]"] }),
  whole: rule({ from: ["c"] }),
  joined: rule({ from: ["a", "f"], concat: "-" }),
  needed: rule({ from: ["a"], default: "none" }),
};
const TABLE = [
  column("t", "text"),
  column("kept", "text"),
  column("n", "int8"),
  column("big", "text"),
  column("flag", "bool"),
  column("j", "jsonb"),
  column("whole", "json"),
  column("joined", "text"),
  column("needed", "text"),
];
const PIPELINES = [columns, { t: columns.t, j: columns.j, n: columns.n }].map((chosen) =>
  compile({ columns: chosen }, HEADER, TABLE, {}, true)
);

/** What becomes of each record. */
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

const number = numberLike.map((text) => `{"a":${text},"b":[${text}],"c":${text}}`);
/** Many whole records, and rubble among them. */
const parts = fc.oneof(
  fc.array(fc.oneof({ weight: 5, arbitrary: record }, rubble, number), { maxLength: 6 }),
  alike,
);
const source = fc.tuple(parts, fc.constantFrom("\n", ",\n", " , ", "\r\n\r\n", "\n \n"))
  .map(([records, between]) => records.join(between));

const damaged = fc.tuple(source, fc.option(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x80, 0xff))))
  .map(([text, damage]) => {
    const bytes = bytesOf(text);
    if (damage !== null && bytes.length > 0) bytes[damage[0] % bytes.length] = damage[1];
    return bytes;
  });

for (const format of ["text", "binary"] as const) {
  Deno.test(`records of JSON become the same rows with the kernel and without, as ${format}`, () => {
    fc.assert(
      fc.property(
        damaged,
        fc.constantFrom(LINES, ELEMENTS),
        fc.constantFrom(...PIPELINES),
        (bytes, layout, pipeline) => {
          const known = recordFormat({ ...layout, paths: PATHS }, HEADER);
          const [ours, theirs] = [known, unknownToKernel(known)].map((records) => {
            const encoder = new Encoder(pipeline, records, format);
            encoder.input(bytes.length, 1000).set(bytes);
            return encoder.encodePiece(AT);
          });
          // Only the kernel writes long values in binary.
          if (ours.format === theirs.format) return deepEqual(rowsOf(ours), rowsOf(theirs));
          equal(ours.format, "binary");
          deepEqual([...ours.goodRecords], [...theirs.goodRecords]);
          deepEqual(ours.bad, theirs.bad);
        },
      ),
      { numRuns: 2500, seed: 5 },
    );
  });
}

/** A line end in a record may end it. */
function onOneLine(record: string): string {
  return record.replaceAll(/[\r\n]/gu, " ");
}

Deno.test("records of JSON from known places become the same rows with the kernel and without", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.array(record, { maxLength: 6 }), alike.map((rows) => rows.map(onOneLine))),
      fc.constantFrom(LINES, ELEMENTS),
      (rows, layout) => {
        const known = recordFormat({ ...layout, paths: PATHS }, HEADER);
        const found = foundOf(
          rows.map((text, i) => ({ row: 7 * i, line: 9 * i, raw: bytesOf(text) })),
        );
        const [ours, theirs] = [known, unknownToKernel(known)].map((records) => {
          new FoundScanner(records, { keys: [], hash: () => NO_KEYS }).scan(found);
          return rowsOf(new Encoder(PIPELINES[0], records, "text").encodeFound(found));
        });
        deepEqual(ours, theirs);
      },
    ),
    { numRuns: 300, seed: 6 },
  );
});

const NO_KEYS = { words: new Int32Array(0), present: new Uint8Array(0) };

/** The records of all cuts, and what is noted of them. */
function cutAll(scanner: Scanner, bytes: Uint8Array) {
  const seen: unknown[] = [];
  const others = new Map<string, number>();
  let [offset, start, rows, lines] = [0, 0, 0, 0];
  const fill = () => {
    const length = Math.min(scanner.window.length, bytes.length - offset);
    scanner.window.set(bytes.subarray(offset, offset + length));
    return length;
  };
  let length = fill();
  while (offset + start < bytes.length) {
    const cut = scanner.cut(start, length, offset + length === bytes.length, rows + 1);
    if (cut === null) {
      if (start === 0 && length === scanner.window.length) scanner.grow();
      offset += start;
      start = 0;
      length = fill();
      continue;
    }
    for (let i = 0; i < cut.rows; i++) {
      const place = scanner.place(i);
      seen.push([offset + place.start, offset + place.end, lines + place.line]);
    }
    for (const [name, line] of cut.others ?? []) {
      if (!others.has(name)) others.set(name, lines + line);
    }
    seen.push(cut.rows);
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
  return { seen, others: [...others].toSorted(), lines };
}

Deno.test("sources of JSON are cut the same with the kernel and without, through any window", () => {
  fc.assert(
    fc.property(
      damaged,
      fc.constantFrom(LINES, ELEMENTS),
      fc.boolean(),
      fc.oneof(fc.constant(1 << 24), fc.integer({ min: 3, max: 90 })),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 90 }),
      (bytes, layout, isHashed, longest, rows, capacity) => {
        const known = recordFormat({ ...layout, paths: PATHS }, HEADER);
        const keys = isHashed ? { keys: [], hash: () => NO_KEYS } : null;
        const limits = { rows, bytes: 1_000_000 };
        const [ours, theirs] = [known, unknownToKernel(known)].map((records) =>
          cutAll(new Scanner(records, keys, limits, capacity, longest), bytes)
        );
        deepEqual(ours, theirs);
      },
    ),
    { numRuns: 2500, seed: 8 },
  );
});
