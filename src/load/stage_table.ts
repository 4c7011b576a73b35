/** The names of the staging table and its columns. */
import { identifier } from "../db/quoting.ts";

/**
 * A temporary table, so it has no schema. It is dropped at the end of the batch's transaction,
 * because PgBouncer passes sessions on to other clients.
 */
export const STAGE_NAME = "ingest stage";
export const STAGE = identifier(STAGE_NAME);
/** A row's position in the stage: by level, then in file order. */
export const POSITION = '"ingest position"';
/** The value that `compare` names, if it is not one of the written columns. */
export const COMPARE_EXTRA = '"ingest compare"';
