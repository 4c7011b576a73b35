/** The names of the staging table and its columns. */
import { identifier } from "../db/quoting.ts";

/** Temporary, so no schema; dropped with the batch's transaction (PgBouncer hands on sessions). */
export const STAGE_NAME = "ingest stage";
export const STAGE = identifier(STAGE_NAME);
/** A row's position in the stage: by level, then in file order. */
export const POSITION = '"ingest position"';
/** The value that `compare` names, when it is not one of the written columns. */
export const COMPARE_EXTRA = '"ingest compare"';
