/** The shape of `{data: …}` of `errors --json` and of the HTTP API's `/errors/summary`. */
import { z } from "zod";

const count = z.int().positive();

export const errorSummarySchema = z.strictObject({
  total_failed_rows: z.int().nonnegative(),
  /** Headlines, one for each failed row, grouped. The most frequent first. */
  error_summary: z.array(z.strictObject({
    message: z.string(),
    count,
    code: z.string().nullable(),
    /** The first rows of the file that failed with it. */
    sample_rows: z.array(z.int().positive()).readonly(),
  })).readonly(),
  /** One for each field message of each row, beginning with the column. */
  validation_summary: z.array(z.strictObject({ message: z.string(), count })).readonly(),
});

export type ErrorSummary = Readonly<z.infer<typeof errorSummarySchema>>;
