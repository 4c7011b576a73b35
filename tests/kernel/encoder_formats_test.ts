import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { Encoder } from "../../src/kernel/encoder.ts";
import { assertSameValues, column, compile, goodRows, rule } from "../row/rows.ts";
import { bytesOf, COMMA, csvRecords, foundOf } from "../source/records.ts";

const AT = { offset: 900, line: 100, row: 50 };
const decoder = new TextDecoder();

function encodeAll(encoder: Encoder, batches: readonly string[]): (readonly [string, number])[] {
  return batches.map((text) => {
    const bytes = bytesOf(text);
    encoder.input(bytes.length, 100).set(bytes);
    const { format, goodRecords } = encoder.encodePiece(AT);
    return [format, goodRecords.length];
  });
}

const NUMBERS = compile(
  { columns: { n: rule({ from: ["n"] }), fixed: rule({ value: "1.50" }) } },
  ["n"],
  [column("n", "numeric"), column("fixed", "numeric")],
);

Deno.test("a value that has no binary form makes its whole batch text", () => {
  const encoder = new Encoder(NUMBERS, csvRecords(COMMA, 1), "binary");
  deepEqual(encodeAll(encoder, ["1\n2\n", "3\n1e9\n4\nx\n", "5\n"]), [
    ["binary", 2],
    ["text", 3],
    ["binary", 1],
  ]);
  const found = foundOf(
    ["7", "8e1", "9"].map((text, i) => ({ row: i, line: i, raw: bytesOf(text) })),
  );
  const { format, copyRows } = encoder.encodeFound(found);
  equal(format, "text");
  equal(decoder.decode(copyRows), "7\t1.50\n8e1\t1.50\n9\t1.50\n");
});

Deno.test("a row that fails doesn't make its batch text", () => {
  const encoder = new Encoder(
    compile(
      { columns: { n: rule({ from: ["n"], required: true }), m: rule({ from: ["m"] }) } },
      ["n", "m"],
      [column("n", "int4"), column("m", "numeric")],
    ),
    csvRecords(COMMA, 2),
    "binary",
  );
  deepEqual(encodeAll(encoder, ["1,1\n,1e5\nx,1e5\n2,2\n"]), [["binary", 2]]);
});

Deno.test("if most batches have to be text, binary is no longer tried", () => {
  const encoder = new Encoder(NUMBERS, csvRecords(COMMA, 1), "binary");
  const odd = Array.from({ length: 4 }, () => "1e9\n");
  equal(encodeAll(encoder, [...odd, "1\n"]).at(-1)?.[0], "text");
  const mixed = new Encoder(NUMBERS, csvRecords(COMMA, 1), "binary");
  equal(encodeAll(mixed, ["1\n", "2\n", "3\n", ...odd, "4\n"]).at(-1)?.[0], "binary");
});

Deno.test("skipped rows stay out in both formats", () => {
  for (const text of ["1\n2\n3\n4\n", "1\n2\n1e3\n4\n"]) {
    const encoder = new Encoder(NUMBERS, csvRecords(COMMA, 1), "binary");
    const bytes = bytesOf(text);
    encoder.input(bytes.length, 4, [0, 3]).set(bytes);
    const { places, goodRecords } = encoder.encodePiece(AT);
    deepEqual([...places.rowNumbers], [51, 52]);
    deepEqual([...goodRecords], [0, 1]);
  }
});

Deno.test("numbers of every size are the same in binary", () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 25 })
    .map((list) => list.join("").replace(/^0+(?=.)/u, ""));
  const number = fc.tuple(fc.boolean(), digits, fc.option(digits)).map(([minus, whole, fraction]) =>
    `${minus && whole !== "0" ? "-" : ""}${whole}${fraction === null ? "" : `.${fraction}`}`
  );
  const compiled = compile({ columns: null }, ["a", "b", "c"], [
    column("a", "numeric"),
    column("b", "float8"),
    column("c", "int8"),
  ]);
  const [text, binary] = (["text", "binary"] as const).map((format) =>
    new Encoder(compiled, csvRecords(COMMA, 3), format)
  );
  const whole = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.integer());
  const short = number.filter((value) => value.replaceAll(/\D/gu, "").length <= 15);
  fc.assert(
    fc.property(number, short, whole, (a, b, c) => {
      const bytes = bytesOf(`${a},${b},${c}\n`);
      const [lines, rows] = [text, binary].map((encoder) => {
        encoder.input(bytes.length, 1).set(bytes);
        return encoder.encodePiece(AT);
      });
      equal(rows.format, "binary");
      assertSameValues(compiled, goodRows(lines), goodRows(rows));
    }),
    { numRuns: 3000, seed: 1 },
  );
});
