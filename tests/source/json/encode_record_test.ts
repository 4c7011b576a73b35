import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { recordFormat } from "../../../src/source/format.ts";
import type { JsonFormat } from "../../../src/source/json/json_format.ts";
import { bytesOf } from "../records.ts";
import { LINES, readJson } from "./records.ts";

const HEADER = ["a", "b.c", "b.d", "t[1]"];
const FORMAT: JsonFormat = {
  ...LINES,
  paths: { "b.c": ["b", "c"], "b.d": ["b", "d"], "t[1]": ["t", 1] },
};
const RECORDS = recordFormat(FORMAT, HEADER);
const decoder = new TextDecoder();

const cell = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("", "null", "true", "12.50", '{"x": [1, 2]}', '"q"', " 5", "a\nb", "[1,\n2]"),
).filter((text) => !text.includes("\0"));

Deno.test("a record is written so that exactly its values are read from it, on one line", () => {
  fc.assert(
    fc.property(fc.array(cell, { minLength: 4, maxLength: 4 }), (cells) => {
      const bytes = RECORDS.encode(cells)!;
      equal(decoder.decode(bytes).includes("\n"), false);
      const [{ values }] = readJson(bytes, FORMAT, HEADER);
      const flat = (text: string | null) => (text ?? "").replaceAll(/\s*[\r\n]+\s*/gu, " ");
      const wanted = cells.map((text) => text.startsWith("[1,\n") ? flat(text) : text);
      deepEqual(values!.map((text) => text ?? ""), wanted);
    }),
    { numRuns: 500, seed: 3 },
  );
});

Deno.test("values are changed in their place, and all else stays byte by byte", () => {
  const replace = (text: string, values: readonly (readonly [number, string])[]) => {
    const replaced = RECORDS.replace!(bytesOf(text), new Map(values));
    return replaced === null ? null : decoder.decode(replaced);
  };
  const record = '{"late":1e5, "a": "x", "b":{"c":12,"z":null},"t":[ 1, null ]}';
  equal(replace(record, [[0, 'y"']]), record.replace('"x"', '"y\\""'));
  equal(replace(record, [[1, "13"]]), record.replace("12", "13"));
  equal(replace(record, [[1, "no number"]]), record.replace("12", '"no number"'));
  equal(replace(record, [[0, "5"]]), record.replace('"x"', '"5"'));
  equal(
    replace(record, [[0, ""], [3, "7"]]),
    record.replace('"x"', "null").replace("null ]", "7 ]"),
  );
  equal(replace('{"b":{"c":1}}', [[0, "n"]]), '{"b":{"c":1},"a":"n"}');
  equal(replace("{ }", [[0, "n"]]), '{ "a":"n"}');
  equal(replace('{"a":1}', [[2, "n"]]), null);
  equal(replace('{"a":1', [[0, "n"]]), null);
});

Deno.test("a record that can't be read is shown as it is, and mended as a whole", () => {
  const text = '{"a":1,"t":[0,"u"]';
  const shown = RECORDS.display(bytesOf(text))(0, text.length);
  deepEqual({ ...shown }, { column_5: text });
  const mended = RECORDS.encode(["", "", "", "", `${text}}`])!;
  deepEqual(readJson(mended, FORMAT, HEADER)[0].values, ["1", null, null, "u"]);
  equal(RECORDS.encode(["2", "", "", "", `${text}}`]), null);
});
