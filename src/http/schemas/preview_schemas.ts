/** What requests for a preview may say. */
import { z } from "@hono/zod-openapi";
import { IDENTITY, ON_DUPLICATE } from "../../importer/definition.ts";
import { previewSchema } from "../../report/preview_schema.ts";
import { fileField } from "../requests/parameters.ts";

export const previewBody = z.strictObject({ data: previewSchema.meta({ id: "Preview" }) });

function instead(what: string, example: string) {
  return z.string().max(100).optional().meta({
    description: `${what} Instead of what the definition says.`,
    example,
  });
}

const NO_LINES = "expected a whole number from 0 to 1000";

const reading = {
  filename: z.string().optional().meta({
    description: "The file's name, if the body is the file.",
  }),
  delimiter: instead("What separates the values: one character, `tab` or `auto`.", ";"),
  quote: instead("What encloses values: one character, `none` or `auto`.", "none"),
  escape: instead("What makes the next character ordinary.", "\\"),
  comment: instead("How lines begin that are no rows.", "#"),
  encoding: instead("The file's encoding, or `auto`.", "windows-1252"),
  sheet: instead("A workbook's sheet, by its name or number.", "Orders"),
  member: instead("Which file of a zip archive: its name, or a pattern.", "orders-*.csv"),
  records: instead(
    "Which array of a JSON file, or which table of a dump, has the rows.",
    "data.items",
  ),
  skip_lines: z.string().regex(/^\d{1,4}$/, NO_LINES)
    .refine((text) => Number(text) <= 1000, NO_LINES)
    .optional()
    .meta({
      ...{ type: "integer", minimum: 0, maximum: 1000 },
      description: "Lines before the header. Instead of what the definition says.",
    }),
};

const MAPPING =
  "Which columns of the file fill which of the table, for this run: a JSON object from the " +
  "table's names to the file's, or to null for columns that the file doesn't fill. Others stay as " +
  "they are.";

/** JSON in a text, as parts of forms and parameters of queries can have it. */
export const mappingText = z.string().optional().meta({
  description: MAPPING,
  example: '{"name": "Full name", "note": null}',
});

const SET =
  "Other values for keys of the definition, for this run: a JSON object from the keys, with those " +
  "above them, to values. Only some keys can be set.";

const SET_EXAMPLE = { on_duplicate: "update", "columns.source.value": "crm" };

const setText = z.string().max(64 * 1024).optional().meta({
  description: SET,
  example: JSON.stringify(SET_EXAMPLE),
});

/** The same in a body of JSON. */
export const setObject = z.record(z.string(), z.unknown()).optional().meta({
  description: SET,
  example: SET_EXAMPLE,
});

export const previewQuery = z.object({ ...reading, mapping: mappingText, set: setText });

const name = z.string().min(1).max(200);

export const previewTableQuery = z.object({
  table: z.string("expected the table, such as public.customers").min(1).max(200).meta({
    description: "The table, such as `public.customers`.",
    example: "customers",
  }),
  key: z.union([name, z.array(name).min(1).max(32)]).optional()
    .meta({ description: "A column of the key; may be given several times." }),
  on_duplicate: z.enum(ON_DUPLICATE).optional(),
  identity: z.enum(IDENTITY).optional(),
  ...reading,
  mapping: mappingText,
  set: setText,
});

/** For documentation only: the body is read as it arrives. */
export const previewForm = z.object({ mapping: mappingText, file: fileField });
