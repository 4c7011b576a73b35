/** The shapes of what a run waits for, and of what becomes of rows that its file doesn't have. */
import { z } from "zod";

const count = z.int().nonnegative();
const time = z.iso.datetime({ precision: 3 });

/** What becomes of rows of the table that the file doesn't have: `deleted` or `marked`. */
export const absentSchema = z.strictObject({
  /** How many rows could have been absent. */
  in_scope: count,
  absent: count,
  deleted: count.optional(),
  marked: count.optional(),
});

export const heldSchema = z.strictObject({
  at: time,
  because: z.array(z.string()),
  rows: z.int(),
  created: z.int(),
  updated: z.int(),
  skipped: z.int(),
  failed: z.int(),
  absent: count.optional(),
  deleted: count.optional(),
  marked: count.optional(),
  released_at: time.nullable(),
  released_by: z.string().nullable(),
});
