import { deepEqual, equal, ok } from "node:assert/strict";
import { Encoder } from "../../src/kernel/encoder.ts";
import type { ColumnRule } from "../../src/importer/definition.ts";
import { column, compile, rule } from "../row/rows.ts";
import { bytesOf, COMMA, csvRecords } from "../source/records.ts";

const AT = { offset: 0, line: 1, row: 1 };
const decoder = new TextDecoder();

/**
 * An encoder for files of two columns, of which the table's `v` is made as the rule says, by the text
 * path. `byBytes`: the kernel writes what it knows.
 */
function counted(how: Partial<ColumnRule>, byBytes = false) {
  const pipeline = compile(
    { columns: { v: rule({ from: ["a"], ...how }) } },
    ["a", "b"],
    [column("v")],
  );
  const [program] = pipeline.programs;
  let asked = 0;
  const counting = {
    ...program,
    bytes: byBytes ? program.bytes : null,
    write(...args: Parameters<typeof program.write>) {
      asked++;
      program.write(...args);
    },
  };
  const encoder = new Encoder({ ...pipeline, programs: [counting] }, csvRecords(COMMA, 2));
  return {
    /** What became of each row, or its errors; and for how many values the program was asked. */
    encode(lines: readonly string[]) {
      asked = 0;
      const bytes = bytesOf(lines.map((line) => `${line}\n`).join(""));
      encoder.input(bytes.length, lines.length).set(bytes);
      const { copyRows, bad } = encoder.encodePiece(AT);
      return { rows: decoder.decode(copyRows).split("\n").slice(0, -1), bad: bad.size, asked };
    },
  };
}

const LOWER = { transform: [{ op: "lower" }] } as const;

Deno.test("each different value of a column is asked for once, in all batches together", () => {
  const { encode } = counted(LOWER);
  const lines = Array.from({ length: 300 }, (_, i) => `${["Köln", "BONN", "ulm"][i % 3]},${i}`);
  const rows = lines.map((line) => line.split(",")[0].toLowerCase());
  deepEqual(encode(lines), { rows, bad: 0, asked: 3 });
  deepEqual(encode([...lines, "Jena,1"]), { rows: [...rows, "jena"], bad: 0, asked: 1 });
});

Deno.test("values whose bytes are the same, and that mean something else, are told apart", () => {
  const { encode } = counted(LOWER);
  const lines = ['A""B,1', '"A""B",2', 'A""B,3', '"A""B",4', "A,5", '"A",6', ",7", '"",8'];
  deepEqual(encode([...lines, ...lines]), {
    rows: [...Array(2)].flatMap(() => ['a""b', 'a"b', 'a""b', 'a"b', "a", "a", "\\N", "\\N"]),
    bad: 0,
    asked: 6,
  });
});

Deno.test("a value that is made of several fields is recalled by all of them", () => {
  const { encode } = counted({ from: ["a", "b"], concat: "-", ...LOWER });
  const lines = ["A,BC", "AB,C", "A,BC", ",ABC", "ABC,", "AB,C"];
  deepEqual(encode(lines), {
    rows: ["a-bc", "ab-c", "a-bc", "abc", "abc", "ab-c"],
    bad: 0,
    asked: 4,
  });
});

Deno.test("values in a notation that only the text path knows are recalled", () => {
  const repeated = (values: readonly string[]) =>
    Array.from({ length: 300 }, (_, i) => `${values[i % values.length]},${i}`);
  const names = counted({ type: "date", format: ["d.M.yyyy", "d MMM yyyy"] }, true);
  equal(names.encode(repeated(["3 May 2024", "4.5.2024", "5 May 2024"])).asked, 2);
  const words = counted({ type: "boolean", true: ["sí"], false: ["no"] }, true);
  equal(words.encode(repeated(["sí", "no"])).asked, 1);
  const currencies = counted({ type: "numeric", accept: ["currency"] }, true);
  equal(currencies.encode(repeated(["$5", "6", "$7"])).asked, 2);
});

Deno.test("errors are found each time", () => {
  const { encode } = counted({ pattern: "^(?=X|YY)" });
  deepEqual(encode(["X,1", "Z,2", "Z,3", "YY,4", "X,5"]), {
    rows: ["X", "YY", "X"],
    bad: 2,
    asked: 4,
  });
});

Deno.test("a column of ever new values is soon asked for each of them", () => {
  const { encode } = counted(LOWER);
  const many = Array.from({ length: 10_000 }, (_, i) => `V${i},x`);
  equal(encode(many).asked, many.length);
  // Nothing is recalled any more.
  equal(encode(["V1,x", "V1,x", "V1,x"]).asked, 3);
});

Deno.test("more different values than there is room for are right, and most of them recalled", () => {
  const { encode } = counted(LOWER);
  const values = Array.from({ length: 40_000 }, (_, i) => `Value ${"X".repeat(i % 40)} ${i}`);
  const lines = values.flatMap((
    value,
  ) => [`${value},1`, `"${value}",2`, `${value},3`, `${value},4`]);
  const { rows, asked } = encode(lines);
  deepEqual(rows, lines.map((line) => line.split(",")[0].replaceAll('"', "").toLowerCase()));
  // Each twice, with quotes and without, and some once more, which found no free place.
  ok(asked >= 2 * values.length && asked < 2.02 * values.length, String(asked));
});

Deno.test("long values are asked for each time, and long results find their room", () => {
  const { encode } = counted(LOWER);
  const long = "LONG ".repeat(200);
  equal(encode([`${long},1`, `${long},2`]).asked, 2);
  const grown = counted({ map: { x: "y".repeat(500) } });
  const lines = Array.from({ length: 2000 }, () => "x,");
  const { rows, asked } = grown.encode(lines);
  deepEqual(new Set(rows), new Set(["y".repeat(500)]));
  equal(rows.length, 2000);
  // More than one, where the room had to grow first.
  ok(asked < 100, String(asked));
});
