/** `serve`: the HTTP API, and workers for the runs of the database. */
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type DatabaseConfig, describeDatabase } from "../../config/resolve_database.ts";
import { UsageError } from "../../config/usage_error.ts";
import { reasonOf } from "../../db/connection_errors.ts";
import { Session } from "../../db/session.ts";
import {
  type RunningServer,
  type ServerOptions,
  startServer,
  startWaitingServer,
} from "../../http/server.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { hasTokens } from "../../ledger/tokens.ts";
import { formatLogLine, type LogEntry } from "../../observe/log_entry.ts";
import { followRuns, RunFollower } from "../../run/work/follow_runs.ts";
import { work } from "../../run/work/work.ts";
import { awaitServer } from "../await_server.ts";
import { withServer } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import { LogWriter } from "../log_writer.ts";
import type { Output } from "../output.ts";
import { formatBytes, formatDuration } from "../render/numbers.ts";
import { findLimits } from "../serve_limits.ts";
import { readSettings, type Settings, spoolFolder } from "../settings.ts";
import { onStopSignals } from "../signals.ts";

export interface ServeFlags extends DatabaseFlags, ImporterFlags {
  readonly host: string;
  readonly port: number;
  /** False: none. */
  readonly workers?: number | false;
  readonly sourceDir?: string;
  /** Bytes. */
  readonly maxUpload: number;
  /** Milliseconds. */
  readonly grace: number;
  /** Milliseconds to wait for the database. */
  readonly wait: number;
  readonly quiet?: boolean;
}

/** Milliseconds for the end of the log. */
const LAST_WORDS = 1_000;

const LOOPBACK = "127.0.0.1";

export async function serveCommand(flags: ServeFlags, output: Output): Promise<number> {
  const worksHere = flags.workers !== false;
  const workers = flags.workers === false ? undefined : flags.workers;
  const settings = readSettings({ ...flags, workers });
  const { importers, schema, workers: count } = settings;
  const sourceFolder = await findSourceFolder(flags.sourceDir);
  const say = (line: string) => {
    if (!flags.quiet) output.note(line);
  };
  const writer = new LogWriter(output.stdout, formatLogLine);
  const log = (entry: LogEntry) => writer.add(entry);
  return await withServer(settings, output, async (config) => {
    const common: Omit<ServerOptions, "host" | "port" | "isOpen"> = {
      config,
      schemaName: schema,
      importersFolder: importers,
      storageFolder: (ledger) => spoolFolder(settings.home, ledger),
      sourceFolder,
      maxUpload: flags.maxUpload,
      worksHere,
      log,
    };
    // It answers, but isn't ready.
    let early: RunningServer | null = null;
    const ready = await awaitServer(config, schema, {
      wait: flags.wait,
      onWaiting: (reason) => {
        const { host, port } = flags;
        early = startWaitingServer({ ...common, host, port, isOpen: false }, reason);
        const { message } = reason;
        output.note(
          `Waiting up to ${formatDuration(flags.wait / 1000)} for the database: ${message}`,
        );
        log({ level: "warning", message: `Waiting for the database: ${message}` });
      },
    }).finally(() => early?.close(0));
    if (!ready) return EXIT.done;
    const follower = new RunFollower(log);
    const isOpen = !await lookBeforeServing(config, schema, follower);
    const host = isOpen ? localHost(flags.host) : flags.host;
    const port = (early as RunningServer | null)?.port ?? flags.port;
    const server = startServer({ ...common, host, port, isOpen });

    const stop = new AbortController();
    const atOnce = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    using _signals = onStopSignals({
      first: () => {
        const time = formatDuration(flags.grace / 1000);
        say(`Finishing what is in progress, for at most ${time}. A second signal stops at once.`);
        stop.abort();
        asked.resolve();
      },
      // Uploads in progress get a moment to remove what they have stored.
      again: () => atOnce.resolve(server.close(0)),
    });
    // Not before the signals are handled: a caller that reads this may send one at once.
    if (isOpen) {
      const not = host === flags.host ? "" : ` only, not on ${flags.host}`;
      say(
        `No tokens exist: listening on ${host}${not}. Requests need no token until you create ` +
          "one: ingest token create --name ci --scope run",
      );
    }
    const at = `http://${server.host.includes(":") ? `[${server.host}]` : server.host}`;
    say(
      `Serving ${describeDatabase(config)} at ${at}:${server.port} (docs: /docs), with ${
        worksHere ? `${count} ${count === 1 ? "worker" : "workers"}` : "no workers"
      } and uploads up to ${formatBytes(flags.maxUpload)}.`,
    );
    await tellLimits(config, settings, say, log);
    const keepAtIt = worksHere
      ? (signal: AbortSignal) =>
        work({
          ...{
            config,
            schemaName: schema,
            workers: count,
            graceMs: flags.grace,
            signal,
            log,
            follower,
          },
          onEvent: (message) => log({ level: "warning", message }),
        })
      : (signal: AbortSignal) => followRuns(config, schema, signal, follower, log);
    const working = keepDoing(keepAtIt, stop.signal, log);
    const ended = asked.promise.then(() => Promise.all([server.close(flags.grace), working]));
    const end = await Promise.race([
      ended.then(() => "finished" as const),
      atOnce.promise.then(() => "at_once" as const),
    ]);
    say(end === "finished" ? "Stopped." : "Stopped at once: batches in progress were rolled back.");
    return EXIT.done;
  }).finally(() => writer.flush(LAST_WORDS));
}

/** Are there tokens? From here on, the log misses nothing that happens to a run. */
async function lookBeforeServing(
  config: DatabaseConfig,
  schema: string,
  follower: RunFollower,
): Promise<boolean> {
  await using session = await Session.open(config);
  const ledger = new Ledger(session, schema);
  await follower.look(ledger);
  return await hasTokens(ledger);
}

/** Without tokens, only this machine may connect. */
function localHost(host: string): string {
  const isLocal = host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/u.test(host);
  return isLocal ? host : LOOPBACK;
}

async function findSourceFolder(given: string | undefined): Promise<string | null> {
  if (given === undefined) return null;
  const folder = resolve(given);
  const stat = await Deno.stat(folder).catch(() => null);
  if (given !== "" && stat?.isDirectory) return folder;
  throw new UsageError(`--source-dir: there is no folder ${JSON.stringify(given)}`);
}

/** Milliseconds until workers that have lost the database try again. */
const PAUSE = 1_000;

/** While the database is away, the API keeps answering. The workers start again with it. */
async function keepDoing(
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  log: (entry: LogEntry) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work(signal);
    } catch (error) {
      log({
        level: "error",
        message: `The workers stopped, and will start again: ${reasonOf(error)}`,
      });
      await setTimeout(PAUSE, undefined, { signal }).catch(() => {/* told to stop */});
    }
  }
}

/** Says at once what the server can't do. It does the rest. */
async function tellLimits(
  config: DatabaseConfig,
  settings: Settings,
  say: (line: string) => void,
  log: (entry: LogEntry) => void,
): Promise<void> {
  try {
    for (const limit of await findLimits(config, settings)) {
      say(`ingest: ${limit}`);
      log({ level: "warning", message: limit });
    }
  } catch (error) {
    log({ level: "warning", message: `Cannot check what this server can do: ${reasonOf(error)}` });
  }
}
