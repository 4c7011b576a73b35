/** Random columns with random rules, and texts that they may or may not take. */
import fc from "fast-check";
import type { Condition, Test } from "../../src/importer/condition/condition.ts";
import {
  type ColumnRule,
  type NumberNotation,
  type Transform,
} from "../../src/importer/definition.ts";
import type { TableColumn } from "../../src/load/catalog/table.ts";
import { column, rule } from "../row/rows.ts";

/** The fields of each file. */
export const HEADER = ["a", "b", "c"] as const;

export interface RandomColumn {
  readonly target: TableColumn;
  readonly rule: ColumnRule;
}

export interface RandomDefinition {
  readonly columns: readonly RandomColumn[];
  readonly null_values: readonly string[];
  readonly unquoted_nulls: readonly string[];
}

/** Texts that the steps and types below care about. */
const TEXTS = [
  ..."aAbZ019äÖßéΣσςİıñ中ŉǆ😀\u0301\u00a0\u2009\ufeff \t.,;:-+/()'’\"\\@%$€#_|",
  "  ",
  " \n",
  "\\N",
  "NULL",
  "null",
  "Ja",
  "NEIN",
  "true",
  "f",
  "Straße",
  "müller-LÜDENSCHEIDT",
  "O'NEILL’s",
  "1.234,56",
  "1,234.56",
  "-0.0",
  "007",
  "1e3",
  "(12)",
  "32767",
  "32768",
  "2147483648",
  "999999999999999",
  "2024-02-29",
  "2023-02-29",
  "29.02.2024",
  "1.3.24",
  "2024-02-29 12:30:00",
  "2024-02-29 00:00:00",
  "0012.50",
  "+5.",
  "2024-02-29T23:59:60",
  "12:30",
  "2024-02-29 12:30:00.5+02:00",
  "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
  "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
  "Ada@Example.ORG",
  "a.b+c@d-e.co",
  "+49 171/1234567",
  "https://example.org/a?b=c",
  '{"a": [1, "x"]}',
  "{}",
  "free",
  "Pro",
] as const;

const PATTERNS = [
  "^[a-z5]+$",
  "^\\+[0-9]{6,15}$",
  "ä|ß|\\s",
  "^\\p{Lu}\\p{Ll}*$",
  "\\bmüller\\b",
  "^(?:a|b)*c?$",
  "(?i:NULL|é)",
  "^.{2,4}$",
  "^(?!0)\\d+$",
  "[^\\w.@-]",
  "^(a+)+$",
] as const;

const REPLACED = [
  ...PATTERNS,
  "[^0-9+]",
  "\\s+",
  "a",
  "^0",
  "a*",
  "(?:aa|a)",
  "a|aa",
  "\\D",
  "[ä-ü]",
  "$",
  "(\\d)(\\d)",
  "\\.+?",
] as const;

const WITH = ["", "-", "é", "$$", "$1", "ab", " ", "$&"] as const;

const TRANSFORMS: fc.Arbitrary<Transform> = fc.oneof(
  fc.constantFrom<Transform>(
    { op: "trim" },
    { op: "squish" },
    { op: "lower" },
    { op: "upper" },
    { op: "title" },
    { op: "slug" },
    { op: "digits" },
    { op: "number" },
    { op: "number" },
    { op: "date" },
    { op: "date" },
    { op: "boolean" },
    { op: "json" },
    { op: "map", values: { a: "1", "": "x", ja: null, Ja: "true", "äö": "b" } },
  ),
  fc.record({
    op: fc.constant("prefix" as const),
    text: fc.constantFrom("", "1", "ß", " ", "a\t"),
  }),
  fc.record({
    op: fc.constant("suffix" as const),
    text: fc.constantFrom("", "0", "é", " ", ".00"),
  }),
  fc.record({
    op: fc.constant("split" as const),
    by: fc.constantFrom("", "-", ".", "aa", "ä", "@", " "),
    index: fc.integer({ min: -3, max: 3 }),
  }),
  fc.record({ op: fc.constant("default" as const), value: fc.constantFrom("", "5", "n/a", "é") }),
  fc.record({
    op: fc.constant("replace" as const),
    pattern: fc.constantFrom(...REPLACED),
    with: fc.constantFrom(...WITH),
  }),
);

const TARGETS: readonly TableColumn[] = [
  column("x"),
  column("x"),
  column("x", "varchar", { maxLength: 4 }),
  column("x", "bpchar", { maxLength: 3 }),
  column("x", "text", { notNull: true }),
  column("x", "text", { notNull: true, hasDefault: true, defaultExpression: "'d'" }),
  column("x", "m", { enumLabels: ["a", "free", "Ja", "ä"] }),
  column("x", "int2"),
  column("x", "int4"),
  column("x", "int8"),
  column("x", "numeric", { precision: 4, scale: 1 }),
  column("x", "numeric"),
  column("x", "float8"),
  column("x", "float4"),
  column("x", "bool"),
  column("x", "date"),
  column("x", "time"),
  column("x", "timestamp"),
  column("x", "timestamptz"),
  column("x", "uuid"),
  column("x", "jsonb"),
  column("x", "inet"),
  column("x", "citext"),
];

const NOTATIONS: readonly NumberNotation[] = [
  "currency",
  "parentheses",
  "trailing_minus",
  "percent",
];

