/** The shape of `{data: …}` of `errors --json` and of the HTTP API's `/errors/summary`. */
import { z } from "zod";
import { GROUP_CODES } from "../row/outcome.ts";

const count = z.int().positive();

const groupSchema = z.strictObject({
  /** The same for what goes wrong in the same way, in any run: 16 hexadecimal digits. */
  group: z.string(),
  message: z.string(),
  count,
  code: z.enum(GROUP_CODES).nullable(),
  /** Of the table. */
  column: z.string().nullable(),
  /** The first rows of the file that failed with it. */
  sample_rows: z.array(z.int().positive()).readonly(),
  /** In the completed runs of the same importer before this one; left out if there are none. */
  history: z.strictObject({
    /** The latest of them, if none of the last 10 had such errors. */
    new_since_run: z.int().positive().nullable(),
    /** The latest of them that had such errors. */
    last_seen_in_run: z.int().positive().nullable(),
    /** How many of them, up to 10, had such errors one after the other, counted from the latest. */
    runs_in_a_row: z.int().nonnegative(),
  }).optional(),
}).meta({ id: "ErrorGroup" });

export const errorSummarySchema = z.strictObject({
  total_failed_rows: z.int().nonnegative(),
  /** Headlines, one for each failed row, grouped. The most frequent first. */
  error_summary: z.array(groupSchema).readonly(),
  /** One for each field message of each row, beginning with the column. */
  validation_summary: z.array(groupSchema).readonly(),
  /**
   * Notations that most of a column's refused values have, and ways to read most of the rows that
   * could not be read. Left out if there are none.
   */
  suggestions: z.array(z.strictObject({
    /** Of the table. Null: it is about the rows that could not be read. */
    column: z.string().nullable(),
    /** What the definition would have to say, such as `format: dd.MM.yyyy`. */
    definition: z.string(),
    /** Another notation that the values may have just as well; null if there is none. */
    otherwise: z.string().nullable(),
    /** How many of the values, or rows, it fits, and how many were looked at. */
    fits: count,
    of: count,
  })).readonly().optional(),
}).meta({ id: "ErrorSummary" });

export type Suggestion = NonNullable<ErrorSummary["suggestions"]>[number];

export type ErrorSummary = Readonly<z.infer<typeof errorSummarySchema>>;
