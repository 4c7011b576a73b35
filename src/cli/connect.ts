/**
 * Opens the database that the settings name, and closes it again whatever happens. All commands
 * get their database here.
 */
import { type DatabaseConfig, describeDatabase } from "../config/database_config.ts";
import { acquireEmbedded, type EmbeddedDatabase } from "../db/embedded.ts";
import { assertMigrated, migrate } from "../db/migrate.ts";
import { Session } from "../db/session.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Run } from "../ledger/runs/runs.ts";
import type { Look } from "../run/request/wait.ts";
import { Monitor } from "../run/work/monitor.ts";
import type { Output } from "./output.ts";
import { printable } from "./render/terminal_text.ts";
import type { Settings } from "./settings.ts";

export interface Database {
  readonly config: DatabaseConfig;
  readonly settings: Settings;
  /** Its connection is idle unless a caller awaits it or a run is being driven. */
  readonly ledger: Ledger;
  /** Migrations that were applied just now. */
  readonly applied: readonly string[];
  /**
   * Does `work` over the ledger's connection, or over a new one if that is lost by now: the server
   * may have ended it while it was idle, as long as a file came from standard input.
   */
  again<T>(work: (ledger: Ledger) => Promise<T>): Promise<T>;
}

export interface ConnectOptions {
  /** True: bring ingest's own tables up to date first. False: refuse if they are not. */
  readonly migrate: boolean;
}

/**
 * Opens ingest's own tables. Throws UsageError, DatabaseUnreachable, EmbeddedPostgresFailed and
 * whatever `work` throws. So do the functions below.
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
    const ledger = new Ledger(session, schema);
    const again = async <R>(use: (ledger: Ledger) => Promise<R>) => {
      if (!session.lost) return await use(ledger);
      await using own = await Session.open(config);
      return await use(new Ledger(own, schema));
    };
    return await work({ config, settings, ledger, applied, again });
  });
}

/**
 * For commands that follow a run: a look that the database doesn't answer in time, or over a
 * connection that is lost, is taken again over a new one. `tell` gets lines about that.
 */
export async function watchRuns<T>(
  { config, settings, ledger }: Database,
  tell: (line: string) => void,
  work: (look: Look) => Promise<T>,
): Promise<T> {
  const monitor = new Monitor(config, settings.schema, ledger, undefined, tell);
  try {
    return await work((look) => monitor.look(look));
  } finally {
    await monitor.close();
  }
}

/** Opens a connection, whatever the state of ingest's own tables. */
export function withSession<T>(
  settings: Settings,
  output: Output,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return withServer(settings, output, async (config) => {
    const said = new Set<string>();
    const onHeldUp = (by: string) => {
      if (!said.has(by)) output.note(`ingest: Waiting for a lock in the database, held by ${by}.`);
      said.add(by);
    };
    await using session = await Session.open(config, { onHeldUp });
    return await work(session);
  });
}

/** Finds the server, and starts it if it is the embedded one. Opens no connection. */
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

/**
 * Brings ingest's own tables up to date, and closes its connection again. `signal`: gives up the
 * connection.
 */
export async function prepareServer(
  config: DatabaseConfig,
  schema: string,
  signal?: AbortSignal,
): Promise<void> {
  await using session = await Session.open(config, { signal });
  await migrate(session, schema);
}

/** Is a database named? If so, even commands that can do without one must use it. */
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
  // stderr, because the note below goes there. Standard input may well be a pipe.
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
  const { startup } = choice;
  return { config: { ...embedded.config, ...(startup && { startup }) }, embedded };
}

/** Printed before anything is loaded: a wrong DATABASE_URL must not go unnoticed. */
export function announceTarget({ config }: Database, run: Run, output: Output): void {
  const file = run.undoes_run_id !== null
    ? `undo of run ${run.undoes_run_id} (${run.original_filename ?? "its file"})`
    : run.retried_from_run_id === null
    ? run.original_filename ?? "its file"
    : `failed rows of run ${run.retried_from_run_id}`;
  output.note(
    `${run.dry_run ? "Dry run" : "Run"} ${run.id}: ${
      printable(file)
    } → table ${run.definition.table}, ${describeDatabase(config)}`,
  );
}
