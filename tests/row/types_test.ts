import { deepEqual, equal } from "node:assert/strict";
import type { ColumnRule } from "../../src/importer/definition.ts";
import { column, compile, messages, rule, value } from "./rows.ts";
import { testTypes, type TypeCase } from "./type_cases.ts";

const LONG_LOCAL = "a".repeat(65);

const CASES: readonly TypeCase[] = [
  {
    type: "integer",
    rule: { type: "integer" },
    message: "The x field must be a whole number.",
    bad: ["1.0", "1e3", "abc", "1 000", "1,000", "--1", "+", "-", "0x1f", "١٢", "12a", "NaN"],
    good: {
      "7": "7",
      "0": "0",
      "+007": "7",
      "-0": "0",
      "-00012": "-12",
      " 42 ": "42",
      "9007199254740993": "9007199254740993",
      "123456789012345678901234567890": "123456789012345678901234567890",
    },
  },
  {
    type: "integer with thousands",
    rule: { type: "integer", thousands: "." },
    message: "The x field must be a whole number.",
    bad: ["1.00", "1234.567", ".123", "1..000", "1.0000"],
    good: { "1.234.567": "1234567", "1234567": "1234567", "-1.000": "-1000", "12": "12" },
  },
  {
    type: "numeric",
    rule: { type: "numeric" },
    message: "The x field must be a number.",
    bad: [".", "-", "1,5", "1.2.3", "e5", "1e", "NaN", "Infinity", "12 €", "0x10", "1_000"],
    good: {
      "1": "1",
      "1.50": "1.50",
      "-0.00": "0.00",
      "+007.5": "7.5",
      ".5": "0.5",
      "5.": "5",
      "1.5E+3": "1.5e3",
      "1e-7": "1e-7",
      "0.1000000000000000000001": "0.1000000000000000000001",
    },
  },
  {
    type: "numeric as written in Germany",
    rule: { type: "numeric", decimal: ",", thousands: "." },
    message: "The x field must be a number.",
    bad: ["1.5", "1,234.5", "12.34,5", "1.234.5"],
    good: { "1.234,56": "1234.56", "1234,5": "1234.5", "1.234": "1234", "-1,0": "-1.0", "7": "7" },
  },
  {
    type: "numeric with spaces between thousands",
    rule: { type: "numeric", decimal: ",", thousands: " " },
    message: "The x field must be a number.",
    bad: ["1  234", "12 34"],
    good: { "1 234,5": "1234.5", "1\u00a0234": "1234", "1\u202f234\u202f567": "1234567" },
  },
  {
    type: "numeric with signs and brackets",
    rule: { type: "numeric", accept: ["currency", "parentheses", "trailing_minus", "percent"] },
    message: "The x field must be a number.",
    bad: [
      "(5",
      "5)",
      "(-5)",
      "(5-)",
      "--5",
      "$",
      "()",
      "5 %%",
      "5 apples",
      "5 ABC",
      "$ 5 €",
      "-5-",
    ],
    good: {
      "5": "5",
      "(1234.50)": "-1234.50",
      "12.5-": "-12.5",
      "$5": "5",
      "-$5": "-5",
      "$-5": "-5",
      "($5.00)": "-5.00",
      "$(5.00)": "-5.00",
      "5 €": "5",
      "5.00€": "5.00",
      "5.00- EUR": "-5.00",
      "EUR 5": "5",
      "R$ 5": "5",
      "100 kr": "100",
      "12%": "0.12",
      "12.5 %": "0.125",
      "5%": "0.05",
      "-0.5%": "-0.005",
      "(12%)": "-0.12",
      "1e3%": "1e1",
      "(0)": "0",
    },
  },
  {
    type: "numeric with signs, as written in Germany",
    rule: {
      type: "numeric",
      decimal: ",",
      thousands: ".",
      accept: ["currency", "trailing_minus", "percent_points"],
    },
    message: "The x field must be a number.",
    bad: ["(5)", "1.23 €"],
    good: { "1.234,56 €": "1234.56", "1.234,56-": "-1234.56", "12,5 %": "12.5", "€ 1.234": "1234" },
  },
  {
    type: "integer with signs",
    rule: { type: "integer", accept: ["currency", "parentheses", "percent"] },
    message: "The x field must be a whole number.",
    bad: ["$1.5", "5%", "5-"],
    good: { "(12)": "-12", "$12": "12", "500%": "5", "0%": "0" },
  },
  {
    type: "float",
    rule: { type: "float" },
    message: "The x field must be a number.",
    bad: ["infinit", "nano", "1,5", "+NaN"],
    good: {
      nan: "NaN",
      Infinity: "Infinity",
      "-inf": "-Infinity",
      "+Infinity": "Infinity",
      "1.5e300": "1.5e300",
      "2.50": "2.50",
    },
  },
  {
    type: "boolean",
    rule: { type: "boolean" },
    message: "The x field must be yes or no (true, t, yes, y, on, 1 or false, f, no, n, off, 0).",
    bad: ["2", "ja", "tru", "yess", "-1", "1.0"],
    good: {
      TRUE: "true",
      t: "true",
      Yes: "true",
      y: "true",
      ON: "true",
      "1": "true",
      false: "false",
      F: "false",
      no: "false",
      N: "false",
      off: "false",
      "0": "false",
    },
  },
  {
    type: "boolean with own words",
    rule: { type: "boolean", true: ["yes", "aktiv"], false: ["no", "ungültig"] },
    message: "The x field must be yes or no (yes, aktiv or no, ungültig).",
    bad: ["true", "1", "y"],
    good: { AKTIV: "true", no: "false", "UNGÜLTIG": "false" },
  },
  {
    type: "uuid",
    rule: { type: "uuid" },
    message: "The x field must be a UUID.",
    bad: [
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
      "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "a0eebc999c0b-4ef8-bb6d-6bb9bd380a11",
    ],
    good: {
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "{a0eebc999c0b4ef8bb6d6bb9bd380a11}": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    },
  },
  {
    type: "email",
    rule: { type: "email" },
    message: "The x field must be a valid email address.",
    bad: [
      "ada",
      "ada@",
      "@example.com",
      "ada@example",
      "ada@@example.com",
      "ada@exa mple.com",
      "a da@example.com",
      ".ada@example.com",
      "ada.@example.com",
      "a..da@example.com",
      "ada@-example.com",
      "ada@example-.com",
      "ada@example..com",
      "ada@.com",
      "ada@example.c",
      "ada@1.2.3.4",
      '"a b"@example.com',
      "ada@example.com.",
      "ada,bob@example.com",
      "ada@example.com, bob@example.com",
      "Ada <ada@example.com>",
      "ada\u00a0x@example.com",
      "ada\u200b@example.com",
      `${LONG_LOCAL}@example.com`,
      `ada@${"a".repeat(64)}.com`,
      `ada@${"abcdefgh.".repeat(30)}com`,
    ],
    good: {
      "ada@example.com": "ada@example.com",
      "Ada.L+tag@mail.example.co.uk": "Ada.L+tag@mail.example.co.uk",
      "o'hara@x-y.io": "o'hara@x-y.io",
      "zoë@müller.de": "zoë@müller.de",
      "a@b.museum": "a@b.museum",
    },
  },
  {
    type: "url",
    rule: { type: "url" },
    message: "The x field must be a valid URL (http or https).",
    bad: ["example.com", "ftp://example.com", "http://", "javascript:alert(1)", "http://a b.com"],
    good: {
      "https://example.com": "https://example.com",
      "HTTP://Example.com/a?b=c#d": "HTTP://Example.com/a?b=c#d",
    },
  },
  {
    type: "json",
    rule: { type: "json" },
    message: "The x field must be valid JSON.",
    bad: ["{a: 1}", "{'a': 1}", "[1,]", "nope", "{"],
    good: { '{"n": 12345678901234567890}': '{"n": 12345678901234567890}', "[1, 2]": "[1, 2]" },
  },
  {
    type: "text",
    rule: { type: "text" },
    message: "",
    bad: [],
    good: {
      "tab\tand\\slash": "tab\\tand\\\\slash",
      "two\nlines\r\nmore": "two\\nlines\\r\\nmore",
    },
  },
];

