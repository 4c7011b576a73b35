import { deepEqual, equal } from "node:assert/strict";
import type { ColumnRule, Transform } from "../../src/importer/definition.ts";
import { column, compile, messages, process, rule, value } from "./rows.ts";

const CASES: readonly [string, Transform, Readonly<Record<string, string>>][] = [
  ["trim", { op: "trim" }, { "  a b  ": "a b", "\u00a0a\u3000": "a" }],
  ["squish", { op: "squish" }, { " a \t\n b\u00a0c ": "a b c" }],
  ["lower", { op: "lower" }, { "ÀBC": "àbc" }],
  ["upper", { op: "upper" }, { "straße": "STRASSE" }],
  ["title", { op: "title" }, {
    "ada LOVELACE": "Ada Lovelace",
    "jean-luc o'neil": "Jean-Luc O'neil",
  }],
  ["slug", { op: "slug" }, { " Crème Brûlée! 2 ": "creme-brulee-2", "--": "\\N" }],
  ["digits", { op: "digits" }, { "+49 (30) 12": "493012", "none": "\\N" }],
  ["replace", { op: "replace", pattern: "(\\d)-", with: "$1/" }, { "1-2-3": "1/2/3" }],
  ["prefix", { op: "prefix", text: "x-" }, { a: "x-a", "": "\\N" }],
  ["suffix", { op: "suffix", text: "-x" }, { a: "a-x" }],
  ["split", { op: "split", by: "@", index: 1 }, { "a@b@c": "b", a: "\\N" }],
  ["split from the end", { op: "split", by: "@", index: -1 }, { "a@b@c": "c", a: "a" }],
  ["default", { op: "default", value: "none" }, { "": "none", a: "a" }],
  ["map", { op: "map", values: { a: "1", b: null } }, { a: "1", b: "\\N" }],
  ["json", { op: "json" }, { "[1]": "[1]" }],
];

for (const [name, transform, expected] of CASES) {
  Deno.test(`the transform ${name} changes values as documented`, () => {
    for (const [text, result] of Object.entries(expected)) {
      equal(value(text, { transform: [transform] }), result, JSON.stringify(text));
    }
  });
}

Deno.test("number, date and boolean read the rule's notation and give the type a plain value", () => {
  const german: Partial<ColumnRule> = {
    decimal: ",",
    thousands: ".",
    format: ["dd.MM.yyyy"],
    true: ["ja"],
    false: ["nein"],
  };
  equal(value("1.234,5", { ...german, transform: [{ op: "number" }] }), "1234.5");
  equal(value("1.234,5", { ...german, type: "numeric", transform: [{ op: "number" }] }), "1234.5");
  equal(
    value("02.01.2024", { ...german, type: "date", transform: [{ op: "date" }] }),
    "2024-01-02",
  );
  equal(
    value("02.01.2024 10:30", {
      format: ["dd.MM.yyyy HH:mm"],
      transform: [{ op: "date" }, { op: "prefix", text: "at " }],
    }),
    "at 2024-01-02 10:30:00",
  );
  equal(value("ja", { ...german, type: "boolean", transform: [{ op: "boolean" }] }), "true");
  deepEqual(messages(value("1,5,0", { ...german, transform: [{ op: "number" }] })), [
    "The x field must be a number.",
  ]);
  deepEqual(messages(value("{", { transform: [{ op: "json" }] })), [
    "The x field must be valid JSON.",
  ]);
});

Deno.test("a value goes through null values, trim, map, transforms, default, type and checks", () => {
  const rules: Partial<ColumnRule> = {
    map: { active: "one", none: null },
    transform: [{ op: "upper" }],
    one_of: ["ONE", "fallback"],
    default: "fallback",
  };
  equal(value(" active ", rules), "ONE");
  equal(value("none", rules), "fallback");
  equal(value("unknown", rules), "fallback");
  equal(value("n/a", rules, column("x"), ["", "n/a"]), "fallback");
  deepEqual(messages(value("active", { ...rules, transform: [] })), [
    "The x field must be one of ONE, fallback.",
  ]);
});

Deno.test("a text that is not in the map fails, naming those that are", () => {
  deepEqual(value("paused", { map: { active: "1", inactive: "0" }, type: "integer" }), [{
    code: "one_of",
    message: "The x field must be one of active, inactive.",
    column: "x",
    value: "paused",
  }]);
});

Deno.test("null values apply before and after trimming; an empty result is null if empty text is", () => {
  equal(value(" NULL ", {}, column("x"), ["NULL"]), "\\N");
  equal(value(" NULL ", { trim: false }, column("x"), ["NULL"]), " NULL ");
  equal(value("   ", {}, column("x"), ["NULL"]), "");
  equal(value("  ", {}, column("x"), ["  "]), "\\N");
  equal(value("abc", { transform: [{ op: "digits" }] }, column("x"), ["NULL"]), "");
  equal(value("abc", { transform: [{ op: "digits" }, { op: "default", value: "0" }] }), "0");
});

Deno.test("a definition's own values are in plain notation, whatever the file's is", () => {
  const german = {
    decimal: ",",
    thousands: ".",
    format: ["dd.MM.yyyy"],
    true: ["ja"],
    false: ["nein"],
  };
  equal(value("", { ...german, type: "numeric", default: "1.234" }), "1.234");
  equal(value("", { ...german, type: "date", default: "2024-01-02" }), "2024-01-02");
  equal(value("", { ...german, type: "date", default: "02.01.2024" }), "2024-01-02");
  equal(value("", { ...german, type: "boolean", default: "false" }), "false");
  equal(value("x", { ...german, type: "numeric", map: { x: "1.234" } }), "1.234");
  equal(value("1.234", { ...german, type: "numeric", default: "0" }), "1234");
});

Deno.test("concat joins the values that exist; constants know the run and the row", () => {
  const columns = {
    name: rule({ from: ["First", "Last"], concat: " ", required: true }),
    by: rule({ value: "${run.user} in ${run.id}, row ${row.number}" }),
    user: rule({ value: "${run.user}" }),
  };
  const pipeline = compile({ columns }, ["First", "Last"], [
    column("name"),
    column("by"),
    column("user"),
  ]);
  deepEqual(process(pipeline, "Ada, Lovelace \n,Grace\n,\n", 2), [
    "Ada Lovelace\tada in 12, row 1\tada",
    "Grace\tada in 12, row 2\tada",
    [{ code: "required", message: "The name field is required.", column: "name", value: " " }],
  ]);
});
