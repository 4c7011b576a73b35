/** Shapes of requests and answers, for validation, for types and for `/openapi.json`. */
import { changedColumn } from "../../report/change_schema.ts";
import { z } from "@hono/zod-openapi";
import { readMaxErrors } from "../../importer/read_options.ts";
import { errorSummarySchema } from "../../report/error_schema.ts";
import { EXPORT_FORMS } from "../../report/export_forms.ts";
import { fileReportSchema, runReportSchema, runStatus } from "../../report/report_schema.ts";
import { timelineEntrySchema } from "../../report/timeline_schema.ts";
import { suggestionsSchema } from "../../report/suggestion_schema.ts";
import { readRowRuns } from "../../run/request/row_runs.ts";
import { errorsQuery } from "./error_schemas.ts";
import { setObject } from "./preview_schemas.ts";
import { FAILURE_CODES } from "../answers/failure_codes.ts";
import { cursorParameter, fileField, flag, wholeNumber } from "../requests/parameters.ts";

export { flag, isSet, runId } from "../requests/parameters.ts";

export const failureSchema = z.strictObject({
  message: z.string().meta({ description: "For people." }),
  code: z.enum(FAILURE_CODES).meta({ id: "FailureCode", description: "For programs; stable." }),
  errors: z.record(z.string(), z.array(z.string())).optional()
    .meta({ description: "What is wrong, by field." }),
  choices: z.record(z.string(), z.array(z.string())).optional().meta({
    description:
      "Parts of the file that could be meant, by the parameter that names one: `sheet` " +
      "of a workbook, `member` of a zip archive, `records` of a JSON file.",
  }),
}).meta({ id: "Failure" });

export const summaryBody = z.strictObject({ data: errorSummarySchema });
export const suggestionsBody = z.strictObject({ data: suggestionsSchema });
export const oneRun = z.strictObject({ data: runReportSchema });
export const cancelledRun = z.strictObject({ message: z.string(), data: runReportSchema });
export const loadedRun = z.strictObject({ message: z.string(), data: runReportSchema });

const cursor = z.string().nullable();

export const pageOfRuns = z.strictObject({
  data: z.array(runReportSchema),
  links: z.strictObject({ self: z.string(), next: z.string().nullable() }),
  meta: z.strictObject({ limit: z.int(), next_cursor: cursor }),
});

export const pageOfColumns = z.strictObject({
  data: z.array(changedColumn),
  meta: z.strictObject({ next_cursor: cursor }),
});

export const pageOfFiles = z.strictObject({
  data: z.array(fileReportSchema),
  meta: z.strictObject({ next_cursor: cursor }),
});

export const pageOfEvents = z.strictObject({
  data: z.array(timelineEntrySchema),
  meta: z.strictObject({ next_cursor: cursor }),
});

const importerSchema = z.looseObject({
  slug: z.string(),
  table: z.string(),
  description: z.string().nullable(),
}).meta({ id: "Importer", description: "A definition, without its secrets." });

export const oneImporter = z.strictObject({ data: importerSchema });
export const listOfImporters = z.strictObject({
  data: z.array(importerSchema),
  meta: z.strictObject({ broken: z.array(z.string()) }),
});

export const importerSlug = z.object({
  importer: z.string().min(1).max(200).meta({
    description: "The importer's slug.",
    example: "customers",
  }),
});

export const DEFAULT_LIMIT = 20;
/** How many rows a run is shown with. */
export const DEFAULT_ROWS = 100;

export const listQuery = z.object({
  status: runStatus.optional(),
  importer: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, "expected the slug of an importer")
    .max(200).optional(),
  limit: wholeNumber(1, 1000, DEFAULT_LIMIT),
  cursor: cursorParameter,
});

export const showQuery = z.object({ rows: wholeNumber(0, 100, DEFAULT_ROWS) });

export const DEFAULT_EVENTS = 1000;

export const timelineQuery = z.object({
  limit: wholeNumber(1, 1000, DEFAULT_EVENTS),
  cursor: cursorParameter,
});

export const DEFAULT_COLUMNS = 20;

export const changesQuery = z.object({
  limit: wholeNumber(1, 1000, DEFAULT_COLUMNS),
  cursor: cursorParameter,
});

export const DEFAULT_FILES = 100;

