import { deepEqual, equal } from "node:assert/strict";
import type { ColumnRule } from "../../src/importer/definition.ts";
import type { TableColumn } from "../../src/load/table.ts";
import type { ErrorCode } from "../../src/row/outcome.ts";
import { column, compile, process, rule, value } from "./rows.ts";

interface Case {
  readonly name: string;
  readonly rules: Partial<ColumnRule>;
  readonly target?: TableColumn;
  readonly code: ErrorCode;
  readonly message: string;
  readonly bad: readonly string[];
  readonly good: readonly string[];
}

const int2 = column("age", "int2");
const price = column("price", "numeric", { precision: 5, scale: 2, type: "numeric(5,2)" });
const name = column("name", "varchar", { maxLength: 4 });

const CASES: readonly Case[] = [
  {
    name: "min with max",
    rules: { min: 0, max: 150 },
    target: int2,
    code: "min",
    message: "The age field must be between 0 and 150.",
    bad: ["-1", "-40000", "-99999999999999999999"],
    good: ["0", "150"],
  },
  {
    name: "max with min",
    rules: { min: 0, max: 150 },
    target: int2,
    code: "max",
    message: "The age field must be between 0 and 150.",
    bad: ["151", "40000"],
    good: ["150"],
  },
  {
    name: "min alone",
    rules: { type: "numeric", min: 0 },
    code: "min",
    message: "The x field must be at least 0.",
    bad: ["-0.1", "-1e-9"],
    good: ["0", "0.00", "1e9", "-0"],
  },
  {
    name: "max alone",
    rules: { type: "integer", max: 9007199254740992 },
    code: "max",
    message: "The x field must be at most 9007199254740992.",
    bad: ["9007199254740993"],
    good: ["9007199254740992", "-1"],
  },
  {
    name: "min of a float that is no number",
    rules: { type: "float", min: 0 },
    code: "min",
    message: "The x field must be at least 0.",
    bad: ["NaN", "-Infinity"],
    good: ["Infinity"],
  },
  {
    name: "limits on a text column",
    rules: { max: 10 },
    code: "max",
    message: "The x field must be at most 10.",
    bad: ["11"],
    good: ["9.5"],
  },
  {
    name: "the range of smallint",
    rules: {},
    target: int2,
    code: "out_of_range",
    message: "The age field must be between -32768 and 32767.",
    bad: ["32768", "-32769", "99999999999999999999999"],
    good: ["32767", "-32768"],
  },
  {
    name: "the range of bigint",
    rules: {},
    target: column("x", "int8"),
    code: "out_of_range",
    message: "The x field must be between -9223372036854775808 and 9223372036854775807.",
    bad: ["9223372036854775808", "-9223372036854775809", "9".repeat(1000)],
    good: ["9223372036854775807", "-9223372036854775808"],
  },
  {
    name: "numeric(5,2)",
    rules: {},
    target: price,
    code: "out_of_range",
    message: "The price field must be between -999.99 and 999.99.",
    bad: ["1000", "999.995", "-999.995", "1e3", "12345678901234567890"],
    good: ["999.99", "999.994", "99999e-2", "0.001", "-999.9949999", "0e9", "0.00000000000000001"],
  },
  {
    name: "numeric(2,4)",
    rules: {},
    target: column("x", "numeric", { precision: 2, scale: 4 }),
    code: "out_of_range",
    message: "The x field must be between -0.0099 and 0.0099.",
    bad: ["0.01", "0.00995", "1"],
    good: ["0.0099", "0.00994", "0"],
  },
  {
    name: "numeric(2,-3)",
    rules: {},
    target: column("x", "numeric", { precision: 2, scale: -3 }),
    code: "out_of_range",
    message: "The x field must be between -99000 and 99000.",
    bad: ["99500", "100000"],
    good: ["99499", "0", "499"],
  },
  {
    name: "real",
    rules: {},
    target: column("x", "float4", { type: "real" }),
    code: "out_of_range",
    message: "The x field is out of range for real.",
    bad: ["1e39", "-1e39", "1e-60"],
    good: ["1e38", "1e-40", "0e-99", "NaN"],
  },
  {
    name: "varchar(4), counted in characters",
    rules: {},
    target: name,
    code: "max_length",
    message: "The name field must not be longer than 4 characters.",
    bad: ["Grace", "zoëë!", "😀😀😀😀😀"],
    good: ["Adas", "zoëë", "😀😀😀😀"],
  },
  {
    name: "blanks beyond varchar(4), which Postgres drops",
    rules: { trim: false },
    target: name,
    code: "max_length",
    message: "The name field must not be longer than 4 characters.",
    bad: [" Adas "],
    good: ["Ada  ", "Adas   "],
  },
  {
    name: "max_length of one",
    rules: { max_length: 1 },
    code: "max_length",
    message: "The x field must not be longer than 1 character.",
    bad: ["ab", "éé"],
    good: ["a", "é", "😀"],
  },
  {
    name: "min_length",
    rules: { min_length: 2 },
    code: "min_length",
    message: "The x field must have at least 2 characters.",
    bad: ["a", "😀", " a "],
    good: ["ab", "éé"],
  },
  {
    name: "pattern",
    rules: { pattern: "^[A-Z]{3}-\\d{4}$" },
    code: "pattern",
    message: "The x field has the wrong format.",
    bad: ["abc-1234", "ABC-12345"],
    good: ["ABC-1234"],
  },
  {
    name: "pattern with a message",
    rules: { pattern: "^[A-Z]{3}-\\d{4}$", message: "must look like ABC-1234" },
    code: "pattern",
    message: "The x field must look like ABC-1234.",
    bad: ["abc-1234"],
    good: ["ABC-1234"],
  },
  {
    name: "one_of",
    rules: { one_of: ["free", "pro", "team"] },
    code: "one_of",
    message: "The x field must be one of free, pro, team.",
    bad: ["Free", "fre", "teams", "prö"],
    good: ["free", " pro "],
  },
  {
    name: "one_of of numbers, however they are written",
    rules: { type: "integer", one_of: ["1", "02"] },
    code: "one_of",
    message: "The x field must be one of 1, 02.",
    bad: ["3"],
    good: ["1", "+1", "2", "02"],
  },
  {
    name: "the labels of an enum",
    rules: {},
    target: column("mood", "mood", { enumLabels: ["sad", "so so", "happy"] }),
    code: "one_of",
    message: "The mood field must be one of sad, so so, happy.",
    bad: ["Happy", "so"],
    good: ["happy", "so so"],
  },
];

