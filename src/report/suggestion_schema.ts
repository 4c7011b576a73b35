/** The shape of `{data: …}` of `errors --suggest --json` and of the HTTP API's `/suggestions`. */
import { z } from "zod";

const count = z.int().nonnegative();

const suggestionSchema = z.strictObject({
  /** For `--apply`, from 1. */
  number: z.int().positive(),
  /** Of the table. Null: it is about the rows that could not be read. */
  column: z.string().nullable(),
  /** Lines of the definition, as `format: [yyyy-MM-dd, dd/MM/yyyy]`. Empty if the table has to change. */
  definition: z.array(z.string()).readonly(),
  /** SQL, where the table's own limit is too narrow; null if the definition is enough. */
  statement: z.string().nullable(),
  /** Rows that fail because of what it is about. */
  of: count,
  /** Of these: those whose value would be right; and those that would be right as a whole. */
  values: count,
  rows: count,
  /** Rows whose value would be right, but can be read in another way, too; not among `rows`. */
  ambiguous: count,
  ambiguous_rows: z.array(z.int().positive()).readonly(),
  /** Suggestions that say something else of the same values: only one of them can be applied. */
  excludes: z.array(z.int().positive()).readonly(),
  /** What it does to rows that are right already. Null: the file is not there to be looked at. */
  good_rows: z.strictObject({
    looked_at: count,
    changed: count,
    failing: count,
    example: z.strictObject({
      row: z.int().positive(),
      before: z.string().nullable(),
      after: z.string().nullable(),
    }).nullable(),
  }).nullable(),
  /**
   * What can be corrected in the rows themselves, as it says, and is not corrected yet. Null: only a
   * definition can say it, or the table has to change.
   */
  cells: z.strictObject({
    rows: count,
    example: z.strictObject({
      line: z.int().positive(),
      before: z.string(),
      after: z.string(),
    }).nullable(),
  }).nullable(),
  notes: z.array(z.string()).readonly(),
}).meta({ id: "Suggestion" });

export const suggestionsSchema = z.strictObject({
  /** Failed rows that no retry has fixed, and how many of them were looked at. */
  failed: count,
  looked_at: count,
  /** Most rows made right first. */
  suggestions: z.array(suggestionSchema).readonly(),
  /** How many rows would be right with all of them that don't exclude each other. */
  together: count,
  /** What else there is to know, a sentence each. */
  notes: z.array(z.string()).readonly(),
}).meta({ id: "Suggestions" });

export type Suggested = Readonly<z.infer<typeof suggestionSchema>>;
export type Suggestions = Readonly<z.infer<typeof suggestionsSchema>>;
