/** What requests about corrections of failed rows say, and what they are answered. */
import { z } from "@hono/zod-openapi";
import { pendingRowSchema, recheckSchema } from "../../report/correction_schema.ts";
import { errorsQuery } from "./error_schemas.ts";
import { failureSchema, runId } from "./schemas.ts";

/** How many corrections a request may have, and how many bytes. */
export const MAX_CORRECTIONS = 10_000;
export const MAX_CORRECTIONS_BODY = 8 * 1024 * 1024;

const WHAT = "expected column and value, or drop_surplus";

const correction = z.strictObject({
  row_number: z.int().positive(),
  column: z.string().min(1).optional().meta({ description: "The file's column." }),
  value: z.string().optional().meta({ description: "What the cell shall hold." }),
  expected: z.string().optional().meta({
    description: "What the cell holds, as far as the sender knows. If it holds something else by " +
      "now, nothing is kept (409). Without it, a cell that somebody has corrected is not changed.",
  }),
  drop_surplus: z.literal(true, "expected true").optional().meta({
    description: "Instead of a column: leave out the fields that the header has no column for.",
  }),
}).superRefine(({ column, value, expected, drop_surplus }, { addIssue }) => {
  const about = column !== undefined && value !== undefined && drop_surplus === undefined;
  const drops = drop_surplus === true &&
    [column, value, expected].every((each) => each === undefined);
  if (!about && !drops) addIssue({ code: "custom", message: WHAT });
});

const TOO_MANY =
  `expected at most ${MAX_CORRECTIONS} corrections: send the others in requests of ` +
  "their own";

export const correctionsBody = z.strictObject({
  corrections: z.array(correction).min(1, "expected a correction").max(MAX_CORRECTIONS, TOO_MANY),
  overwrite: z.boolean().optional().meta({
    description: "Change the cells whatever they hold, also those that somebody has corrected.",
  }),
}).meta({
  example: { corrections: [{ row_number: 7, column: "E-Mail", value: "ana@example.com" }] },
});

const recheck = recheckSchema.meta({
  id: "Recheck",
  example: {
    ...{ checked: true, right: 1, wrong: 0, notes: [] },
    rows: [{ row_number: 7, errors: null }],
  },
});

export const recheckBody = z.strictObject({ data: recheck });

export const replaceBody = z.strictObject({
  column: z.string().min(1).meta({ description: "The file's column.", example: "Country" }),
  from: z.string().meta({
    description:
      "What the cells hold, with the corrections so far. Empty: also cells that are missing.",
    example: "Germny",
  }),
  to: z.string().meta({ description: "What they shall hold.", example: "Germany" }),
  only: z.strictObject(errorsQuery.shape).optional().meta({
    description: "Only in rows with certain errors. `column` is the table's here, or the file's.",
  }),
  dry_run: z.boolean().optional().meta({ description: "Change nothing: say how many rows it is." }),
});

export const replacedBody = z.strictObject({
  message: z.string(),
  rows: z.int().nonnegative().meta({ description: "How many rows hold the value." }),
  dry_run: z.boolean(),
  data: recheck.optional(),
});

export const appliedBody = z.strictObject({
  column: z.string().nullable().meta({
    description: "The suggestion's `column`.",
    example: "amount",
  }),
  definition: z.array(z.string().max(100_000)).min(1).max(100).meta({
    description: "The suggestion's `definition`.",
    example: ['decimal: ","'],
  }),
});

export const appliedSuggestion = z.strictObject({
  message: z.string(),
  rows: z.int().nonnegative().meta({ description: "Failed rows that would be right now." }),
});

export const suggestedBody = appliedBody.extend({
  undo: z.boolean().optional().meta({
    description:
      "Take back what the same request has corrected, where nobody has changed it since.",
  }),
});

export const suggestedRows = z.strictObject({
  message: z.string(),
  rows: z.int().nonnegative(),
  data: recheck,
});

export const conflictBody = failureSchema.extend({
  current: z.array(z.strictObject({
    row_number: z.int().positive(),
    column: z.string(),
    value: z.string(),
  })).optional().meta({
    description: "The cells that hold something else than expected, and what they hold now. At " +
      "most 100; long values are cut.",
  }),
}).meta({ id: "CorrectionConflict" });

export const removedBody = z.strictObject({
  message: z.string(),
  rows: z.int().nonnegative().meta({ description: "Rows that had corrections." }),
  cells: z.int().nonnegative().meta({ description: "Corrections that are gone." }),
});

export const pageOfCorrections = z.strictObject({
  data: z.array(pendingRowSchema.meta({ id: "Correction" })),
  meta: z.strictObject({
    next_cursor: z.string().nullable(),
    total: z.int().nonnegative().nullable().meta({
      description: "How many rows have corrections; null on pages after the first.",
    }),
  }),
});

export const rowOfRun = runId.extend({
  row_number: z.string().regex(/^[1-9]\d{0,14}$/, "expected the number of a row").meta({
    ...{ type: "integer", format: "int64", minimum: 1, maximum: 999_999_999_999_999 },
    description: "The row's number.",
    example: 7,
  }),
});

export const columnQuery = z.object({
  column: z.string().min(1).max(10_000).optional()
    .meta({ description: "Only corrections of this column of the file." }),
});
