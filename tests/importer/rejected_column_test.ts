import assert from "node:assert/strict";
import { problemsOf } from "./problems_of.ts";

/** Definitions that begin with `table: customers`, so that the rest starts on line 2. */
const BROKEN: readonly (readonly [string, string, ...string[]])[] = [
  [
    "an unknown key of a column",
    "columns:\n  age:\n    from: Age\n    typ: integer",
    '5: columns.age.typ: unknown key; did you mean "type"?',
  ],
  [
    "a key that occurs twice",
    "columns:\n  age: Age\n  name: Name\n  age: Alter",
    "5: columns.age: duplicate key; it is already on line 3",
  ],
  [
    "a type that doesn't exist",
    "columns:\n  age: {from: Age, type: intger}",
    '3: columns.age.type: found "intger", expected one of text, integer, numeric, float, ' +
    'boolean, date, time, timestamp, uuid, email, url, json; did you mean "integer"?',
  ],
  [
    "a column that is a list",
    "columns:\n  age: [Age]",
    "3: columns.age: found a list, expected a source column or a mapping such as " +
    "{from: Age, type: integer}",
  ],
  [
    "a flag in quotes",
    'columns:\n  age: {required: "yes"}',
    '3: columns.age.required: found "yes", expected true or false',
  ],
  [
    "a value that is neither kept nor written",
    "key: id\non_duplicate: update\ncolumns:\n  id: Id\n  age: {on_update: keeps}",
    '6: columns.age.on_update: found "keeps", expected one of write, keep; did you mean "keep"?',
  ],
  [
    "defaults that their columns would refuse",
    "columns:\n  a: {one_of: [x, y], default: z}\n  b: {min: 1, default: -1}\n" +
    "  c: {type: integer, default: none}\n  d: {max_length: 2, default: abc}",
    '3: columns.a.default: "z" is not in `one_of`, so each row without a value would fail',
    '4: columns.b.default: "-1" is less than `min`, which is 1, so each row without a value would fail',
    '5: columns.c.default: "none" is no whole number, so each row without a value would fail',
    '6: columns.d.default: "abc" is longer than `max_length`, so each row without a value would fail',
  ],
  [
    "values to keep where no row is updated",
    "key: id\ncolumns:\n  id: Id\n  age: {on_update: keep}",
    "5: columns.age.on_update: is used only with on_duplicate: update or update_if_newer",
  ],
  [
    "a key to keep",
    "key: Id\non_duplicate: update\ncolumns:\n  id: {from: Id, on_update: keep}",
    '5: columns.id.on_update: "id" is in the key, which no update changes',
  ],
  [
    "values to keep that are never empty",
    "key: id\non_duplicate: update\ncolumns:\n  id: Id\n  a: {on_update: keep, default: 1}\n" +
    "  b: {on_update: keep, required: true}\n" +
    "  c: {on_update: keep, transform: [{default: x}]}",
    "6: columns.a.on_update: keep is for empty values, and with `default` there are none",
    "7: columns.b.on_update: keep is for empty values, and with `required` there are none",
    "8: columns.c.on_update: keep is for empty values, and with the transform `default` there " +
    "are none",
  ],
  [
    "a limit in quotes",
    'columns:\n  age:\n    min: "0"',
    '4: columns.age.min: found "0", expected a number',
  ],
  [
    "limits the wrong way round",
    "columns:\n  age: {min: 5, max: 1}",
    "3: columns.age.min: found 5, expected at most `max`, which is 1",
  ],
  [
    "lengths the wrong way round",
    "columns:\n  age: {min_length: 5, max_length: 1}",
    "3: columns.age.min_length: found 5, expected at most `max_length`, which is 1",
  ],
  [
    "a negative length",
    "columns:\n  age: {min_length: -1}",
    "3: columns.age.min_length: found -1, expected a whole number, 0 or more",
  ],
  [
    "limits for a text",
    "columns:\n  name: {type: string, min: 5}",
    "3: columns.name.min: applies only to integer, numeric and float, but the type here is text",
  ],
  [
    "a format for a number",
    "columns:\n  age: {type: int, format: dd.MM.yyyy}",
    "3: columns.age.format: applies only to date, time and timestamp, but the type here is " +
    "integer",
  ],
  [
    "a default of the table's beside one of the definition's",
    "columns:\n  plan: {empty: default, default: free}",
    "3: columns.plan.empty: is the table's DEFAULT, and `default` is another one: leave out one " +
    "of them",
  ],
  [
    "a required value that is filled in",
    "columns:\n  plan: {empty: default, required: true}",
    "3: columns.plan.empty: fills in what is missing, and `required` refuses it: leave out one " +
    "of them",
  ],
  [
    "two meanings of a percent sign",
    "columns:\n  rate: {accept: [percent, percent_points]}",
    "3: columns.rate.accept: says both that 12% is 0.12 (`percent`) and that it is 12 " +
    "(`percent_points`)",
  ],
  [
    "an unknown notation",
    "columns:\n  rate: {accept: [curency]}",
    '3: columns.rate.accept[0]: found "curency", expected one of currency, parentheses, ' +
    'trailing_minus, percent, percent_points; did you mean "currency"?',
  ],
  [
    "words for a number",
    "columns:\n  age: {type: int, true: [yes], false: [no]}",
    "3: columns.age.true: applies only to boolean, but the type here is integer",
    "3: columns.age.false: applies only to boolean, but the type here is integer",
  ],
  [
    "a word that is both true and false",
    "columns:\n  active: {true: [yes, x], false: [no, X]}",
    '3: columns.active.false: "X" is already in `true`',
  ],
  [
    "a format in another language's notation",
    "columns:\n  day: {type: date, format: YYYY-MM-dd}",
    '3: columns.day.format: found "YYYY" in "YYYY-MM-dd", expected the parts yyyy, yy, MMMM, ' +
    "MMM, MM, M, dd, d, EEEE, EEE, HH, H, hh, h, mm, ss, SSS, SSSSSS, a, Z, z, other letters in " +
    "single quotes, or one of the words unix, unix_ms, unix_us, excel; " +
    'did you mean "yyyy-MM-dd"?',
  ],
  [
    "a pattern that doesn't compile",
    'columns:\n  code:\n    pattern: "[A-"',
    '4: columns.code.pattern: "[A-" is not a valid regular expression: Unterminated character class',
  ],
  [
    "separators that are the same",
    'columns:\n  sum: {thousands: "."}',
    "3: columns.sum.thousands: is also the decimal separator; set `decimal` to another character",
  ],
  [
    "a separator of two characters",
    'columns:\n  sum: {decimal: ",,"}',
    '3: columns.sum.decimal: found ",,", expected one character, such as a comma or a point',
  ],
  [
    "a constant with a source",
    "columns:\n  by: {value: x, from: By}",
    "3: columns.by.from: can't be combined with `value`, which is a constant",
  ],
  [
    "a constant with an unknown variable",
    'columns:\n  by: {value: "${run.uesr}"}',
    "3: columns.by.value: found ${run.uesr}, expected ${run.id}, ${run.user}, ${run.importer}, " +
    "${run.started_at}, ${run.date}, ${row.number}, ${file.name}, ${file.number}, ${file.row}, " +
    '${file.sheet}; did you mean "run.user"?',
  ],
  [
    "a constant with a variable that isn't closed",
    'columns:\n  by: {value: "run ${run.id"}',
    '3: columns.by.value: "run ${run.id" has ${ without }; for the characters themselves, say $${',
  ],
  [
    "only one source to join",
    'columns:\n  name: {from: First, concat: " "}',
    "3: columns.name.concat: needs at least two source columns in `from`",
  ],
  [
    "a transform that doesn't exist",
    "columns:\n  name:\n    transform:\n      - trim\n      - lowr",
    '6: columns.name.transform[1]: found "lowr", expected one of trim, squish, lower, upper, ' +
    'title, slug, digits, number, date, boolean, json; did you mean "lower"?',
  ],
  [
    "a transform with an argument that doesn't exist",
    "columns:\n  name: {transform: [{prefx: a}]}",
    '3: columns.name.transform[0].prefx: unknown key; did you mean "prefix"?',
  ],
  [
    "two transforms in one",
    "columns:\n  name: {transform: [{prefix: a, suffix: b}]}",
    "3: columns.name.transform[0]: found 2 transforms in one mapping, expected a mapping with " +
    "one key, such as {prefix: x}",
  ],
  [
    "half a replacement",
    'columns:\n  name: {transform: [{replace: {pattern: "x"}}]}',
    "3: columns.name.transform[0].replace.with: is missing; expected text",
  ],
  [
    "a replacement whose pattern doesn't compile",
    'columns:\n  name: {transform: [{replace: {pattern: "(", with: ""}}]}',
    '3: columns.name.transform[0].replace.pattern: "(" is not a valid regular expression: ' +
    "Unterminated group",
  ],
  [
    "a split at an empty text",
    'columns:\n  name: {transform: [{split: {by: "", index: 0}}]}',
    '3: columns.name.transform[0].split.by: found "", expected the text to split at',
  ],
  [
    "a concat step without sources",
    "columns:\n  name: {transform: [lower, {concat: x}]}",
    "3: columns.name.transform[1].concat: needs at least two source columns in `from`",
  ],
  [
    "nothing for a column",
    "columns:\n  age:",
    "3: columns.age: found nothing, expected a source " +
    "column or a mapping such as {from: Age, type: integer}",
  ],
  ["a prototype", "columns:\n  __proto__: x\n  a: b", "3: columns.__proto__: can't be a key"],
];

for (const [what, rest, ...expected] of BROKEN) {
  Deno.test(`a definition with ${what} is refused with its line`, () => {
    assert.deepEqual(problemsOf(`table: customers\n${rest}\n`), expected);
  });
}
