/**
 * Every setting of a column rule is either passed on to the kernel or keeps the column off the byte
 * path. Each key and each transform of the definition's schema is tried with every kind of column.
 * A new one fails here until this file says how to try it.
 */
import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  type ColumnRule,
  PLAIN_TRANSFORMS,
  type Transform,
} from "../../src/importer/definition.ts";
import { knownKeys } from "../../src/importer/schema.ts";
import type { TableColumn } from "../../src/load/catalog/table.ts";
import { DefinitionMismatch } from "../../src/row/mismatch.ts";
import type { RowError } from "../../src/row/outcome.ts";
import { column, compile, process, quoted, rule } from "./rows.ts";

/** A key's setting, and values for which it makes a difference. */
interface Trial {
  readonly rule: Partial<ColumnRule>;
  readonly values: readonly string[];
}

const KEYS: Readonly<Record<string, Trial>> = {
  from: { rule: { from: ["missing", "other"] }, values: ["a"] },
  concat: { rule: { from: ["source", "other"], concat: "-" }, values: ["a", ""] },
  value: { rule: { value: "12" }, values: ["a", "7"] },
  type: { rule: { type: "integer" }, values: ["7", "07", "x"] },
  required: { rule: { required: true }, values: ["", "  ", "a"] },
  trim: { rule: { trim: false }, values: [" a", "7 ", "  "] },
  transform: { rule: { transform: [{ op: "upper" }] }, values: ["a", "A"] },
  map: { rule: { map: { a: "1", b: null } }, values: ["a", "b", "c", "A"] },
  default: { rule: { default: "5" }, values: ["", " ", "7"] },
  empty: { rule: { empty: "null" }, values: ["", " ", "7"] },
  min: { rule: { min: 5 }, values: ["4", "5", "4.9", "-1e3"] },
  max: { rule: { max: 5 }, values: ["5", "6", "5.1", "1e3"] },
  min_length: { rule: { min_length: 2 }, values: ["a", "ab", "é", "😀", "éé"] },
  max_length: { rule: { max_length: 2 }, values: ["ab", "abc", "ééé", "😀😀", "sad"] },
  one_of: { rule: { one_of: ["free", "5", "é"] }, values: ["free", "5", "6", "é", "Free"] },
  pattern: { rule: { pattern: "^[a-z5]+$" }, values: ["abc", "5", "ABC", "7"] },
  format: { rule: { format: ["dd.MM.yyyy"] }, values: ["29.02.2024", "30.02.2024"] },
  decimal: { rule: { decimal: "," }, values: ["1,5", "1.5"] },
  thousands: { rule: { thousands: "." }, values: ["1.234", "1.23", "12"] },
  accept: {
    rule: { accept: ["currency", "parentheses", "trailing_minus", "percent"] },
    values: ["(5)", "$5", "5-", "50%", "500 %"],
  },
  true: { rule: { true: ["ja"] }, values: ["ja", "JA", "yes"] },
  false: { rule: { false: ["né"] }, values: ["né", "NÉ", "no"] },
  on_update: { rule: { on_update: "keep" }, values: ["a", ""] },
  message: { rule: { type: "email", message: "is odd." }, values: ["a@b.co", "a"] },
  when: {
    rule: { when: { column: ["source"], not: ["a", "7"], ignore_case: true } },
    values: ["a", "A", "7", "b", ""],
  },
};

const TRANSFORMS: Readonly<Record<string, { step: Transform; values: readonly string[] }>> = {
  trim: { step: { op: "trim" }, values: [" a "] },
  squish: { step: { op: "squish" }, values: ["a  b", "a \t b"] },
  lower: { step: { op: "lower" }, values: ["ABC", "É", "abc"] },
  upper: { step: { op: "upper" }, values: ["abc", "ß"] },
  title: { step: { op: "title" }, values: ["ada lovelace", "ADA"] },
  slug: { step: { op: "slug" }, values: ["Crème Brûlée!", "a"] },
  digits: { step: { op: "digits" }, values: ["+49 (30) 1", "12"] },
  number: { step: { op: "number" }, values: ["007", "1.50", "x"] },
  date: { step: { op: "date" }, values: ["2024-02-29 00:00:00", "2024-02-30"] },
  boolean: { step: { op: "boolean" }, values: ["yes", "no", "x"] },
  json: { step: { op: "json" }, values: ["{}", "{"] },
  replace: { step: { op: "replace", pattern: "a+", with: "b" }, values: ["aaa", "b"] },
  prefix: { step: { op: "prefix", text: "1" }, values: ["a", "2"] },
  suffix: { step: { op: "suffix", text: "1" }, values: ["a", "2"] },
  split: { step: { op: "split", by: "-", index: 1 }, values: ["a-1", "a"] },
  default: { step: { op: "default", value: "1" }, values: ["", "2"] },
  map: { step: { op: "map", values: { a: "1" } }, values: ["a", "b"] },
  concat: { step: { op: "concat", by: "-" }, values: ["a"] },
};

