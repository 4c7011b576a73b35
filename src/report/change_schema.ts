/** The shape of what a dry run, or a run that is held, would change. */
import { z } from "zod";

const count = z.int().nonnegative();

/** A column in which rows of the table would change. */
export const changedColumn = z.strictObject({
  column: z.string(),
  /** In how many rows. */
  rows: count,
  /** The first ones. Values are as the table writes them, cut at 200 characters; null is NULL. */
  samples: z.array(z.strictObject({
    /** What tells the row apart: the values of the table's key. */
    row: z.array(z.string()).readonly(),
    old: z.string().nullable(),
    new: z.string().nullable(),
  })).readonly(),
}).meta({ id: "ChangedColumn" });

export const changesSchema = z.strictObject({
  created: count,
  updated: count,
  /** Rows of the file that would change nothing. */
  unchanged: count,
  /** Rows of the table that the file doesn't have: one of them, and only with `on_absent`. */
  deleted: count.optional(),
  marked: count.optional(),
  /** The keys of the first of these. */
  absent_rows: z.array(z.array(z.string()).readonly()).readonly().optional(),
  /** Those in which most rows change first. */
  columns: z.array(changedColumn).readonly(),
  /** There are more columns. */
  more: z.boolean(),
});

export type Changes = Readonly<z.infer<typeof changesSchema>>;