testTypes(CASES);

Deno.test("a column without a type is checked as the table's column", () => {
  const bad: [string, string][] = [
    ["int4", "The x field must be a whole number."],
    ["numeric", "The x field must be a number."],
    ["float8", "The x field must be a number."],
    ["date", "The x field must be a date (yyyy-MM-dd)."],
    ["time", "The x field must be a time (HH:mm:ss)."],
    ["timestamptz", "The x field must be a date and time (yyyy-MM-dd HH:mm:ss)."],
    ["uuid", "The x field must be a UUID."],
    ["jsonb", "The x field must be valid JSON."],
  ];
  for (const [baseType, message] of bad) {
    deepEqual(messages(value("nope", {}, column("x", baseType))), [message]);
  }
  for (const baseType of ["text", "varchar", "inet", "_int4", "bytea", "interval", "citext"]) {
    equal(value("nope", {}, column("x", baseType)), "nope");
  }
});

Deno.test("a value must be of the rule's type and of the column's", () => {
  deepEqual(messages(value("1.5", { type: "numeric" }, column("x", "int4"))), [
    "The x field must be a whole number.",
  ]);
  equal(value("1e3", { type: "numeric" }, column("x", "float8")), "1e3");
  equal(
    value("02.01.2024", { type: "date", format: ["dd.MM.yyyy"] }, column("x", "timestamp")),
    "2024-01-02 00:00:00",
  );
  // Only Postgres judges.
  equal(value("12:30", { type: "text" }, column("x", "int4")), "12:30");
});

Deno.test("a program says which type its written text has", () => {
  const types = (baseType: string, rule: Partial<ColumnRule> = {}) => valueTypeOf(baseType, rule);
  equal(types("int8"), "integer");
  equal(types("varchar"), "text");
  equal(types("inet"), null);
  equal(types("text", { type: "email" }), "email");
  equal(types("timestamp", { type: "date" }), "timestamp");
});

function valueTypeOf(baseType: string, rules: Partial<ColumnRule>) {
  const columns = { x: rule({ from: ["x"], ...rules }) };
  return compile({ columns }, ["x"], [column("x", baseType)]).programs[0].valueType;
}