/** One for each property of a table's column that the kernel knows, and some that it doesn't. */
const COLUMNS: Readonly<Record<string, { target: TableColumn; values: readonly string[] }>> = {
  "text": { target: column("x"), values: ["abc", "é", "a\tb", "\\N"] },
  "varchar(4)": {
    target: column("x", "varchar", { maxLength: 4 }),
    values: ["abcd", "abcde", "éééé", "ab    "],
  },
  "not null": { target: column("x", "text", { notNull: true }), values: ["abc", "", "NULL"] },
  "not null default": {
    target: column("x", "text", { notNull: true, hasDefault: true, defaultExpression: "'d'" }),
    values: ["abc", "", "NULL"],
  },
  "enum": { target: column("x", "m", { enumLabels: ["sad", "ok"] }), values: ["sad", "so"] },
  "int2": { target: column("x", "int2"), values: ["0", "-7", "32767", "32768", "007"] },
  "int8": { target: column("x", "int8"), values: ["999999999999999", "9223372036854775808"] },
  "numeric(4,1)": {
    target: column("x", "numeric", { precision: 4, scale: 1 }),
    values: ["99.9", "999.94", "999.95", "1000", ".5"],
  },
  "numeric": { target: column("x", "numeric"), values: ["1.5", "-0.0", "1e3"] },
  "float8": { target: column("x", "float8"), values: ["1.5", "nan", "1e400"] },
  "bool": { target: column("x", "bool"), values: ["yes", "T", "0", "maybe"] },
  "date": { target: column("x", "date"), values: ["2024-02-29", "2023-02-29", "29.02.2024"] },
  "time": { target: column("x", "time"), values: ["12:30:00", "24:30:00"] },
  "timestamp": {
    target: column("x", "timestamp"),
    values: ["2024-02-29 12:30:00", "2024-02-29T12:30:00", "2024-02-30 12:30:00"],
  },
  "timestamptz": { target: column("x", "timestamptz"), values: ["2024-02-29 12:30:00+02"] },
  "uuid": { target: column("x", "uuid"), values: ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0"] },
  "jsonb": { target: column("x", "jsonb"), values: ["{}", "{"] },
  "inet": { target: column("x", "inet"), values: ["127.0.0.1"] },
};

const NOISE = [..." \t\u00a0\"'.,-+:0159aZé😀", "NULL", ""];

/** The values' outcomes, the same by both paths; null if the rule doesn't fit the column. */
function outcomes(
  target: TableColumn,
  settings: Partial<ColumnRule>,
  values: readonly string[],
): readonly (string | readonly RowError[])[] | null {
  const columns = {
    [target.name]: rule({ from: ["source"], ...settings }),
    other: rule({ from: ["other"] }),
  };
  try {
    const pipeline = compile(
      { columns, null_values: ["", "NULL"] },
      ["source", "other"],
      [target, column("other")],
    );
    // `process` compares the two.
    return process(pipeline, values.map((value) => `${quoted(value)},o\n`).join(""), 2);
  } catch (error) {
    if (error instanceof DefinitionMismatch) return null;
    throw error;
  }
}

/** Tries a setting with each kind of column, also on generated values. `beside`: other settings. */
function tryEverywhere(
  setting: Partial<ColumnRule>,
  values: readonly string[],
  beside: Partial<ColumnRule> = {},
): void {
  const settings = { ...beside, ...setting };
  let differs = false;
  for (const { target, values: ofColumn } of Object.values(COLUMNS)) {
    const near = [...values, ...ofColumn];
    const became = outcomes(target, settings, near);
    if (became === null) continue;
    const plain = outcomes(target, beside, near);
    differs ||= plain !== null && JSON.stringify(became) !== JSON.stringify(plain);
    fc.assert(
      fc.property(fc.array(field(near), { minLength: 1, maxLength: 30 }), (generated) => {
        outcomes(target, settings, generated);
      }),
      { numRuns: 12, seed: 1 },
    );
  }
  ok(differs, "the setting makes no difference to any value: nothing was tried");
}

function field(near: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(fc.constantFrom(...near), fc.constantFrom(...NOISE));
  return fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(""));
}

Deno.test("every key of a column rule, and every transform, has a trial here", () => {
  // What is looked up has no byte form: only the batch's own writer knows what to write.
  const keys = knownKeys(["columns", "x"]).filter((key) => key !== "lookup");
  deepEqual(Object.keys(KEYS).sort(), keys.sort());
  const transforms = [...PLAIN_TRANSFORMS, ...knownKeys(["columns", "x", "transform", 0])];
  deepEqual(Object.keys(TRANSFORMS).sort(), transforms.sort());
});

for (const [key, { rule, values }] of Object.entries(KEYS)) {
  Deno.test(`\`${key}\` means the same to the kernel and to the text path`, () => {
    tryEverywhere(rule, values);
  });
}

for (const [name, { step, values }] of Object.entries(TRANSFORMS)) {
  Deno.test(`the transform \`${name}\` means the same to the kernel and to the text path`, () => {
    const from = step.op === "concat" ? ["source", "other"] : ["source"];
    tryEverywhere({ from, transform: [step] }, values, { trim: step.op !== "trim" });
  });
}

Deno.test("keys mean the same to the kernel and to the text path in any combination", () => {
  const trials = Object.values(KEYS);
  let tried = 0;
  fc.assert(
    fc.property(
      fc.subarray(trials, { minLength: 2, maxLength: 4 }),
      fc.constantFrom(...Object.values(COLUMNS)),
      fc.infiniteStream(fc.nat()),
      (chosen, { target, values }, numbers) => {
        const near = [...values, ...chosen.flatMap((trial) => trial.values)];
        const noisy = near.map((value) => value + NOISE[numbers.next().value % NOISE.length]);
        const settings = Object.assign({}, ...chosen.map((trial) => trial.rule));
        if (outcomes(target, settings, [...near, ...noisy]) !== null) tried++;
      },
    ),
    { numRuns: 1500, seed: 1 },
  );
  ok(tried > 300, `only ${tried} combinations could be tried`);
});
