/**
 * The shape of a definition file. Each schema's `error` is the phrase that a problem puts after
 * "expected". Whether the values fit together is checked in check_*.ts.
 */
import * as z from "zod/mini";
import { conditionKeys, conditionSchema } from "./condition/schema.ts";
import {
  absentMapping,
  markSchema,
  maxAbsentSchema,
  onAbsentSchema,
  scopeSchema,
} from "./absent_schema.ts";
import { A_GATE } from "./gates.ts";
import { A_HOOK_TIME, A_HOOKS_FILE } from "./hooks_words.ts";
import {
  IDENTITY,
  NUMBER_NOTATIONS,
  ON_DUPLICATE,
  ON_MISSING,
  ON_UPDATE,
  PLAIN_TRANSFORMS,
  RELEASE,
  SEQUENCES,
  TRANSACTION,
  UNDO,
  VALUE_TYPES,
} from "./definition.ts";
import type { Path } from "./problem.ts";
import {
  choice,
  flag,
  mapping,
  number,
  oneOrMore,
  text,
  textOrNull,
  texts,
  wholeNumber,
} from "./schema_parts.ts";
import { manySchemaWith, pivotKeys } from "./related/many_schema.ts";
import { NESTED, nestedSchemaWith } from "./related/nested_schema.ts";
import { routesSchemaWith } from "./routes/route_schema.ts";
import { nullsMapping, sourceSchema } from "./source_schema.ts";

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

const lookupSchema = mapping({
  table: z.string({ error: "a table such as companies or crm.companies" }),
  match: oneOrMore("a column of that table or a list of them"),
  returns: z.optional(text),
  create: z.optional(flag),
  where: z.optional(z.string({ error: "a condition such as deleted_at is null" })),
}, "a mapping such as {table: companies, match: name}");

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
  lookup: z.optional(lookupSchema),
  when: z.optional(conditionSchema),
}, "a mapping");

const { trim, transform, map, message, lookup } = columnSchema.shape;
const manySchema = manySchemaWith({ trim, transform, map, message, lookup });

const MANY = "a list of relations, such as [{from: Tags, pivot: {…}}]";

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
  transaction: z.optional(choice(TRANSACTION)),
  release: z.optional(choice(RELEASE)),
  hold_if: z.optional(z.union([z.string(), z.array(z.string())], { error: A_GATE })),
  log_rows: z.optional(choice(["failed", "all", "none"])),
  strict_headers: z.optional(flag),
  unmapped: z.optional(choice(["ignore", "fail", "auto"])),
  max_errors: z.optional(z.union([z.string(), z.number(), z.null()], {
    error: 'a number of rows, a percentage such as "10%", or null',
  })),
  max_absent: z.optional(maxAbsentSchema),
  absent_despite_failures: z.optional(flag),
  sequences: z.optional(choice(SEQUENCES)),
  undo: z.optional(choice(UNDO)),
  undo_for: z.optional(z.string({ error: AN_AGE })),
  once: z.optional(flag),
  keep: z.optional(keepSchema),
  hook_timeout: z.optional(z.string({ error: A_HOOK_TIME })),
  max_failed_rows_logged: z.optional(z.union([z.number(), z.null()], { error: A_LIMIT })),
}, "a mapping");

const COLUMN = "a source column or a mapping such as {from: Age, type: integer}";

const A_KEY = "a column or a list of columns";

const keySchema = mapping({
  columns: oneOrMore(A_KEY),
  where: z.string({ error: "a condition such as deleted_at is null" }),
}, "a mapping {columns, where}");

const compareSchema = mapping({ source: text, target: text }, "a mapping {source, target}");

const columnsSchema = z.record(z.string(), z.union([text, columnSchema], { error: COLUMN }), {
  error: "a mapping from target columns to source columns",
});
const nestedSchema = nestedSchemaWith(columnsSchema);

/** What each of several tables may say of its own. */
const ofOneTable = {
  key: z.optional(z.union([text, texts(A_KEY), keySchema], { error: A_KEY })),
  on_duplicate: z.optional(choice(ON_DUPLICATE)),
  on_missing: z.optional(choice(ON_MISSING)),
  compare: z.optional(compareSchema),
  identity: z.optional(choice(IDENTITY)),
  columns: z.optional(columnsSchema),
};
const { route: routeSchema, routes: routesSchema } = routesSchemaWith({
  when: z.optional(conditionSchema),
  ...ofOneTable,
});

/** `table` or `tables` is required, but that is checked separately, so that the rest is checked without it. */
export const definitionSchema = mapping({
  slug: z.optional(text),
  extends: z.optional(oneOrMore("the name of a file in the same folder or a list of them")),
  table: z.optional(z.string({ error: "a table such as customers or public.customers" })),
  tables: z.optional(routesSchema),
  time_zone: z.optional(z.string({ error: "a time zone such as Europe/Berlin or UTC" })),
  description: z.nullish(z.string({ error: "text" })),
  source: z.optional(sourceSchema),
  ...ofOneTable,
  on_absent: z.optional(onAbsentSchema),
  scope: z.optional(scopeSchema),
  many: z.optional(
    z.array(manySchema, { error: MANY }).check(z.minLength(1, { error: MANY })),
  ),
  nested: z.optional(
    z.array(nestedSchema, { error: NESTED }).check(z.minLength(1, { error: NESTED })),
  ),
  options: z.optional(optionsSchema),
  hooks: z.optional(z.string({ error: A_HOOKS_FILE })),
}, "a mapping with the key `table`");

export type ParsedDefinition = z.output<typeof definitionSchema>;
export type ParsedColumn = z.output<typeof columnSchema>;
export type ParsedRoute = z.output<typeof routeSchema>;
export type ParsedMany = z.output<typeof manySchema>;
export interface ParsedNested extends Omit<z.output<typeof nestedSchema>, "nested"> {
  readonly nested?: readonly ParsedNested[];
}
/** The entries of `nested`, of a definition or of one of them. */
export function nestedIn({ nested }: { readonly nested?: readonly unknown[] }) {
  return nested as readonly ParsedNested[] | undefined;
}
export type ParsedLookup = z.output<typeof lookupSchema>;
export type ParsedTransform = z.output<typeof transformSchema>;
export type Text = z.output<typeof text>;

/** The keys that are allowed at this place, for "did you mean". */
export function knownKeys(path: Path): readonly string[] {
  const last = path.at(-1);
  if (path[0] === "tables" && path[2] !== "when") {
    return path.length === 2 ? Object.keys(routeSchema.shape) : knownKeys(path.slice(2));
  }
  if (path[0] === "nested") {
    return path.length === 2 ? Object.keys(nestedSchema.shape) : knownKeys(path.slice(2));
  }
  const isIn = path[0] === "columns" || path[0] === "tables";
  const when = isIn ? 2 : path[0] === "source" ? 1 : -1;
  if (path[when] === "when") {
    return conditionKeys(path.slice(when).filter((segment) => typeof segment === "number").length);
  }
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
    : path[0] === "on_absent"
    ? path.length === 1 ? absentMapping : markSchema
    : path[0] === "compare"
    ? compareSchema
    : path[0] === "key"
    ? keySchema
    : path.length === 2 && path[0] === "many"
    ? manySchema
    : path.length === 2
    ? columnSchema
    : last === "pivot"
    ? null
    : path.length === 3 && last === "lookup"
    ? lookupSchema
    : typeof last === "number"
    ? transformMapping
    : last === "replace"
    ? replaceSchema
    : splitSchema;
  return schema === null ? pivotKeys() : Object.keys(schema.shape);
}
