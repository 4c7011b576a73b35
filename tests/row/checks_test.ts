import { deepEqual, equal, throws } from "node:assert/strict";
import { compilePattern } from "../../src/row/compile_checks.ts";
import { type CheckCase, testChecks } from "./check_cases.ts";
import { column, compile, process, rule, value } from "./rows.ts";

const name = column("name", "varchar", { maxLength: 4 });

const CASES: readonly CheckCase[] = [
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

testChecks(CASES);

Deno.test("a missing value fails if the rule or NOT NULL requires one, default or not", () => {
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

Deno.test("all checks that a value fails are reported, but a wrong type is reported alone", () => {
  const rules = { min_length: 3, pattern: "^a", one_of: ["abc", "abd"] };
  deepEqual(codes(value("b", rules)), ["min_length", "pattern", "one_of"]);
  deepEqual(codes(value("b", { ...rules, message: "must be nice" })), ["min_length"]);
  deepEqual(codes(value("b", { type: "integer", ...rules })), ["type"]);
});

Deno.test("all columns of a row are reported, with the table's names and the file's values", () => {
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
  deepEqual(process(pipeline, "1,a@b.com,\nx,,gold\ny,c@d.org,\n2,c@d.org,pro\n", 3), [
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
    [
      { code: "type", message: "The age field must be a whole number.", column: "age", value: "y" },
    ],
    "c@d.org\t2\tpro",
  ]);
});

Deno.test("the value beside a message is cut at 200 characters, keeping surrogate pairs whole", () => {
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

Deno.test("a pattern that takes too long for any value is refused before there is one", () => {
  throws(() => compilePattern("^(([a-z]){1,100}){1,100}$", "name"), {
    message: "The pattern of column name can't be used: its counts multiply to too many steps. " +
      "Use smaller ones.",
  });
  equal(compilePattern("^(([a-z]){1,9}){1,9}$", "name").test("abc"), true);
});