export const filesQuery = z.object({
  limit: wholeNumber(1, 1000, DEFAULT_FILES),
  cursor: cursorParameter,
});

export const downloadQuery = errorsQuery.extend({
  format: z.enum(EXPORT_FORMS).default("csv").meta({
    description:
      "`xlsx`: a workbook, in which the wrong cells have a colour and a comment. All its cells " +
      "are texts, so no spreadsheet changes a value.",
  }),
  raw: flag.optional().meta({
    description: "1: keep formulas as they are. A workbook always does: its cells run nothing.",
  }),
  waived: flag.optional().meta({ description: "1: also rows that are waived." }),
  bom: flag.optional().meta({
    description:
      "1: CSV begins with a byte order mark, without which Excel takes it for another encoding.",
  }),
});

export const cancelBody = z.strictObject({
  now: z.boolean().optional()
    .meta({ description: "Roll back the batches in progress instead of finishing them." }),
});

export const releaseBody = z.strictObject({});

export const undoBody = z.strictObject({
  dry_run: z.boolean().optional().meta({
    description: "Change nothing: say what would be taken back, what not, and why.",
  }),
});

const A_LIMIT = "expected a number of rows, or a percentage such as 10%";

export const resumeBody = z.strictObject({
  max_errors: z.union([z.int(A_LIMIT).nonnegative(A_LIMIT), z.string()], A_LIMIT)
    .nullable().optional()
    .refine((value) => typeof value !== "string" || readMaxErrors(value) !== null, A_LIMIT)
    .meta({
      description: "Overrides the definition: a number of rows, `10%`, or null for none.",
    }),
});

const rowRuns = z.string().max(100_000)
  .refine((text) => typeof readRowRuns(text) !== "string", "expected row numbers, such as 4,17-20")
  .meta({ description: "These rows.", example: "4,17-20" });

const NO_REASON = "expected a reason: it is kept on record";

export const waiveBody = z.strictObject({
  ...errorsQuery.shape,
  rows: rowRuns.optional(),
  all: z.literal(true, "expected true").optional()
    .meta({ description: "Every failed row that is left." }),
  reason: z.string().trim().min(1, NO_REASON).max(1000).optional()
    .meta({ description: "Why they are not to be loaded. Needed, unless `undo` is true." }),
  undo: z.boolean().optional().meta({ description: "Waive these rows no longer." }),
});

export const waivedRows = z.strictObject({
  message: z.string(),
  rows: z.int().nonnegative().meta({ description: "How many are waived now, or no longer." }),
  data: runReportSchema,
});

export const retryBody = z.strictObject({
  ...errorsQuery.shape,
  dry_run: z.boolean().optional().meta({ description: "Default: the same as the original run." }),
  original_definition: z.boolean().optional()
    .meta({ description: "Use the definition that the run had, not the current one." }),
  corrected: z.boolean().optional().meta({ description: "Only rows that were corrected." }),
});

export const triggerBody = z.strictObject({
  dry_run: z.boolean().optional(),
  once: z.boolean().optional().meta({
    description:
      "Start no run if the importer has loaded the same bytes before. Default: what the " +
      "definition's `options.once` says.",
  }),
  source: z.strictObject({
    path: z.string().min(1).max(1000).optional(),
    url: z.string().min(1).max(8000).optional(),
  }).optional().meta({ description: "Only if the definition says `override: true`." }),
  set: setObject,
});

export const uploadQuery = z.object({
  filename: z.string().optional().meta({
    description: "The file's name, if the body is the file.",
  }),
  dry_run: flag.optional().meta({ description: "Used if the body doesn't say so itself." }),
});

const once = flag.optional().meta({
  description:
    "true: start no run if the importer has loaded the same bytes before. Default: what " +
    "the definition's `options.once` says.",
});

export const onceQuery = uploadQuery.extend({ once });

const acceptChanges = flag.optional().meta({
  description: "true: take the cells even if a spreadsheet seems to have changed them.",
});

export const retryQuery = uploadQuery.extend({ accept_changes: acceptChanges });

export const retryForm = z.object({
  file: fileField.meta({ description: "The edited file of failed rows." }),
  dry_run: flag.optional(),
  accept_changes: acceptChanges,
});

export const healthBody = z.strictObject({ status: z.literal("ok") });
