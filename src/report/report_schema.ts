/**
 * The shape of a run as programs see it, on the command line (`--json`) and over HTTP.
 * The types come from the schemas, so that code, documentation and tests can't disagree.
 */
import { changesSchema } from "./change_schema.ts";
import { absentSchema, heldSchema } from "./absent_schema.ts";
import { z } from "zod";
import { RUN_STATUSES } from "../ledger/runs/statuses.ts";
import { WHOLE_STEPS } from "../ledger/runs/uncommitted.ts";
import { count, runNumber, time } from "./field_schemas.ts";
import { rowReportSchema } from "./row_schema.ts";

// `id`: the name of the shape in the API's document, and in clients that are generated from it.
// What may be null has none: the library would let the shape be null everywhere.

export const runStatus = z.enum(RUN_STATUSES).meta({ id: "RunStatus" });

export const fileReportSchema = z.strictObject({
  /** In the order of their rows, from 1. */
  number: count,
  /** Its path within the folder that all files of the run are in. */
  name: z.string(),
  /** Bytes. */
  size: count,
  /** SHA-256, in hex. */
  checksum: z.string(),
  /** Null until all of it is planned. */
  rows: count.nullable(),
  /** What came of them so far. Null if an older version has loaded some of the run. */
  created: count.nullable(),
  updated: count.nullable(),
  skipped: count.nullable(),
  /** How many of them have failed so far, whatever came of them later. */
  failed: count.nullable(),
}).meta({ id: "RunFile" });

/** How far a transaction is that loads all rows of a run, or tries them. */
const uncommittedSchema = z.strictObject({
  /** When rows fail, all are tried once more to find each of them. */
  doing: z.enum(WHOLE_STEPS),
  processed: count,
  created: count,
  updated: count,
  skipped: count,
  /** If it isn't 0, nothing will be loaded, unless the run sets failed rows aside. */
  failed: count,
  percent: z.number().min(0).max(100).nullable(),
  /** The most frequent reasons why rows failed. */
  failures: z.array(z.strictObject({
    message: z.string(),
    /** Of the table; null if the whole row is meant. */
    column: z.string().nullable(),
    rows: count,
  })).readonly(),
}).meta({ id: "Uncommitted" });

export const progressSchema = z.strictObject({
  /** Null until planning has counted. */
  total: count.nullable(),
  processed: count,
  successful: count,
  failed: count,
  created: count,
  updated: count,
  skipped: count,
  /** For an undo: created rows that it has deleted. `updated` are those with their old values. */
  deleted: count,
  /**
   * Rows that a cancelled or failed run never attempted; null if unknown. 0 if the run is held, or has
   * failed because it is all rows or none: all were tried, and only the failed ones are counted.
   */
  untried: count.nullable(),
  /** Failed rows that no retry has fixed yet, and that are not waived. */
  unresolved: count,
  /** Failed rows that are only counted, not kept (`max_failed_rows_logged`): they can't be retried. */
  unlogged: count,
  /** Failed rows that somebody has decided not to load. */
  waived: count,
  /** Rows that are deferred to a later phase. */
  deferred: count,
  /** Never rounded up: 100 means all of them. Null while the total is null. */
  percent: z.number().min(0).max(100).nullable(),
  /** Of rows that are done, committed or not. Null where only failed rows are counted. */
  rows_per_second: count.nullable(),
  /** Null unless the run is processing and its speed is known. */
  eta_seconds: z.number().nonnegative().nullable(),
  /**
   * Only while one transaction loads or tries all rows (`transaction: run`): what it has done so far.
   * Nothing of that is in the table, and none of the counts above has it, before it is committed.
   */
  uncommitted: uncommittedSchema.optional(),
}).meta({ id: "Progress" });

/** What the edited file of a retry has changed in one column of the source. */
const changedColumnSchema = z.strictObject({
  column: z.string(),
  cells: count,
  /** How many of them a spreadsheet seems to have changed by itself. */
  by_spreadsheet: count,
  /** The edited file is a workbook: `line` is a row of its sheet. Else left out. */
  of_sheet: z.literal(true).optional(),
  /** The first ones; `line` is the edited file's. Long texts are cut. */
  samples: z.array(z.strictObject({ line: count, before: z.string(), after: z.string() }))
    .readonly(),
});

