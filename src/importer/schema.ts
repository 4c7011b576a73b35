/**
 * The shape of a definition file. Each schema's `error` is the phrase that a problem puts after
 * "expected". Whether the values fit together is checked in check_*.ts.
 */
import * as z from "zod/mini";
import {
  IDENTITY,
  IF_RUNNING,
  NUMBER_NOTATIONS,
  ON_DUPLICATE,
  ON_MISSING,
  ON_UPDATE,
  PLAIN_TRANSFORMS,
  REMOTE_SCHEMES,
  type RemoteType,
  SEQUENCES,
  SOURCE_FORMATS,
  UNDO,
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
  return z.int({ error }).check(z.minimum(min, { error }));
}

function texts(error: string) {
  return z.array(text, { error }).check(z.minLength(1, { error }));
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

export const REMOTE_TYPES = Object.keys(REMOTE_SCHEMES) as RemoteType[];

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
  replace: z.optional(replaceSchema),
  prefix: z.optional(text),
  suffix: z.optional(text),
  split: z.optional(splitSchema),
  default: z.optional(text),
  map: z.optional(textMap),
  concat: z.optional(text),
}, A_TRANSFORM);
const transformSchema = z.union([choice(PLAIN_TRANSFORMS), transformMapping], {
  error: A_TRANSFORM,
});

const columnSchema = mapping({
  from: z.optional(oneOrMore("a source column or a list of them")),
  concat: z.optional(text),
  value: z.optional(text),
  type: z.optional(choice([...VALUE_TYPES, ...SYNONYMS], [...VALUE_TYPES])),
  required: z.optional(flag),
  trim: z.optional(flag),
  transform: z.optional(z.array(transformSchema, { error: "a list of transforms" })),
  map: z.optional(textMap),
  default: z.optional(textOrNull),
  empty: z.optional(z.union([choice(["null", "default"]), z.null()], { error: "null or default" })),
  min: z.optional(number),
  max: z.optional(number),
  min_length: z.optional(wholeNumber(0)),
  max_length: z.optional(wholeNumber(0)),
  one_of: z.optional(texts("a list of text values")),
  pattern: z.optional(z.string({ error: "a regular expression" })),
  format: z.optional(oneOrMore("a format such as yyyy-MM-dd or a list of them")),
  decimal: z.optional(text),
  thousands: z.optional(text),
  accept: z.optional(
    z.union([choice(NUMBER_NOTATIONS), z.array(choice(NUMBER_NOTATIONS)).check(z.minLength(1))], {
      error: `one or several of ${NUMBER_NOTATIONS.join(", ")}`,
    }),
  ),
  true: z.optional(oneOrMore("a word or a list of words")),
  false: z.optional(oneOrMore("a word or a list of words")),
  on_update: z.optional(choice(ON_UPDATE)),
  message: z.optional(z.string({ error: "text" }).check(z.minLength(1, { error: "text" }))),
}, "a mapping");

const nullWords = z.array(textOrNull, { error: "a list of text values" });
const nullsMapping = mapping(
  { unquoted: nullWords, any: z.optional(nullWords) },
  "a mapping {unquoted: list, any: list}",
);

const A_FILE_NAME = "what files are called, with parts in braces, such as orders-{region}.csv";
const A_MEMBER = "the name of a file in a zip archive, or a pattern such as *.csv";

const AN_ADDRESS = "the address of a file, such as https://example.com/orders.csv";
export const A_POSITION = "characters such as 1-20, counted from 1, or 39- for the rest";
const A_WIDTH = "a number of characters, 1 or more";

const SOME_RECORDS = "an array's place such as data.items, or a table of a dump";

const A_FOLDER = "a folder's path";
const A_MARKER = "what the file beside a complete one is called, such as *.ok";
/** One `*`, which stands for the file's name, and something before or after it. */
const MARKER = /^(?:[^*/\\]+\*[^*/\\]*|\*[^*/\\]+)$/u;
export const A_PAUSE = "a time such as 10s or 5m";

export const AN_INTERVAL = "a time such as 15m or 1d";

