/** Does a run in this process: progress, signals, the summary at the end. */
import type { Ledger } from "../ledger/ledger.ts";
import { reasonsToWait } from "../ledger/runs/progress.ts";
import type { CancelWay } from "../ledger/runs/run_states.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { toRunReport } from "../report/run_report.ts";
import { driveRun, StoppedAtOnce } from "../run/work/drive.ts";
import { cancelNow, cancelRun } from "../run/request/cancel.ts";
import type { Table } from "../load/catalog/table.ts";
import { WorkerPool } from "../run/work/pool.ts";
import type { Turns } from "../run/work/turns.ts";
import { guessBatches } from "../run/work/threads.ts";
import { Refused } from "../run/request/refuse/refused.ts";
import { announceTarget, type Database } from "./connect.ts";
import { EXIT, exitCodeOf } from "./exit_codes.ts";
import type { Output } from "./output.ts";
import { type ProgressDisplay, showProgress } from "./show_progress.ts";
import { printRun } from "./run_summary.ts";
import { onStopSignals } from "./signals.ts";

export interface LoadFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly workers?: number;
  readonly allowErrors?: boolean;
}

/** What was started before the run existed. */
export interface Begun {
  readonly pool: WorkerPool;
  /** Of those who use the command's connection, if the pool's workers do. */
  readonly turns?: Turns;
  /** The run's table, as it was found in the catalog. */
  readonly table?: Table;
}

export interface PoolWishes {
  /** About the most that there will be; undefined: many. */
  readonly batches?: number;
  /** See `PoolOptions`. */
  readonly here?: boolean;
  /** Workers that work here take turns with the command's own connection. */
  readonly turns?: Turns;
}

export function openPool(
  { config, settings, ledger }: Database,
  { batches, here, turns }: PoolWishes = {},
): WorkerPool {
  const { schema: schemaName, workers } = settings;
  return new WorkerPool({
    config,
    schemaName,
    workers,
    batches,
    here,
    lent: turns && { ledger, turns },
  });
}

/** Returns the exit code. Throws DatabaseUnreachable when the database stays away. */
export async function driveHere(
  database: Database,
  run: Run,
  flags: LoadFlags,
  output: Output,
  begun: Begun = { pool: openPool(database, { batches: expectedBatches(run) }) },
): Promise<number> {
  if (!flags.quiet) announceTarget(database, run, output);
  const progress = showProgress(output, output.stderr, flags.quiet === true);
  const end = await drive(database, run, progress, begun).finally(() => progress.close());
  if (end === "stopped") return await reportStop(database, run, flags, output);
  const report = await database.again((ledger) => printRun(ledger, run.id, flags, output));
  await cleanUpAfter(database, run, output);
  return exitCodeOf(report, flags.allowErrors === true);
}

/** Milliseconds that a command gives to removing what is old. */
const CLEANING = 1_000;

/** Without a server or a worker, whoever runs an importer removes what is too old of it. */
async function cleanUpAfter(
  database: Database,
  { importer, definition }: Run,
  output: Output,
): Promise<void> {
  if (Object.keys(definition.options.keep ?? {}).length === 0) return;
  const { CleanUp } = await import("../run/clean_up.ts");
  try {
    const cleanUp = new CleanUp({ keep: {}, importer });
    await database.again((ledger) => cleanUp.during(ledger, CLEANING));
  } catch (error) {
    // The run is done, whatever becomes of older ones.
    if (!(error instanceof Error)) throw error;
    output.note(`ingest: Cannot remove what is old: ${error.message}`);
  }
}

async function drive(
  database: Database,
  run: Run,
  progress: ProgressDisplay,
  begun: Begun,
): Promise<"ended" | "stopped"> {
  const [stop, cancel] = [new AbortController(), new AbortController()];
  let way: CancelWay = { via: "signal" };
  const { schema, workers, user } = database.settings;
  using _signals = onStopSignals({
    first: (signal) => {
      way = { via: "signal", signal };
      progress.note(
        `Cancelling run ${run.id}: finishing batches in progress first. A second signal stops at once.`,
      );
      cancel.abort();
    },
    again: () => stop.abort(),
  });
  try {
    await driveRun({
      config: database.config,
      schemaName: schema,
      runId: run.id,
      workers,
      stop: stop.signal,
      cancel: { asked: cancel.signal, request: (ledger) => askToCancel(ledger, run, user, way) },
      onWarning: (line) => progress.note(`ingest: ${line}`),
      ...begun,
      ledger: database.ledger,
      ...(progress.interval !== null && { lookInterval: progress.interval }),
      onLook: async (now, readHealth) => {
        if (!progress.wants(now.status)) return;
        const health = await readHealth();
        progress.show({
          report: toRunReport(now, health, { stalled: false, queued_behind: null }),
          workers: now.in_order || now.whole ? 1 : workers,
          waitingOn: reasonsToWait(health),
          stuck: health.stuck,
        });
      },
    });
    return "ended";
  } catch (error) {
    if (error instanceof StoppedAtOnce) return "stopped";
    throw withResume(error, run);
  }
}

/** An estimate: as many threads start as it needs, and more follow if there are more batches. */
function expectedBatches(
  { kind, source, planned_rows, retried_from_run_id }: Run,
): number | undefined {
  // It was planned in part, and goes on where it stopped.
  if (planned_rows > 0) return undefined;
  if (kind === "undo") return guessBatches(BLOCK * source.size);
  return retried_from_run_id === null ? guessBatches(source.size - source.data_start) : 1;
}

/** Bytes of a table that are read at once: what an undo's source is measured in. */
const BLOCK = 8_192;

async function askToCancel(
  ledger: Ledger,
  run: Run,
  user: string | null,
  way: CancelWay,
): Promise<void> {
  try {
    await cancelRun(ledger, run.id, user, way);
  } catch (error) {
    // The run has just ended by itself.
    if (!(error instanceof Refused)) throw error;
  }
}

/** Milliseconds that Postgres gets to end our connections. */
const STOP_PATIENCE = 2000;

async function reportStop(
  database: Database,
  run: Run,
  flags: LoadFlags,
  output: Output,
): Promise<number> {
  output.note(
    `Stopped at once: batches in progress were rolled back. Resume it: ingest resume ${run.id}`,
  );
  try {
    // There may be no connection but the one that there is.
    await database.again(async (ledger) => {
      const { user } = database.settings;
      await cancelNow(ledger, run.id, user, STOP_PATIENCE, { via: "signal" });
      await printRun(ledger, run.id, flags, output);
    });
  } catch (error) {
    // The database may be the reason for the stop. With --json there must be a document.
    if (flags.json || !(error instanceof Error)) throw error;
    output.note(`ingest: ${error.message}`);
  }
  return EXIT.cancelled;
}

/** If the server is the cause, says how to resume: the run is still there when that is mended. */
function withResume(error: unknown, run: Run): unknown {
  if (!(error instanceof Error)) return error;
  const when = RESUMABLE[error.name];
  if (when !== undefined) error.message += ` Resume the run when ${when}: ingest resume ${run.id}`;
  return error;
}

const RESUMABLE: Readonly<Record<string, string | undefined>> = {
  DatabaseUnreachable: "it is back",
  WorkersCrash: "that is mended",
};
