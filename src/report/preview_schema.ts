/** The shape of `{data: …}` of `check --file --json` and of the HTTP API's `/preview`. */
import { z } from "zod";
import { ON_DUPLICATE, ON_MISSING } from "../importer/definition.ts";
import { ERROR_CODES } from "../row/outcome.ts";
import { readAsSchema } from "./report_schema.ts";
import { runNumber, time } from "./field_schemas.ts";

const count = z.int().nonnegative();
const names = z.array(z.string()).readonly();

const previewErrorSchema = z.strictObject({
  /** Of the table. Null: it is about the row as a whole. */
  column: z.string().nullable(),
  /** The file's columns from which the value comes: the cells to mark. */
  from: names,
  code: z.enum(ERROR_CODES),
  message: z.string(),
  value: z.string().nullable(),
  /** What may help with this value, such as what was probably meant; else left out. */
  hint: z.string().optional(),
});

const previewRowSchema = z.strictObject({
  row_number: z.int().positive(),
  /** Physical line in the file, from 1. */
  line: z.int().positive(),
  /** As the file has them, in the order of `header`. Null if the row can't be read. */
  cells: names.nullable(),
  /** Table column → value, as it would be loaded. Null if the row can't be read, or nothing fits. */
  values: z.record(z.string(), z.string().nullable()).nullable(),
  /** Long values are cut here; left out if none is. */
  cut: z.literal(true).optional(),
  errors: z.array(previewErrorSchema).readonly(),
  /** The table has a row with this key, or the file has one above it; else left out. */
  duplicate: z.enum(["in_table", "in_file"]).optional(),
});

const mistakeSchema = z.strictObject({
  /** Of the table. Null: it is about the row as a whole. */
  column: z.string().nullable(),
  /** The file's columns. */
  from: names,
  code: z.enum(ERROR_CODES),
  message: z.string(),
  /** How many of the rows that were looked at. */
  rows: count,
  /** The first of them, and its value. */
  row_number: z.int().positive(),
  line: z.int().positive(),
  value: z.string().nullable(),
  /** What may help with this value, such as what was probably meant; else left out. */
  hint: z.string().optional(),
});

const duplicatesSchema = z.strictObject({
  /** Columns of the table. */
  key: names,
  on_duplicate: z.enum(ON_DUPLICATE),
  on_missing: z.enum(ON_MISSING),
  /** Of the rows that were looked at and wouldn't fail: those whose key the table has. */
  in_table: count,
  /** Of the others, those with the key of a row above them. */
  in_file: count,
});

const loadedBeforeSchema = z.strictObject({
  run_id: runNumber,
  importer: z.string(),
  at: time,
  filename: z.string().nullable(),
  /** False: it stopped in the middle. */
  whole: z.boolean(),
});

const filesSchema = z.strictObject({
  count,
  /** More than 20 files that are elsewhere are not fetched for a look. */
  looked_at: count,
  /** Those that aren't like the first. */
  different: z.array(z.strictObject({
    name: z.string(),
    /** Columns of the first file that it lacks, and columns that the first file lacks. */
    missing: names,
    additional: names,
    /** How else it is read, such as `delimiter ;`. */
    differences: names,
  })).readonly(),
});

export const previewSchema = z.strictObject({
  importer: z.string(),
  table: z.string(),
  file: z.string(),
  /** No run of this file would be refused. Rows may fail all the same. */
  ok: z.boolean(),
  problems: names,
  warnings: names,
  /** Only the beginning of the file was looked at: its first megabyte. */
  only_beginning: z.boolean(),
  /** Null if there is one file, as always over HTTP. Everything else here is about the first. */
  files: filesSchema.nullable(),
  read_as: readAsSchema,
  header: names,
  /** The line on which the header stands; null if the definition gives the names. */
  header_line: z.int().positive().nullable(),
  /** In which local times would be read; null if the table has no column for them. */
  time_zone: z.string().nullable(),
  /** What a file may fill. Null if the table can't be read, or without a database. */
  table_columns: z.array(z.strictObject({
    name: z.string(),
    type: z.string(),
    /** A new row can't be without it. */
    required: z.boolean(),
    /** Postgres has a value for it, if the file has none. */
    has_default: z.boolean(),
  })).readonly().nullable(),
  /** Null, as what follows, if the file doesn't fit the table, or without a database. */
  mapping: z.array(z.strictObject({
    column: z.string(),
    type: z.string(),
    /** Every row needs a value for it. */
    required: z.boolean(),
    /** Empty for a constant or a default. */
    from: names,
    /** The definition gives every row the same value, which `mapping` can't change; else left out. */
    constant: z.literal(true).optional(),
  })).readonly().nullable(),
  /** Columns of the file, and of the table. */
  not_used: names.nullable(),
  not_filled: names.nullable(),
  rows: z.array(previewRowSchema).readonly(),
  /** How many of the first rows were looked at, and how many would fail before Postgres sees them. */
  looked_at: count.nullable(),
  failing: count.nullable(),
  /** The first ones that would fail. */
  failing_rows: z.array(previewRowSchema).readonly(),
  /** What most of them would fail for, most frequent first. */
  mistakes: z.array(mistakeSchema).readonly(),
  /** Null if rows have no key, or it takes too long to tell. */
  duplicates: duplicatesSchema.nullable(),
  /** A run that has loaded the same bytes into the table. Null also if the file is over a megabyte. */
  loaded_before: loadedBeforeSchema.nullable(),
});

export type PreviewReport = Readonly<z.infer<typeof previewSchema>>;