const sourceSchema = mapping({
  type: z.optional(choice(["upload", "file", "folder", ...REMOTE_TYPES])),
  path: z.optional(
    z.string({ error: "a file's path" }).check(z.minLength(1, { error: "a file's path" })),
  ),
  url: z.optional(z.string({ error: AN_ADDRESS }).check(z.minLength(1, { error: AN_ADDRESS }))),
  key: z.optional(z.string({ error: "the path of a private key" })),
  headers: z.optional(z.record(z.string(), text, { error: "a mapping from headers to text" })),
  env: z.optional(z.array(z.string(), { error: "a list of names of environment variables" })),
  max_download: z.optional(z.union([z.string(), z.number()], { error: "a size such as 20GB" })),
  override: z.optional(flag),
  done: z.optional(z.string({ error: A_FOLDER }).check(z.minLength(1, { error: A_FOLDER }))),
  failed: z.optional(z.string({ error: A_FOLDER }).check(z.minLength(1, { error: A_FOLDER }))),
  ready: z.optional(z.string({ error: A_MARKER }).check(z.regex(MARKER, { error: A_MARKER }))),
  settle: z.optional(z.string({ error: A_PAUSE })),
  every: z.optional(z.string({ error: AN_INTERVAL })),
  cron: z.optional(z.string({ error: "a cron line such as 0 6 * * 1-5" })),
  time_zone: z.optional(z.string({ error: "a time zone such as Europe/Berlin or UTC" })),
  if_running: z.optional(choice(IF_RUNNING)),
  file_name: z.optional(
    z.string({ error: A_FILE_NAME }).check(z.regex(/\{[A-Za-z_]\w*\}/u, { error: A_FILE_NAME })),
  ),
  format: z.optional(choice(SOURCE_FORMATS)),
  widths: z.optional(
    z.record(z.string(), z.int({ error: A_WIDTH }).check(z.minimum(1, { error: A_WIDTH })), {
      error: "a mapping from columns to widths, such as {Name: 20, City: 15}",
    }),
  ),
  positions: z.optional(
    z.record(z.string(), z.union([z.string(), z.int()], { error: A_POSITION }), {
      error: "a mapping from columns to positions, such as {Name: 1-20, City: 24-38}",
    }),
  ),
  records: z.optional(
    z.string({ error: SOME_RECORDS }).check(z.minLength(1, { error: SOME_RECORDS })),
  ),
  member: z.optional(z.string({ error: A_MEMBER }).check(z.minLength(1, { error: A_MEMBER }))),
  max_unpacked: z.optional(z.union([z.string(), z.number()], { error: "a size such as 20GB" })),
  delimiter: z.optional(z.string({ error: "auto, tab, or what separates values" })),
  escape: z.optional(z.string({ error: "one character, such as a backslash" })),
  quote: z.optional(z.string({ error: "auto, none or one character" })),
  // A number, because YAML needs no quotes for code page 1252.
  encoding: z.optional(
    z.union([z.string(), z.int()], { error: "auto or an encoding such as utf-8" }),
  ),
  header: z.optional(z.union([z.literal(true), texts("true or a list of names")], {
    error: "true or a list of names",
  })),
  sheet: z.optional(
    z.union([z.string().check(z.minLength(1)), z.int().check(z.minimum(1))], {
      error: "a sheet's name or its number, from 1",
    }),
  ),
  skip_lines: z.optional(wholeNumber(0)),
  skip_after_header: z.optional(wholeNumber(0)),
  skip_footer: z.optional(wholeNumber(0)),
  skip_rows: z.optional(oneOrMore("a regular expression or a list of them")),
  skip_empty_rows: z.optional(flag),
  short_rows: z.optional(choice(["fail", "fill"])),
  comment: z.optional(z.string({ error: 'the text with which comments begin, such as "#"' })),
  null_values: z.optional(z.union([nullWords, nullsMapping], {
    error: "a list of text values, or a mapping {unquoted: list, any: list}",
  })),
}, "a mapping such as {type: file, path: data.csv}");

export const AN_AGE = "an age such as 7d, 12h or 4w";

export const A_LIMIT = "a whole number of rows, 0 or more, or null";

export const A_KEEP_AGE = "an age such as 90d, 12h or 1y, or forever";

const keepSchema = mapping({
  failed_rows: z.optional(z.string({ error: A_KEEP_AGE })),
  runs: z.optional(z.string({ error: A_KEEP_AGE })),
}, "a mapping such as {failed_rows: 90d, runs: 1y}");

const optionsSchema = mapping({
  batch_rows: z.optional(wholeNumber(1)),
  batch_bytes: z.optional(z.union([z.string(), z.number()], { error: "a size such as 1MB" })),
  transaction: z.optional(choice(["batch"])),
  log_rows: z.optional(choice(["failed", "all", "none"])),
  strict_headers: z.optional(flag),
  unmapped: z.optional(choice(["ignore", "fail", "auto"])),
  max_errors: z.optional(z.union([z.string(), z.number(), z.null()], {
    error: 'a number of rows, a percentage such as "10%", or null',
  })),
  sequences: z.optional(choice(SEQUENCES)),
  undo: z.optional(choice(UNDO)),
  undo_for: z.optional(z.string({ error: AN_AGE })),
  once: z.optional(flag),
  keep: z.optional(keepSchema),
  max_failed_rows_logged: z.optional(z.union([z.number(), z.null()], { error: A_LIMIT })),
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
  slug: z.optional(text),
  table: z.optional(z.string({ error: "a table such as customers or public.customers" })),
  time_zone: z.optional(z.string({ error: "a time zone such as Europe/Berlin or UTC" })),
  description: z.nullish(z.string({ error: "text" })),
  source: z.optional(sourceSchema),
  key: z.optional(z.union([text, texts(A_KEY), keySchema], { error: A_KEY })),
  on_duplicate: z.optional(choice(ON_DUPLICATE)),
  on_missing: z.optional(choice(ON_MISSING)),
  compare: z.optional(compareSchema),
  identity: z.optional(choice(IDENTITY)),
  columns: z.optional(z.record(z.string(), z.union([text, columnSchema], { error: COLUMN }), {
    error: "a mapping from target columns to source columns",
  })),
  options: z.optional(optionsSchema),
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
    : path[0] === "options" && last === "keep"
    ? keepSchema
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
