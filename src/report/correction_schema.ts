/** The shapes of corrections of failed rows, as the HTTP API has them. */
import { z } from "zod";
import { rowReportSchema } from "./row_schema.ts";

const count = z.int().nonnegative();

/** What corrected rows would come to. Their run is not changed by that. */
export const recheckSchema = z.strictObject({
  /** False: the rows could not be tried; `notes` says why. The corrections are kept all the same. */
  checked: z.boolean(),
  /** How many of the rows a retry would load, and how many not. Null if they could not be tried. */
  right: count.nullable(),
  wrong: count.nullable(),
  rows: z.array(z.strictObject({
    row_number: z.int().positive(),
    /** Null: a retry would load the row, as things are now. */
    errors: rowReportSchema.shape.errors,
  })).readonly(),
  notes: z.array(z.string()).readonly(),
});

export type RecheckReport = Readonly<z.infer<typeof recheckSchema>>;

/** A row's corrections that wait for a retry. */
export const pendingRowSchema = z.strictObject({
  row_number: z.int().positive(),
  /** Physical line in the file, from 1. */
  line: z.int().positive(),
  /** Source column → the new value. */
  values: z.record(z.string(), z.string()),
  /** Source column → the file's own value, cut if it is long. */
  before: z.record(z.string(), z.string()),
  /** The fields that the header has no column for are left out. */
  drop_surplus: z.boolean(),
  /** Who has changed the row last, and when. */
  by: z.string().nullable(),
  at: z.iso.datetime({ precision: 3 }),
});

export type PendingRow = Readonly<z.infer<typeof pendingRowSchema>>;
