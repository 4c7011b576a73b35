/**
 * The shape of a definition file. Each schema's `error` is the phrase that a problem puts after
 * "expected". Whether the values fit together is checked in check_*.ts.
 */
import { z } from "zod";
import {
  IDENTITY,
  NUMBER_NOTATIONS,
  ON_DUPLICATE,
  ON_MISSING,
  ON_UPDATE,
  PLAIN_TRANSFORMS,
  SEQUENCES,
  SOURCE_FORMATS,
  VALUE_TYPES,
} from "./definition.ts";
import type { Path } from "./problem.ts";

/** Numbers and booleans are taken as written, because YAML needs no quotes for text. */
const text = z.union([z.string(), z.number(), z.boolean()], { error: "text" });
const textOrNull = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: "text or null",
});
const flag = z.boolean({ error: "true or false" });
const number = z.number({ error: "a number" });

function wholeNumber(min: number) {
  const error = `a whole number, ${min} or more`;
  return z.int({ error }).min(min, { error });
}

function texts(error: string) {
  return z.array(text, { error }).min(1, { error });
}

/** Takes `one` or `[one, another]`. */
function oneOrMore(error: string) {
  return z.union([text, texts(error)], { error });
}

function choice<const Words extends readonly string[]>(words: Words, canonical?: string[]) {
  return z.enum(words, { error: `one of ${(canonical ?? words).join(", ")}` });
}

function mapping<Shape extends z.core.$ZodLooseShape>(shape: Shape, error: string) {
  return z.strictObject(shape, { error });
}

/** Names that Postgres and other programs use for the same types. */
export const TYPE_SYNONYMS = {
  string: "text",
  int: "integer",
  bigint: "integer",
  smallint: "integer",
  decimal: "numeric",
  number: "numeric",
  double: "float",
  real: "float",
  bool: "boolean",
  datetime: "timestamp",
  timestamptz: "timestamp",
} as const;

const SYNONYMS = Object.keys(TYPE_SYNONYMS) as (keyof typeof TYPE_SYNONYMS)[];

const A_TRANSFORM = "a transform's name or a mapping such as {prefix: x}";
const textMap = z.record(z.string(), textOrNull, { error: "a mapping from text to text" });

const replaceSchema = mapping(
  { pattern: z.string({ error: "a regular expression" }), with: text },
  "a mapping {pattern, with}",
);
/** `index` counts from 0; -1 is the last part. */
const splitSchema = mapping(
  { by: text, index: z.int({ error: "a whole number" }) },
  "a mapping {by, index}",
);
const transformMapping = mapping({
  replace: replaceSchema.optional(),
  prefix: text.optional(),
  suffix: text.optional(),
  split: splitSchema.optional(),
  default: text.optional(),
  map: textMap.optional(),
  concat: text.optional(),
}, A_TRANSFORM);
const transformSchema = z.union([choice(PLAIN_TRANSFORMS), transformMapping], {
  error: A_TRANSFORM,
});

const columnSchema = mapping({
  from: oneOrMore("a source column or a list of them").optional(),
  concat: text.optional(),
  value: text.optional(),
  type: choice([...VALUE_TYPES, ...SYNONYMS], [...VALUE_TYPES]).optional(),
  required: flag.optional(),
  trim: flag.optional(),
  transform: z.array(transformSchema, { error: "a list of transforms" }).optional(),
  map: textMap.optional(),
  default: textOrNull.optional(),
  empty: z.union([choice(["null", "default"]), z.null()], { error: "null or default" }).optional(),
  min: number.optional(),
  max: number.optional(),
  min_length: wholeNumber(0).optional(),
  max_length: wholeNumber(0).optional(),
  one_of: texts("a list of text values").optional(),
  pattern: z.string({ error: "a regular expression" }).optional(),
  format: oneOrMore("a format such as yyyy-MM-dd or a list of them").optional(),
  decimal: text.optional(),
  thousands: text.optional(),
  accept: z.union([choice(NUMBER_NOTATIONS), z.array(choice(NUMBER_NOTATIONS)).min(1)], {
    error: `one or several of ${NUMBER_NOTATIONS.join(", ")}`,
  }).optional(),
  true: oneOrMore("a word or a list of words").optional(),
  false: oneOrMore("a word or a list of words").optional(),
  on_update: choice(ON_UPDATE).optional(),
  message: z.string({ error: "text" }).min(1, { error: "text" }).optional(),
}, "a mapping");