for (const { name, rules, target, code, message, bad, good } of CASES) {
  Deno.test(`${name} is checked`, () => {
    for (const text of bad) {
      const x = target?.name ?? "x";
      deepEqual(value(text, rules, target), [{ code, message, column: x, value: cut(text) }], text);
    }
    for (const text of good) equal(typeof value(text, rules, target), "string", text);
  });
}

function cut(text: string) {
  return text.slice(0, 200);
}

Deno.test("a missing value fails where one is required: by the rule, by NOT NULL, default or not", () => {
  const required = [{
    code: "required",
    message: "The x field is required.",
    column: "x",
    value: "  ",
  }];
  deepEqual(value("  ", { required: true }), required);
  deepEqual(value("  ", {}, column("x", "int4", { notNull: true })), required);
  deepEqual(value("  ", {}, column("x", "int4", { notNull: true, hasDefault: true })), required);
  deepEqual(value("  ", { required: true, message: "must be nice" }), required);
  equal(value("  ", {}), "\\N");
  equal(value("  ", { required: true, default: "x" }), "x");
});

Deno.test("all checks that a value fails are reported, a wrong type alone", () => {
  const rules = { min_length: 3, pattern: "^a", one_of: ["abc", "abd"] };
  deepEqual(codes(value("b", rules)), ["min_length", "pattern", "one_of"]);
  deepEqual(codes(value("b", { ...rules, message: "must be nice" })), ["min_length"]);
  deepEqual(codes(value("b", { type: "integer", ...rules })), ["type"]);
});

Deno.test("all columns of a row are reported, in the table's words and with the file's values", () => {
  const columns = {
    email: rule({ from: ["E-Mail"], type: "email", required: true }),
    age: rule({ from: ["Age"], type: "integer" }),
    plan: rule({ from: ["Plan"], one_of: ["free", "pro"], default: "free" }),
  };
  const pipeline = compile({ columns }, ["Age", "E-Mail", "Plan"], [
    column("email"),
    column("age", "int4"),
    column("plan"),
  ]);
  deepEqual(process(pipeline, "1,a@b.com,\nx,,gold\n2,c@d.org,pro\n", 3), [
    "a@b.com\t1\tfree",
    [
      { code: "required", message: "The email field is required.", column: "email", value: "" },
      { code: "type", message: "The age field must be a whole number.", column: "age", value: "x" },
      {
        code: "one_of",
        message: "The plan field must be one of free, pro.",
        column: "plan",
        value: "gold",
      },
    ],
    "c@d.org\t2\tpro",
  ]);
});

Deno.test("the value beside a message is cut at 200 characters, pairs of units kept whole", () => {
  const [{ value: shown }] = outcome(value("😀".repeat(300), { type: "integer" }));
  equal(shown, "😀".repeat(200));
});

function outcome(found: ReturnType<typeof value>) {
  if (typeof found === "string") throw new Error(`no error, but ${found}`);
  return found;
}

function codes(found: ReturnType<typeof value>) {
  return outcome(found).map(({ code }) => code);
}
