import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import type { JsonFormat } from "../../../src/source/json/json_format.ts";
import { bytesOf, concat } from "../records.ts";
import { record, rubble } from "./generated.ts";
import { ELEMENTS, LINES, readInPieces, readJson, values } from "./records.ts";

const HEADER = ["a", "b", "c.d", "e[1]", "f"];
const PATHS: JsonFormat["paths"] = { "c.d": ["c", "d"], "e[1]": ["e", 1] };

/** As `JSON.parse` has it, with the text of numbers as it is in the source. */
function expected(text: string): (string | null)[] {
  const parsed = JSON.parse(
    text,
    (_key, value, context?: { source?: string }) =>
      typeof value === "number" ? new Source(context?.source ?? String(value)) : value,
  );
  const found = [
    parsed.a,
    parsed.b,
    parsed.c?.d,
    Array.isArray(parsed.e) ? parsed.e[1] : null,
    parsed.f,
  ];
  return found.map((value) =>
    value === null || value === undefined
      ? null
      : value instanceof Source
      ? value.text
      : typeof value === "object"
      ? `JSON ${canonical(value)}`
      : String(value)
  );
}

class Source {
  constructor(readonly text: string) {}
  toJSON() {
    return this.text;
  }
}

function canonical(value: unknown): string {
  return JSON.stringify(value);
}

/** What was read, in the same form: objects and arrays by what they mean. */
function meant(read: readonly (string | null)[]): (string | null)[] {
  return read.map((text) => {
    if (text === null || !/^[[{]/u.test(text)) return text;
    try {
      return `JSON ${
        canonical(JSON.parse(
          text,
          (_key, value, context?: { source?: string }) =>
            typeof value === "number" ? new Source(context?.source ?? "") : value,
        ))
      }`;
    } catch {
      return text;
    }
  });
}

Deno.test("records are read as JSON.parse reads them, numbers to the last digit", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 5 }), fc.constantFrom("\n", "\r\n"), (rows, end) => {
      const wanted = rows.map(expected);
      const lines = readJson(bytesOf(rows.join(end)), { ...LINES, paths: PATHS }, HEADER);
      deepEqual(lines.map((one) => one.values && meant(one.values)), wanted);
      for (const between of [`,${end}`, " , ", "", `${end}${end}`]) {
        const read = readJson(bytesOf(rows.join(between)), { ...ELEMENTS, paths: PATHS }, HEADER);
        deepEqual(read.map((one) => one.values && meant(one.values)), wanted);
      }
    }),
    { numRuns: 600, seed: 7 },
  );
});

Deno.test("a damaged source is read the same in whatever pieces, and no byte is lost", () => {
  fc.assert(
    fc.property(
      rubble,
      fc.constantFrom(LINES, ELEMENTS),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 3 }),
      (text, layout, window, rows) => {
        const bytes = bytesOf(text);
        const format = { ...layout, paths: PATHS };
        const whole = readJson(bytes, format, HEADER);
        deepEqual(readInPieces(bytes, format, HEADER, { rows, window }), whole);
        let end = 0;
        for (const one of [...whole, { start: bytes.length, end: bytes.length }]) {
          const between = new TextDecoder().decode(bytes.subarray(end, one.start));
          equal(between.replaceAll(/[\s,]/gu, ""), "", JSON.stringify(text));
          end = one.end;
        }
      },
    ),
    { numRuns: 3000, seed: 11 },
  );
});

Deno.test("a record that is longer than allowed fails, and the next one is read", () => {
  const long = `{"a":"${"x".repeat(100)}"}`;
  for (const [layout, end] of [[LINES, "\n"], [ELEMENTS, ",\n"]] as const) {
    const bytes = bytesOf([`{"a":1}`, long, `{"a":3}`].join(end));
    for (const window of [10, 30, 200]) {
      const read = readInPieces(bytes, layout, ["a"], { rows: 5, window, longest: 40 });
      deepEqual(read.map(({ values, line }) => [line, values]), [[1, ["1"]], [2, null], [3, [
        "3",
      ]]]);
    }
  }
});

Deno.test("what is no JSON fails its row, and says why", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{"a":NaN}', /NaN/u],
    ['{"a":-Infinity}', /Infinity/u],
    ['{"a":undefined}', /undefined/u],
    ["{'a':1}", /single quotes/u],
    ["{\"a\":'x'}", /single quotes/u],
    ['{"a":1,}', /comma has nothing after it/u],
    ['{"a":[1,]}', /comma has nothing after it/u],
    ['{"a":1 /* one */}', /comment/u],
    ['{"a" 1}', /colon/u],
    ["{a:1}", /key in double quotes/u],
    ['{"a":1 "b":2}', /comma or a closing bracket/u],
    ['{"a":[1}', /closing bracket doesn't fit/u],
    ['{"a":01}', /number/u],
    ['{"a":+1}', /number/u],
    ['{"a":.5}', /number/u],
    ['{"a":1.}', /number/u],
    ['{"a":"\t"}', /control character/u],
    ['{"a":"\\x"}', /backslash/u],
    ['{"a":"\\u12"}', /backslash/u],
    ['{"a":"x', /ends in the middle/u],
    ['{"a":1}{"a":2}', /text after its object/u],
    ['{"a":1,"b":2,"a":3}', /same key twice/u],
    ['{"a":"\\ud800"}', /surrogate/u],
    ['{"a":"\\u0000"}', /u0000/u],
    ["5", /a number where an object/u],
    ['["a"]', /an array where an object/u],
    ['"a"', /a text where an object/u],
    ["null", /null where an object/u],
    ["true", /true or false where an object/u],
  ];
  for (const [text, message] of cases) {
    const [before, broken, after, ...more] = values(`{"a":0}\n${text}\n{"a":9}`, LINES, ["a"]);
    deepEqual([before, after, more], [["0"], ["9"], []], text);
    equal(typeof broken === "string" && message.test(broken), true, `${text}: ${broken}`);
  }
});

Deno.test("bytes that are no UTF-8 fail their row", () => {
  const bytes = concat('{"a":1}\n{"a":"', [0xff], '"}\n{"a":"é"}');
  deepEqual(readJson(bytes, LINES, ["a"]).map(({ defect, values }) => defect ?? values), [
    ["1"],
    "The row holds bytes that are not valid UTF-8.",
    ["é"],
  ]);
});

Deno.test("keys with escapes, dots and blanks are found", () => {
  const paths = { "x": ["a.b"], '["a.b"].c': ["q", "a b"] };
  deepEqual(
    values('{"\\u0061.b":1,"q":{"a b":"z"}}', { ...LINES, paths }, Object.keys(paths)),
    [["1", "z"]],
  );
  deepEqual(values('{"__proto__":1,"constructor":2}', LINES, ["__proto__", "constructor"]), [
    ["1", "2"],
  ]);
});

Deno.test("values nested 100,000 deep are read", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  deepEqual(values(`[{"a":${deep},"b":2},{"b":3}`.slice(1), ELEMENTS, ["b"]), [["2"], ["3"]]);
});

Deno.test("a broken element of an array doesn't take the others along, if each has its line", () => {
  const text =
    '\n  {"id":1},\n  {"id":2,"n":"x},\n  {"id":3,"n":[{"id":9}],\n  {"id":4},\n  {"id":5}\n';
  deepEqual(values(text, ELEMENTS, ["id"]).map((one) => Array.isArray(one) ? one[0] : "failed"), [
    "1",
    "failed",
    "failed",
    "4",
    "5",
  ]);
});
