/** The program's migrations: numbered SQL files, never edited once released. */
import { ownFile } from "../config/own_files.ts";

export interface Migration {
  readonly number: number;
  /** The file's name without `.sql`: `0001_ledger`. */
  readonly name: string;
  /**
   * `@schema@` stands for the schema as a quoted identifier, `@schema_name@` for its name inside a
   * string literal.
   */
  readonly sql: string;
}

/** Every file in `migrations/`. They are listed because a compiled program can't list its files. */
const names: readonly string[] = [
  "0001_ledger",
  "0002_tokens",
  "0003_row_log",
  "0004_retried_rows",
  "0005_fingerprints",
  "0006_taken_rows",
  "0007_settings",
  "0008_table_fingerprint",
  "0009_filled_sequences",
  "0010_queued",
  "0011_run_tables",
  "0012_stages",
  "0013_retried_ranges",
  "0014_derived_data",
  "0015_undo",
  "0016_failed_row_views",
  "0017_undo_tables",
  "0018_same_file",
  "0019_error_groups",
  "0020_undo_rows",
  "0021_retention",
  "0022_chosen_rows",
  "0023_unlogged_rows",
  "0024_waived_rows",
  "0025_undone_runs",
  "0026_request_keys",
  "0027_run_files",
  "0028_remote_objects",
  "0029_watched_folders",
  "0030_schedules",
  "0031_counts_by_file",
  "0032_whole_runs",
  "0033_added_rows",
  "0034_made_with",
  "0035_held_runs",
  "0036_conditions",
  "0037_atomic_batches",
  "0038_hooks",
  "0039_null_counts",
  "0040_related_rows",
  "0041_absent_rows",
  "0042_nested_rows",
  "0043_changes",
  "0044_uncommitted",
  "0045_undo_of_several_tables",
  "0046_absent_despite_failures",
  "0047_whole_retries",
  "0048_tables",
  "0049_hooks_with_related",
];

/** Grows with what a run can be, so whoever changes that adds a migration. */
export const LAST_MIGRATION: number = Math.max(...names.map(numberOf));

function numberOf(name: string): number {
  return Number(name.slice(0, 4));
}

/** In order of their numbers. */
export function readMigrations(): Promise<readonly Migration[]> {
  return Promise.all(names.map(async (name) => ({
    number: numberOf(name),
    name,
    sql: await Deno.readTextFile(ownFile(`src/db/migrations/${name}.sql`)),
  })));
}
