/** `runs`: what the user asked for, and where it stands. */
import type { UserSettings } from "../../db/session_settings.ts";
import type { ChangedColumn } from "../edits/changed_cells.ts";
import type { Definition } from "../../importer/definition.ts";
import type { ResolvedSource } from "../../source/resolved_source.ts";
import type { Ledger } from "../ledger.ts";
import type { AbsentCounts } from "./absent_rows.ts";
import { IS_UNDERSTOOD } from "./scope.ts";
import { OPEN_STATUSES_SQL, type RunStatus } from "./statuses.ts";

/** Fit to be shown to the person who started the run. */
export interface RunFailure {
  readonly code: string;
  readonly message: string;
}

/** The code of a failure: what can be read of the file was read, and it is not all of it. */
export const BROKEN_SOURCE = "broken_source";

export interface RunSource extends ResolvedSource {
  /** The host that has the file, if it was not copied into storage; null if it was. */
  readonly host: string | null;
  /**
   * The user's file, if `path` is a copy in UTF-8 and the file stays where it is. If it grows, its last
   * row was only half of one. Older versions didn't store it.
   */
  readonly original?: { readonly path: string; readonly size: number; readonly host: string };
  /** How many files the copy was made of (run_files.ts). Not for runs of one file. */
  readonly files?: number;
  /**
   * The file is a corrected copy of that of this run, which was to load all of its rows or none: see
   * `whole_retries.ts`. `first`: the run of the file itself. `rows`: as many has the file.
   */
  readonly completes?: { readonly run: number; readonly first: number; readonly rows: number };
  /** For a retry: when the run was created that has read the file. Retries of older versions lack it. */
  readonly began?: string;
  /** For a retry with an edited file: the file's name. Its rows are in `corrections`. */
  readonly corrections?: string;
  /** For a retry of some of the failed rows: how many, and which, in words. They are in `chosen_rows`. */
  readonly chosen?: { readonly rows: number; readonly of: number; readonly words: string };
  /** For a retry of rows that were edited in a view: their number. Their bytes are there, too. */
  readonly edited_rows?: number;
  /** What that file, or somebody in the view, has changed. */
  readonly changed_cells?: readonly ChangedColumn[];
  /** For an undo: where it looks for rows. */
  readonly undo?: UndoScope;
}

/** The tables and partitions that an undo goes through, as they were when it was created. */
export interface UndoScope {
  /** Tables whose rows refer to those of others come first. */
  readonly leaves: readonly UndoLeaf[];
  /** Numbers of transactions that older rows of the tables seem to have, too. */
  readonly unsure: readonly string[];
}

export interface UndoLeaf {
  readonly relation: number;
  /** The table that it is a partition of, or itself. */
  readonly table: number;
  readonly blocks: number;
  /** Another one means that its rows may have moved. */
  readonly filenode: number;
  /** Rows of tables before it may refer to its rows, so it is their turn when those are done. */
  readonly waits?: true;
}