/** How a source is read. */
export const readAsSchema = z.strictObject({
  /** The file's own encoding, by its usual name. */
  encoding: z.string(),
  format: z.enum(["csv", "xlsx", "json", "ndjson", "copy", "fixed"]),
  /** Null: the file is no delimited text. */
  delimiter: z.string().nullable(),
  /** Null: no character encloses values. */
  quote: z.string().nullable(),
  /** `lf` is CRLF, too. */
  line_end: z.enum(["lf", "cr"]),
  /** The physical line of the first row, from 1. */
  first_line: z.int().positive(),
  /** How the file was unpacked: `members.csv, unpacked from orders.zip`; null if it was not packed. */
  unpacked: z.string().nullable(),
  /** Of a workbook: the sheet's name. Lines are rows of the sheet then. Left out for texts. */
  sheet: z.string().optional(),
});

export type ReadAs = z.infer<typeof readAsSchema>;

/** The undo of a run. */
const undoneSchema = z.strictObject({
  run_id: runNumber,
  status: runStatus,
  /** When it ended. */
  at: time.nullable(),
  /** Rows that are again as they were before the run. */
  reverted: count,
  /** Rows that it left as they were. */
  kept: count,
});

export const runReportSchema = z.strictObject({
  id: runNumber,
  importer: z.string(),
  status: runStatus,
  dry_run: z.boolean(),
  user_id: z.string().nullable(),
  original_filename: z.string().nullable(),
  /** How many files it reads; left out if it is one. */
  files: count.optional(),
  /**
   * Where the run itself is asked for: the file's path within the watched folder in which it was found,
   * where it was moved to, and what is to be said of that.
   */
  watched_file: z.strictObject({
    name: z.string(),
    moved_to: z.string().nullable(),
    message: z.string().nullable(),
  }).optional(),
  /** In which local times of the file are read. Null for runs of older versions. */
  time_zone: z.string().nullable(),
  /** How the file is read: what was told, or guessed. */
  read_as: readAsSchema,
  /** SHA-256 of the file, in hex; null until all of it was read, and for retries. */
  checksum: z.string().nullable(),
  /** An earlier run of the importer that has loaded the same file, and when it ended. */
  same_file: z.strictObject({ run_id: runNumber, at: time }).nullable(),
  parent_id: runNumber.nullable(),
  retried_from_run_id: runNumber.nullable(),
  kind: z.enum(["import", "undo"]),
  /** For an undo: the run that it takes back, together with its retries. */
  undoes_run_id: runNumber.nullable(),
  /**
   * Another run that loads, or has loaded, all rows of this one, which has loaded none: it is all rows or
   * none. Else left out.
   */
  completed_by_run_id: runNumber.optional(),
  /** The undo that takes this run back, or has; null if none. */
  undo: undoneSchema.nullable(),
  progress: progressSchema,
  /** It has work to do, and no process is working on it. */
  stalled: z.boolean(),
  /** It waits its turn: the workers are on this run. */
  queued_behind: runNumber.nullable(),
  warnings: z.array(z.string()).readonly(),
  summary: z.record(z.string(), z.unknown()).nullable(),
  /** Why it failed, fit to be shown. */
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  cancel_requested_at: time.nullable(),
  /** A user, or a token's name; null if nobody has, or is known. */
  cancel_requested_by: z.string().nullable(),
  /** Only if it was held: why, what it would do, and who has released it since. */
  held: heldSchema.optional(),
  /** Only with `on_absent`: rows of the table that the file doesn't have, and what became of them. */
  absent: absentSchema.optional(),
  /** What a dry run, or a run that is held, would change; not in lists. */
  changes: changesSchema.optional(),
  is_terminal: z.boolean(),
  created_at: time,
  started_at: time.nullable(),
  completed_at: time.nullable(),
  /** When its logged rows were removed, because they were old: `keep` of the definition. */
  rows_removed_at: time.nullable(),
  /** Only if failed rows of the run, or of the one that it retries, are waived: by whom, and why. */
  waivers: z.array(z.strictObject({
    at: time,
    by: z.string().nullable(),
    reason: z.string(),
    /** Which rows were meant. */
    of: z.string(),
    /** How many of them are waived. */
    rows: count,
  })).readonly().optional(),
  /** What was said for this run instead of its definition, by the definition's keys; `limit`: rows. */
  overridden: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
  /** Only for a retry of some of the failed rows: how many of how many, and which. */
  only: z.strictObject({ rows: count, of: count, errors: z.string() }).optional(),
  /** Only for a retry with an edited file. */
  changed_cells: z.array(changedColumnSchema).readonly().optional(),
  /** Left out if the run logs no rows, or if the request asked for none. */
  rows: z.array(rowReportSchema).readonly().optional(),
}).meta({ id: "Run" });

export type FileReport = Readonly<z.infer<typeof fileReportSchema>>;
export type ProgressReport = Readonly<z.infer<typeof progressSchema>>;
export type RunReport = Readonly<Omit<z.infer<typeof runReportSchema>, "progress">> & {
  readonly progress: ProgressReport;
};
