/** What a request may save of how a file is imported. */
import { z } from "@hono/zod-openapi";
import { IDENTITY, ON_DUPLICATE } from "../../importer/definition.ts";

const LONGEST_NAME = 200;
/** A table has at most 1,600 columns. */
const MOST_COLUMNS = 1_600;

const text = z.string().min(1).max(100);
const name = z.string().min(1).max(LONGEST_NAME);

const source = z.strictObject({
  delimiter: text.optional(),
  quote: text.optional(),
  escape: text.optional(),
  comment: text.optional(),
  encoding: text.optional(),
  sheet: name.optional(),
  member: z.string().min(1).max(1_000).optional(),
  records: z.string().min(1).max(1_000).optional(),
  skip_lines: z.int().min(0).max(1000).optional(),
}).optional().meta({ description: "How the file is read, as in a definition's `source`." });

const columns = z.record(name, z.string().max(1_000).nullable())
  .refine((given) => Object.keys(given).length <= MOST_COLUMNS, "expected at most 1,600 columns")
  .optional();

export const newImporterBody = z.strictObject({
  slug: z.string().meta({
    description: "The importer's name: lowercase letters, digits, `-` and `_`.",
    example: "customers",
  }),
  table: z.string().min(1).max(LONGEST_NAME).meta({ example: "public.customers" }),
  description: z.string().max(1_000).optional(),
  key: z.array(name).min(1).max(32).optional(),
  on_duplicate: z.enum(ON_DUPLICATE).optional(),
  identity: z.enum(IDENTITY).optional(),
  source,
  columns: columns.meta({
    description: "The table's columns that are filled, each with the file's column. Without it, " +
      "columns are matched by name. Those with null are not filled.",
    example: { full_name: "Full name" },
  }),
}).meta({ id: "NewImporter" });

export const changedImporterBody = z.strictObject({
  source,
  columns: columns.meta({
    description: "Columns of the table whose values come from another column of the file, and, " +
      "with null, those that are no longer filled. Others stay as they are.",
    example: { full_name: "Full name" },
  }),
}).meta({ id: "ImporterChanges" });

export const savedImporter = z.strictObject({
  message: z.string(),
  data: z.strictObject({
    slug: z.string(),
    /** In the folder of importers. */
    file: z.string(),
    /** All of it. */
    text: z.string(),
    warnings: z.array(z.string()),
  }),
}).meta({ id: "SavedImporter" });