const nullWords = z.array(textOrNull, { error: "a list of text values" });
const nullsMapping = mapping(
  { unquoted: nullWords, any: nullWords.optional() },
  "a mapping {unquoted: list, any: list}",
);

const sourceSchema = mapping({
  type: choice(["upload", "file"]).optional(),
  path: z.string({ error: "a file's path" }).min(1, { error: "a file's path" }).optional(),
  override: flag.optional(),
  format: choice(SOURCE_FORMATS).optional(),
  delimiter: z.string({ error: "auto, tab, or what separates values" }).optional(),
  escape: z.string({ error: "one character, such as a backslash" }).optional(),
  quote: z.string({ error: "auto, none or one character" }).optional(),
  // A number, because YAML needs no quotes for code page 1252.
  encoding: z.union([z.string(), z.int()], { error: "auto or an encoding such as utf-8" })
    .optional(),
  header: z.union([z.literal(true), texts("true or a list of names")], {
    error: "true or a list of names",
  }).optional(),
  skip_lines: wholeNumber(0).optional(),
  skip_after_header: wholeNumber(0).optional(),
  skip_footer: wholeNumber(0).optional(),
  skip_rows: oneOrMore("a regular expression or a list of them").optional(),
  skip_empty_rows: flag.optional(),
  short_rows: choice(["fail", "fill"]).optional(),
  comment: z.string({ error: 'the text with which comments begin, such as "#"' }).optional(),
  null_values: z.union([nullWords, nullsMapping], {
    error: "a list of text values, or a mapping {unquoted: list, any: list}",
  }).optional(),
}, "a mapping such as {type: file, path: data.csv}");

const optionsSchema = mapping({
  batch_rows: wholeNumber(1).optional(),
  batch_bytes: z.union([z.string(), z.number()], { error: "a size such as 1MB" }).optional(),
  transaction: choice(["batch"]).optional(),
  log_rows: choice(["failed", "all", "none"]).optional(),
  strict_headers: flag.optional(),
  unmapped: choice(["ignore", "fail", "auto"]).optional(),
  max_errors: z.union([z.string(), z.number(), z.null()], {
    error: 'a number of rows, a percentage such as "10%", or null',
  }).optional(),
  sequences: choice(SEQUENCES).optional(),
}, "a mapping");

const COLUMN = "a source column or a mapping such as {from: Age, type: integer}";

const A_KEY = "a column or a list of columns";

const keySchema = mapping({
  columns: oneOrMore(A_KEY),
  where: z.string({ error: "a condition such as deleted_at is null" }),
}, "a mapping {columns, where}");

const compareSchema = mapping({ source: text, target: text }, "a mapping {source, target}");

/** `table` is required, but that is checked separately, so that the rest is checked without it. */
export const definitionSchema = mapping({
  slug: text.optional(),
  table: z.string({ error: "a table such as customers or public.customers" }).optional(),
  time_zone: z.string({ error: "a time zone such as Europe/Berlin or UTC" }).optional(),
  description: z.string({ error: "text" }).nullish(),
  source: sourceSchema.optional(),
  key: z.union([text, texts(A_KEY), keySchema], { error: A_KEY }).optional(),
  on_duplicate: choice(ON_DUPLICATE).optional(),
  on_missing: choice(ON_MISSING).optional(),
  compare: compareSchema.optional(),
  identity: choice(IDENTITY).optional(),
  columns: z.record(z.string(), z.union([text, columnSchema], { error: COLUMN }), {
    error: "a mapping from target columns to source columns",
  }).optional(),
  options: optionsSchema.optional(),
}, "a mapping with the key `table`");

export type ParsedDefinition = z.output<typeof definitionSchema>;
export type ParsedColumn = z.output<typeof columnSchema>;
export type ParsedTransform = z.output<typeof transformSchema>;
export type Text = z.output<typeof text>;

/** The keys that are allowed at this place, for "did you mean". */
export function knownKeys(path: Path): readonly string[] {
  const last = path.at(-1);
  const schema = path.length === 0
    ? definitionSchema
    : path[0] === "source" && last === "null_values"
    ? nullsMapping
    : path[0] === "source"
    ? sourceSchema
    : path[0] === "options"
    ? optionsSchema
    : path[0] === "compare"
    ? compareSchema
    : path[0] === "key"
    ? keySchema
    : path.length === 2
    ? columnSchema
    : typeof last === "number"
    ? transformMapping
    : last === "replace"
    ? replaceSchema
    : splitSchema;
  return Object.keys(schema.shape);
}
