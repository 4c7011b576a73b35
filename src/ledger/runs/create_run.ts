/** `runs`: a new run, with what is kept beside it. */
import { LAST_MIGRATION } from "../../db/migrations.ts";
import type { UserSettings } from "../../db/session_settings.ts";
import type { Definition } from "../../importer/definition.ts";
import type { Ledger } from "../ledger.ts";
import { notification } from "../notify.ts";
import { insertRemoteObjects, type NewRemoteObject } from "../watched/remote_objects.ts";
import { insertRunFiles, type NewRunFile, numberedFiles } from "./run_files.ts";
import type { RunTable } from "./run_tables.ts";
import { insertUndoTables } from "../undo/undo_tables.ts";
import type { Run, RunSource } from "./runs.ts";

export interface NewRun {
  readonly definition: Definition;
  readonly source: RunSource;
  readonly originalFilename: string;
  /** The spooled copy, if the source was copied. */
  readonly spooledPath: string | null;
  /** SHA-256 of the original file, in hex, if all of it was read; else null. */
  readonly checksum: string | null;
  /** Null: the planner will know. */
  readonly fingerprint: string | null;
  readonly user: string | null;
  readonly dryRun: boolean;
  readonly settings: UserSettings | null;
  /** What its table is like; null if nobody has looked. */
  readonly table: RunTable | null;
  /** For a retry: the run that it retries, and the root of that run's chain. */
  readonly retryOf: { readonly run: number; readonly root: number } | null;
  /** Failed rows are set aside, though one transaction loads all others. Absent: they are not. */
  readonly setsAside?: boolean;
  /** For an undo: the root of the chain that it takes back. */
  readonly undoes?: number;
  /** The files that the copy was made of, if there are several. */
  readonly files?: readonly NewRunFile[];
  /** What was fetched from elsewhere. */
  readonly fetched?: readonly NewRemoteObject[];
}

export async function createRun(ledger: Ledger, run: NewRun): Promise<Run> {
  const undo = run.dryRun ? [] : run.table?.undo ?? [];
  const [created] = await ledger.query<Run>(
    `with run as (
       insert into ${ledger.schema}.runs
         (importer, definition, source, header, original_filename, processed_filepath, user_id,
          planned_bytes, planned_lines, dry_run, retried_from_run_id, parent_id, checksum,
          fingerprint, settings, kind, undoes_run_id, whole, made_with,
          sets_aside, known_rows)
       values ($1, $2::text::json, $3::text::jsonb, $4::text[], $5, $6, $7, $8, $9, $10, $11, $12,
         $13, $14, $15::text::jsonb, case when $20::bigint is null then 'import' else 'undo' end,
         $20, $23, ${LAST_MIGRATION}, $24,
         case when $25::boolean then pg_current_snapshot() end)
       returning *
     ), event as (
       insert into ${ledger.schema}.run_events (run_id, type, actor) select id, 'created', user_id from run
     ), looked as (
       insert into ${ledger.schema}.run_tables (run_id, fingerprint, shape, filled)
       select id, $16, $17::text::json, $18::text[] from run where $17::text is not null
     ), files as (${insertRunFiles(ledger, "run", "$21")}
     ), fetched as (${insertRemoteObjects(ledger, "run", "$22")}
     ), remembered as (${insertUndoTables(ledger, "run", "$19")})
     select run.* from run, ${notification(ledger)}`,
    [
      run.definition.slug,
      JSON.stringify(run.definition),
      JSON.stringify(run.source),
      run.source.header,
      run.originalFilename,
      run.spooledPath,
      run.user,
      run.source.data_start,
      run.source.data_line - 1,
      run.dryRun,
      run.retryOf?.run ?? null,
      run.retryOf?.root ?? null,
      run.checksum,
      run.fingerprint,
      run.settings && JSON.stringify(run.settings),
      run.table?.fingerprint ?? null,
      run.table && JSON.stringify(run.table.shape),
      run.table?.filled ?? null,
      JSON.stringify(undo),
      run.undoes ?? null,
      numberedFiles(run.files ?? []),
      JSON.stringify(run.fetched ?? []),
      run.undoes === undefined && run.definition.options.transaction === "run",
      run.setsAside ?? false,
      run.undoes === undefined && run.definition.on_absent !== undefined,
    ],
  );
  return created;
}
