/** How a source is read: what was settled when it was opened. */
import { z } from "zod";
import type { ResolvedSource } from "../source/open.ts";

export const readAsSchema = z.strictObject({
  /** The file's own encoding, by its usual name. */
  encoding: z.string(),
  delimiter: z.string(),
  /** Null: no character encloses values. */
  quote: z.string().nullable(),
  /** `lf` is CRLF, too. */
  line_end: z.enum(["lf", "cr"]),
  /** The physical line of the first row, from 1. */
  first_line: z.int().positive(),
});

export type ReadAs = z.infer<typeof readAsSchema>;

export function readAs({ encoding, format, data_line }: ResolvedSource): ReadAs {
  // Runs of older versions had no other quote.
  const { delimiter, newline, quote = '"' } = format;
  return { encoding, delimiter, quote, line_end: newline, first_line: data_line };
}
