/** The byte path and the text path give the same result. */
import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import type { ColumnRule } from "../../src/importer/definition.ts";
import type { TableColumn } from "../../src/load/catalog/table.ts";
import { column, value } from "./rows.ts";

interface Kind {
  readonly rules: Partial<ColumnRule>;
  readonly target?: TableColumn;
  readonly nullValues?: readonly string[];
  /** Values that are nearly right; fields are made of them and of the pieces below. */
  readonly near: readonly string[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  "text": { rules: {}, near: ["abc", "NULL", "\\N", "\\.", "null"], nullValues: ["NULL"] },
  "text as it is": { rules: { trim: false }, near: ["a", "NULL"], nullValues: ["", " ", "NULL"] },
  "text with blanks for null": { rules: {}, near: ["a", " "], nullValues: [" "] },
  "varchar(3)": {
    rules: { max_length: 4 },
    target: column("x", "varchar", { maxLength: 3 }),
    near: ["abc", "abcd", "éé", "😀😀😀"],
  },
  "words": { rules: { one_of: ["free", "pro", "é"], default: "free" }, near: ["free", "pro"] },
  "enum": { rules: {}, target: column("x", "m", { enumLabels: ["sad", "ok"] }), near: ["sad"] },
  "inet": { rules: { required: true }, target: column("x", "inet"), near: ["127.0.0.1"] },
  "integer": {
    rules: { min: -20, max: 150 },
    target: column("x", "int2"),
    near: ["0", "7", "-20", "150", "151", "32767", "007", "+1", "-0", "99999999999999999999"],
  },
  "bigint": {
    rules: {},
    target: column("x", "int8"),
    near: ["999999999999999", "1000000000000000", "9223372036854775808", "1.000", "1,000"],
  },
  "integer in numeric": {
    rules: { type: "integer" },
    target: column("x", "numeric", { precision: 4, scale: 1 }),
    near: ["999", "998", "1000", "-999"],
  },
  "numeric(4,1)": {
    rules: { min: -5.5 },
    target: column("x", "numeric", { precision: 4, scale: 1 }),
    near: ["999.9", "999.94", "999.95", "-5.5", "-5.6", "-5", "0.0", "-0.0", ".5", "5.", "1e2"],
  },
  "numeric": {
    rules: { thousands: "," },
    target: column("x", "numeric"),
    near: ["1,234.5", "1.5"],
  },
  "decimal comma": {
    rules: { type: "numeric", decimal: ",", thousands: "." },
    near: ["1.234,5", "1.234", "1.5", "12"],
  },
  "real": { rules: {}, target: column("x", "float4"), near: ["1.5", "1e39", "nan", "-Inf", "-0"] },
  "boolean": { rules: {}, target: column("x", "bool"), near: ["yes", "T", "0", "FALSE", "of"] },
  "boolean words": { rules: { type: "boolean", true: ["ja"], false: ["né"] }, near: ["JA", "né"] },
  "boolean in varchar(4)": {
    rules: { type: "boolean" },
    target: column("x", "varchar", { maxLength: 4 }),
    near: ["no", "yes", "false", "t"],
  },
  "date": {
    rules: {},
    target: column("x", "date"),
    near: [
      "2024-02-29",
      "2023-02-29",
      "0000-01-01",
      "2024-12-31",
      "2024-04-31",
      "2024-01-02 00:00",
    ],
  },
  "date formats": {
    rules: { type: "date", format: ["yyyy-MM-dd", "dd.MM.yyyy"] },
    near: ["2024-02-29", "29.02.2024", "2024-02-29 00:00:00"],
  },
  "other date format first": {
    rules: { type: "date", format: ["yyyy-dd-MM", "yyyy-MM-dd"] },
    near: ["2024-02-03", "2024-20-03", "2024-03-20"],
  },
  "timestamp": {
    rules: {},
    target: column("x", "timestamp"),
    near: [
      "2024-02-29 12:30:00",
      "2024-02-29T23:59:59",
      "2024-02-29T24:00:00",
      "2024-02-29t12:00:00",
      "2016-12-31T23:59:60",
    ],
  },
  "date in timestamp": {
    rules: { type: "date" },
    target: column("x", "timestamp"),
    near: ["2024-02-29", "2024-02-30"],
  },
  "uuid": {
    rules: {},
    target: column("x", "uuid"),
    near: ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"],
  },
  "email": {
    rules: { type: "email" },
    target: column("x", "varchar", { maxLength: 12 }),
    near: ["a@b.co", "ada@example.com", "é@b.co", "a@é.co", "a.@b.co", "a@b.c"],
  },
};

const NOISE = [
  ..." \t\n\v\f\r\u00a0\ufeff\u2028\u3000\u001f",
  ...'"\\,;|-+.:eTZ0123456789aN',
  "é",
  "ß",
  "😀",
  "\u0301",
];

/** An empty suffix leaves the value as it was, but sends it down the text path. */
const BY_TEXT: Partial<ColumnRule> = { transform: [{ op: "suffix", text: "" }] };

for (const [name, { rules, target, nullValues, near }] of Object.entries(KINDS)) {
  Deno.test(`${name}: the byte path and the text path agree on every field`, () => {
    const piece = fc.oneof(
      { arbitrary: fc.constantFrom(...near), weight: 3 },
      { arbitrary: fc.constantFrom(...NOISE), weight: 4 },
      { arbitrary: fc.constant(""), weight: 1 },
    );
    const field = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));
    let good = 0;
    fc.assert(
      fc.property(field, (text) => {
        const bytes = value(text, rules, target, nullValues);
        if (typeof bytes === "string") good++;
        deepEqual(bytes, value(text, { ...rules, ...BY_TEXT }, target, nullValues));
      }),
      { numRuns: 400, seed: 1 },
    );
    for (const text of near) {
      deepEqual(
        value(text, rules, target, nullValues),
        value(text, { ...rules, ...BY_TEXT }, target, nullValues),
      );
    }
    ok(good > 10, `only ${good} of the values passed`);
  });
}