/** Each key is set in some of the rules. */
const RULE: fc.Arbitrary<Partial<ColumnRule>> = fc.record({
  trim: fc.boolean(),
  transform: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(TRANSFORMS, { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(TRANSFORMS, { minLength: 3, maxLength: 5 }) },
  ),
  type: fc.constantFrom(
    "text" as const,
    "integer" as const,
    "numeric" as const,
    "boolean" as const,
    "date" as const,
    "timestamp" as const,
    "uuid" as const,
    "email" as const,
    "url" as const,
    "json" as const,
  ),
  required: fc.boolean(),
  default: fc.constantFrom("", "5", "a", "2024-02-29", "nothing\tat all"),
  map: fc.constant({ a: "1", ja: "true", Ja: "true", "": "0", NULL: null, "29.02.2024": "x" }),
  min: fc.constantFrom(0, 5, -3.5),
  max: fc.constantFrom(7, 1000, 2_147_483_647),
  min_length: fc.constantFrom(1, 2),
  max_length: fc.constantFrom(2, 4, 10),
  one_of: fc.constantFrom(["a", "5", "ä"], ["free", "Pro", "NULL", "Ja"]),
  pattern: fc.constantFrom(...PATTERNS),
  format: fc.constantFrom(
    ["dd.MM.yyyy"],
    ["d.M.yy", "yyyy-MM-dd"],
    ["dd.MM.yyyy HH:mm:ss", "yyyy-MM-dd HH:mm:ss"],
    ["MM/dd/yyyy hh:mm a"],
    ["HH:mm"],
  ),
  decimal: fc.constantFrom(",", "."),
  thousands: fc.constantFrom(".", ",", " ", "'"),
  accept: fc.subarray([...NOTATIONS]),
  true: fc.constantFrom(["ja"], ["Ja", "é"]),
  false: fc.constantFrom(["nein"], ["no", "né"]),
  message: fc.constant("is odd."),
}, { requiredKeys: [] });

/** Leaves out most keys. */
function thinned(all: Partial<ColumnRule>, kept: readonly number[]): Partial<ColumnRule> {
  const keys = Object.keys(all);
  return Object.fromEntries(
    Object.entries(all).filter(([key], index) =>
      key === "transform" || key === "trim" || kept.includes(index % keys.length)
    ),
  );
}

const COLUMN: fc.Arbitrary<RandomColumn> = fc.tuple(
  fc.constantFrom(...TARGETS),
  RULE,
  fc.array(fc.nat(20), { maxLength: 3 }),
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...HEADER).map((one) => ({ from: [one] })) },
    {
      weight: 1,
      arbitrary: fc.record({
        from: fc.array(fc.constantFrom(...HEADER), { minLength: 2, maxLength: 3 }),
        concat: fc.constantFrom("", "-", ", ", "é"),
      }),
    },
  ),
).map(([target, settings, kept, source]) => ({
  target,
  rule: rule({ ...thinned(settings, kept), ...source }),
}));

const CONDITION: fc.Arbitrary<Condition> = fc.record({
  column: fc.constantFrom(...HEADER).map((name) => [name.toUpperCase()]),
  test: fc.constantFrom<Test>(
    { present: true },
    { present: false },
    { one_of: ["a", "5", "ä"], ignore_case: false },
    { one_of: ["A", "JA", "NULL"], ignore_case: true },
    { not: ["a", "free"], ignore_case: false },
    { matches: "^[a-z5]+$" },
    { matches: "ä|ß|\\s" },
  ),
}).map(({ column, test }) => ({ column, ...test }));

/** Columns that are filled in some rows. */
export const CONDITIONS: fc.Arbitrary<readonly Condition[]> = fc.array(
  fc.oneof(
    CONDITION,
    fc.array(CONDITION, { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(CONDITION, { minLength: 1, maxLength: 2 }).map((none) => ({ none })),
  ),
  { minLength: 3, maxLength: 3 },
);

export const DEFINITION: fc.Arbitrary<RandomDefinition> = fc.record({
  columns: fc.array(COLUMN, { minLength: 1, maxLength: 3 }).map((columns) =>
    columns.map(({ target, rule }, number) => ({
      target: { ...target, name: `x${number}` },
      rule,
    }))
  ),
  null_values: fc.constantFrom([""], [""], [], ["", "NULL", "–"], ["NULL"], ["", " ", "\\N"]),
  unquoted_nulls: fc.constantFrom([], [], [], ["\\N"], [""]),
});

const TEXT = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom(...TEXTS), { maxLength: 4 }).map((texts) => texts.join("")),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 24 }) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(..."aA ä0-.é"), maxLength: 40 }) },
);

const FIELD = fc.tuple(TEXT, fc.nat(3)).map(([text, how]) => {
  const whole = text.toWellFormed();
  const mustQuote = /["\n\r,]/u.test(whole) || whole.includes("\0");
  return how === 0 || mustQuote
    ? `"${whole.replaceAll('"', '""')}"`
    : how === 1
    ? ` ${whole} `
    : whole;
});

const encoder = new TextEncoder();

/** A file's bytes; in some of them, single bytes are another. */
export const FILE: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc.tuple(
  fc.array(fc.tuple(FIELD, FIELD, FIELD), { minLength: 20, maxLength: 40 }),
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    },
  ),
).map(([rows, changes]) => {
  const bytes = encoder.encode(rows.map((fields) => `${fields.join(",")}\n`).join(""));
  for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
  return bytes;
});
