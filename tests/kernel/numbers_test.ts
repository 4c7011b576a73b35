import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { Encoder } from "../../src/kernel/encoder.ts";
import { CopyWriter } from "../../src/row/copy_writer.ts";
import type { RowPipeline } from "../../src/row/pipeline.ts";
import { CsvReader } from "../../src/source/csv/reader.ts";
import { assertSameValues, column, compile, goodRows, rule } from "../row/rows.ts";
import { bytesOf, COMMA, csvRecords } from "../source/records.ts";

const AT = { offset: 0, line: 1, row: 1 };

/** Digits of any number, with their neighbours in ASCII, signs and points. */
const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 18 });
const whole = fc.tuple(fc.constantFrom("", "", "-", "+"), digits).map(([sign, text]) =>
  sign + text
);
const decimal = fc.tuple(whole, fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 6 }))
  .map(([before, behind]) => `${before}.${behind}`);
const damaged = fc.string({ unit: fc.constantFrom(..."0123456789./:;-e "), maxLength: 12 });
const number = fc.oneof(whole, decimal, damaged);

const COLUMNS = [
  column("n", "int2"),
  column("n", "int4"),
  column("n", "int8"),
  column("n", "float8"),
  column("n", "numeric"),
  column("n", "numeric", { precision: 10, scale: 3 }),
];

/** The rows that the text path makes of values, each alone on its line; null where it refuses one. */
function expected(pipeline: RowPipeline, bytes: Uint8Array): (string | null)[] {
  const reader = new CsvReader(bytes, COMMA, AT, 1);
  const out = new CopyWriter(16);
  const rows: (string | null)[] = [];
  while (reader.next()) {
    out.truncate(0);
    const errors = pipeline.process(reader, out);
    rows.push(errors === null ? new TextDecoder().decode(out.view()) : null);
  }
  return rows;
}

for (const target of COLUMNS) {
  const limits = target.precision === null ? "" : `(${target.precision},${target.scale})`;
  Deno.test(`numbers become the same ${target.baseType}${limits} on both paths, in both formats`, () => {
    const columns = { n: rule({ from: ["n"] }) };
    const pipeline = compile({ columns }, ["n"], [target]);
    let compared = 0;
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 20 }), (numbers) => {
        const bytes = bytesOf(numbers.map((text) => `"${text}"\n`).join(""));
        const rows = expected(pipeline, bytes);
        const [lines, values] = (["text", "binary"] as const).map((format) => {
          const encoder = new Encoder(pipeline, csvRecords(COMMA, 1), format);
          encoder.input(bytes.length, rows.length).set(bytes);
          return encoder.encodePiece(AT);
        });
        const good = rows.filter((row) => row !== null);
        deepEqual(goodRows(lines).map((row) => new TextDecoder().decode(row)), good);
        deepEqual(values.goodRecords, lines.goodRecords);
        if (values.format !== "binary") return;
        compared += good.length;
        assertSameValues(pipeline, goodRows(lines), goodRows(values));
      }),
      { numRuns: 500, seed: 1 },
    );
    ok(compared > 500, `${compared} rows`);
  });
}
