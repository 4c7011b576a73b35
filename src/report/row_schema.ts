/** The shape of a row as programs see it, with its errors and corrections. */
import { z } from "zod";
import { ERROR_CODES, ROW_STATUSES } from "../row/outcome.ts";
import { count, runNumber, time } from "./field_schemas.ts";

export const rowStatus = z.enum(ROW_STATUSES).meta({ id: "RowStatus" });

/** One error of a row. */
const rowErrorSchema = z.strictObject({
  code: z.enum(ERROR_CODES),
  /** Of the table; null if the error is about the whole row. */
  column: z.string().nullable(),
  /** Of the file: where `data` has the wrong value. Null if none of its columns is meant. */
  source_column: z.string().nullable(),
  /** Of a workbook: where that is, such as `C17`. Left out for texts. */
  cell: z.string().optional(),
  /** What the file has there, cut if it is long. */
  value: z.string().nullable(),
  /** The rest only where it is known: what Postgres said, or which row came first. */
  sqlstate: z.string().optional(),
  constraint: z.string().optional(),
  check: z.string().optional(),
  /** What may help with the value, in a sentence. */
  hint: z.string().optional(),
  first_row: z.int().positive().optional(),
}).meta({ id: "RowError" });

const correctionSchema = z.strictObject({
  /** Source column → the new value. */
  values: z.record(z.string(), z.string()),
  /** Columns whose new values are cut here, because they are long. */
  cut: z.array(z.string()).readonly().optional(),
  /** The fields that the header has no column for are left out. */
  drop_surplus: z.boolean(),
  /** Who has changed the row last, and when. */
  by: z.string().nullable(),
  at: time,
}).meta({ id: "RowCorrection" });

export const rowReportSchema = z.strictObject({
  row_number: count,
  /** The file that the row is in; left out if the run reads only one. */
  file: z.string().optional(),
  /** Physical line in the file, from 1. */
  line: count,
  status: rowStatus,
  /** Source column → text; bytes that can't be decoded are shown as U+FFFD. */
  data: z.record(z.string(), z.string()),
  /** Columns whose values are cut here, because they are long. The failed rows' file has all. */
  cut: z.array(z.string()).readonly().optional(),
  errors: z.strictObject({
    message: z.string(),
    /** Target column → messages. */
    validation: z.record(z.string(), z.array(z.string()).readonly()),
    details: z.array(rowErrorSchema).readonly(),
  }).nullable(),
  /** The retry that has fixed the failed row; left out if none has. */
  resolved_by_run_id: runNumber.optional(),
  /** Somebody has decided not to load the failed row; left out if nobody has. */
  waived: z.literal(true).optional(),
  /** What the next retry tries instead of the row's own cells; left out if nothing is corrected. */
  correction: correctionSchema.optional(),
}).meta({ id: "Row" });

export type RowReport = Readonly<z.infer<typeof rowReportSchema>>;
