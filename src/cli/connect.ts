/**
 * From the settings to an open database, which is closed again whatever happens: the one place
 * where commands get theirs.
 */
import { type DatabaseConfig, describeDatabase } from "../config/database_config.ts";
import { acquireEmbedded, type EmbeddedDatabase } from "../db/embedded.ts";
import { assertMigrated, migrate } from "../db/migrate.ts";
import { Session } from "../db/session.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Run } from "../ledger/runs.ts";
import type { Output } from "./output.ts";
import { printable } from "./render/terminal_text.ts";
import type { Settings } from "./settings.ts";

export interface Database {
  readonly config: DatabaseConfig;
  readonly settings: Settings;
  /** Idle while nobody waits for it, and no run is driven. */
  readonly ledger: Ledger;
  /** Migrations that were applied just now. */
  readonly applied: readonly string[];
  /** Does something over a connection of its own: the ledger's may be lost by then. */
  afresh<T>(work: (ledger: Ledger) => Promise<T>): Promise<T>;
}

export interface ConnectOptions {
  /** Bring ingest's own tables up to date first. Else: refuse if they are not. */
  readonly migrate: boolean;
}

/**
 * Opens ingest's own tables. Throws UsageError, DatabaseUnreachable, EmbeddedPostgresFailed and
 * what `work` throws, as do the others.
 */
export function withDatabase<T>(
  settings: Settings,
  output: Output,
  options: ConnectOptions,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  return withSession(settings, output, async (session) => {
    const { schema } = settings;
    const { applied } = options.migrate ? await migrate(session, schema) : { applied: [] };
    if (!options.migrate) await assertMigrated(session, schema);
    const { config } = session;
    const afresh = async <R>(use: (ledger: Ledger) => Promise<R>) => {
      await using own = await Session.open(config);
      return await use(new Ledger(own, schema));
    };
    return await work({
      config,
      settings,
      ledger: new Ledger(session, schema),
      applied,
      afresh,
    });
  });
}

/** Opens a connection, whatever the state of ingest's own tables. */
export function withSession<T>(
  settings: Settings,
  output: Output,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return withServer(settings, output, async (config) => {
    await using session = await Session.open(config);
    return await work(session);
  });
}

/** Finds the server, starting the embedded one if it is that, and opens nothing. */
export async function withServer<T>(
  settings: Settings,
  output: Output,
  work: (config: DatabaseConfig) => Promise<T>,
): Promise<T> {
  const { config, embedded } = await locate(settings, output);
  try {
    return await work(config);
  } finally {
    await embedded?.release();
  }
}

/** Brings ingest's own tables up to date, and keeps no connection. */
export async function prepareServer(config: DatabaseConfig, schema: string): Promise<void> {
  await using session = await Session.open(config);
  await migrate(session, schema);
}

/** Is a database named? Then commands that can do without one have no excuse. */
export function namesDatabase(settings: Settings): boolean {
  try {
    settings.chooseDatabase(false);
    return true;
  } catch {
    return false;
  }
}

async function locate(
  settings: Settings,
  output: Output,
): Promise<{ readonly config: DatabaseConfig; readonly embedded: EmbeddedDatabase | null }> {
  // Where the line below is seen: standard input may well be a pipe.
  const isTerminal = output.stderr.size() !== null;
  const choice = settings.chooseDatabase(isTerminal);
  if (choice.kind === "server") return { config: choice.config, embedded: null };
  const { home } = settings;
  if (!choice.announced) {
    output.note(
      `No database is named (DATABASE_URL, --database-url): using ingest's own Postgres in ${home}.`,
    );
  }
  const embedded = await acquireEmbedded(home);
  return { config: embedded.config, embedded };
}

/** Said before anything is loaded: a wrong DATABASE_URL must not go unnoticed. */
export function announceTarget({ config }: Database, run: Run, output: Output): void {
  const file = run.retried_from_run_id === null
    ? run.original_filename ?? "its file"
    : `failed rows of run ${run.retried_from_run_id}`;
  output.note(
    `${run.dry_run ? "Dry run" : "Run"} ${run.id}: ${
      printable(file)
    } → table ${run.definition.table}, ${describeDatabase(config)}`,
  );
}
