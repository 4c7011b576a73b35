/** What an upload may say. */
import { z } from "@hono/zod-openapi";
import { fileField } from "../requests/parameters.ts";
import { mappingText, previewQuery, previewTableQuery } from "./preview_schemas.ts";
import { flag, onceQuery } from "./schemas.ts";

const { dry_run, once } = onceQuery.shape;

export const uploadImporterQuery = previewQuery.extend({ dry_run, once });
export const uploadTableQuery = previewTableQuery.extend({ dry_run, once });

/** For documentation only: the body is read as it arrives. */
export const uploadForm = z.object({
  mapping: mappingText,
  file: fileField,
  dry_run: flag.optional(),
  once,
});
