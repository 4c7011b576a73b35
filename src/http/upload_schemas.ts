/** What the query of an upload may say. */
import { previewQuery, previewTableQuery } from "./preview_schemas.ts";
import { onceQuery } from "./schemas.ts";

const { dry_run, once } = onceQuery.shape;

export const uploadImporterQuery = previewQuery.extend({ dry_run, once });
export const uploadTableQuery = previewTableQuery.extend({ dry_run, once });