export interface Run {
  readonly id: number;
  readonly kind: "import" | "undo";
  /** For an undo: the run that it takes back, the root of a chain. */
  readonly undoes_run_id: number | null;
  readonly parent_id: number | null;
  readonly retried_from_run_id: number | null;
  readonly importer: string;
  readonly definition: Definition;
  readonly user_id: string | null;
  readonly status: RunStatus;
  readonly dry_run: boolean;
  readonly source: RunSource;
  readonly header: readonly string[];
  readonly original_filename: string | null;
  readonly processed_filepath: string | null;
  /**
   * SHA-256 of the original file, in hex, and its `Fingerprint`. Null until all of it was read, and for
   * retries. Many runs of older versions have only the fingerprint.
   */
  readonly checksum: string | null;
  readonly fingerprint: string | null;
  /** An earlier run of the importer that has loaded the same file, and when it ended. */
  readonly same_file: { readonly run: number; readonly at: string } | null;
  readonly total_rows: number | null;
  readonly summary: Readonly<Record<string, unknown>> | null;
  readonly error: RunFailure | null;
  readonly warnings: readonly string[];
  /**
   * How Postgres reads the values of the file, and finds the table. Null for runs of older
   * versions: each session's own.
   */
  readonly settings: UserSettings | null;
  readonly in_order: boolean;
  /** One transaction loads all of it, or nothing. */
  readonly whole: boolean;
  /** Rows that fail are set aside all the same. */
  readonly sets_aside: boolean;
  /** Why it was held last, and what it would have done; null: it never was. */
  readonly held: HeldRun | null;
  readonly held_at: Date | null;
  /** When somebody has decided that it loads its rows, and who. */
  readonly released_at: Date | null;
  readonly released_by: string | null;
  /** What was committed when it was created, as a `pg_snapshot`; null: absent rows are kept. */
  readonly known_rows: string | null;
  /** What became of rows of the table that the file doesn't have; null: nothing, or not yet. */
  readonly absent: AbsentCounts | null;
  /** The keys of the first ones. */
  readonly absent_rows: readonly (readonly string[])[] | null;
  readonly cancel_requested_at: Date | null;
  readonly cancel_requested_by: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly planned_bytes: number;
  readonly planned_rows: number;
  readonly planned_lines: number;
  readonly planned_at: Date | null;
  /** Describes the keys by which the rows were planned; null before, and in older versions. */
  readonly planned_keys: string | null;
  readonly completed_at: Date | null;
  /** When its logged rows were removed, because they were old. It may have logged others since. */
  readonly rows_removed_at: Date | null;
}

/** With what would become of rows that the file doesn't have, if they aren't kept. */
export interface HeldRun extends Partial<Omit<AbsentCounts, "in_scope">> {
  /** A sentence each. */
  readonly because: readonly string[];
  readonly rows: number;
  readonly created: number;
  readonly updated: number;
  readonly skipped: number;
  readonly failed: number;
}

export async function findRun(ledger: Ledger, id: number): Promise<Run | null> {
  const [run] = await ledger.query<Run>(`select * from ${ledger.schema}.runs where id = $1`, [id]);
  return run ?? null;
}

/** Throws NoSuchRun. */
export async function requireRun(ledger: Ledger, id: number): Promise<Run> {
  const run = await findRun(ledger, id);
  if (run === null) throw new NoSuchRun(id);
  return run;
}

/** There is no run with this id. The message is one line that says what to do. */
export class NoSuchRun extends Error {
  override readonly name = "NoSuchRun";

  constructor(id: number) {
    super(`There is no run ${id}. \`ingest runs\` lists them.`);
  }
}

/**
 * Records that the source's file has a new modification time, with the same bytes. False if the
 * recorded time is not `from`.
 */
export async function recordSourceTime(
  ledger: Ledger,
  id: number,
  from: number | null,
  to: number | null,
): Promise<boolean> {
  const recorded = await ledger.execute(
    `update ${ledger.schema}.runs
     set source = jsonb_set(source, '{mtime}', coalesce(to_jsonb($3::bigint), 'null'))
     where id = $1 and (source ->> 'mtime')::bigint is not distinct from $2`,
    [id, from, to],
  );
  return recorded === 1;
}

export async function latestRunId(ledger: Ledger): Promise<number | null> {
  const [row] = await ledger.query<{ id: number | null }>(
    `select max(id) as id from ${ledger.schema}.runs`,
  );
  return row.id;
}

/** Runs that have not ended and that this version of the program knows how to do: the given one, or all. */
export function listOpenRuns(ledger: Ledger, only: number | null): Promise<Run[]> {
  return ledger.query<Run>(
    `select * from ${ledger.schema}.runs
     where status in (${OPEN_STATUSES_SQL}) and ($1::bigint is null or id = $1)
       and ${IS_UNDERSTOOD}
     order by id`,
    [only],
  );
}
