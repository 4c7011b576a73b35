/** `serve`: the HTTP API, and workers for the runs of the database. */
import { resolve } from "node:path";
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
import type { KeepRule } from "../../importer/definition.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { hasTokens } from "../../ledger/tokens.ts";
import { formatLogLine, type LogEntry } from "../../observe/log_entry.ts";
import { followRuns, RunFollower } from "../../run/work/follow_runs.ts";
import { work } from "../../run/work/work.ts";
import { awaitServer } from "../await_server.ts";
import { withServer } from "../connect.ts";
import { besideWatching } from "../beside_watching.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import { LogWriter } from "../log_writer.ts";
import type { Output } from "../output.ts";
import { formatBytes, formatDuration } from "../../report/numbers.ts";
import { findLimits } from "../serve_limits.ts";
import { bucketFolder, readSettings, type Settings, spoolFolder } from "../settings.ts";
import { serveUntilStopped } from "../serve_until_stopped.ts";

export interface ServeFlags extends DatabaseFlags, ImporterFlags {
  readonly host: string;
  readonly port: number;
  /** False: none. */
  readonly workers?: number | false;
  readonly sourceDir?: string;
  readonly corsOrigin?: readonly string[];
  readonly saveDefinitions?: boolean;
  readonly allowHost?: readonly string[];
  /** Bytes. */
  readonly maxUpload: number;
  /** Milliseconds. */
  readonly grace: number;
  /** Milliseconds to wait for the database. */
  readonly wait: number;
  /** Undefined: what definitions say; null: this process removes nothing. */
  readonly retention?: KeepRule | null;
  readonly quiet?: boolean;
}

type CommonOptions = Omit<ServerOptions, "host" | "port" | "isOpen">;

/** Milliseconds for the end of the log. */
const LAST_WORDS = 1_000;

const LOOPBACK = "127.0.0.1";

export async function serveCommand(flags: ServeFlags, output: Output): Promise<number> {
  const worksHere = flags.workers !== false;
  const workers = flags.workers === false ? undefined : flags.workers;
  const settings = readSettings({ ...flags, workers });
  const { schema, workers: count } = settings;
  const sourceFolder = await findSourceFolder(flags.sourceDir);
  const say = (line: string) => {
    if (!flags.quiet) output.note(line);
  };
  const writer = new LogWriter(output.stdout, formatLogLine);
  const log = (entry: LogEntry) => writer.add(entry);
  return await withServer(settings, output, async (config) => {
    const common: CommonOptions = {
      config,
      schemaName: schema,
      importersFolder: settings.importers,
      storageFolder: (ledger) => spoolFolder(settings.home, ledger),
      ...settings.storage !== null && {
        bucketFolder: (ledger: Ledger) => bucketFolder(settings.storage, ledger),
      },
      sourceFolder,
      maxUpload: flags.maxUpload,
      corsOrigins: flags.corsOrigin ?? [],
      savesDefinitions: settings.savesDefinitions,
      allowedHosts: settings.allowedHosts,
      variable: settings.variable,
      worksHere,
      log,
    };
    const port = await awaitDatabase(flags, common, output);
    if (port === null) return EXIT.done;
    const follower = new RunFollower(log);
    const isOpen = !await lookBeforeServing(config, schema, follower);
    const host = isOpen ? localHost(flags.host) : flags.host;
    const base = sourceFolder ?? Deno.cwd();
    const watching = { config, settings, base, graceMs: flags.grace, log };
    const server = startServer({ ...common, host, port, isOpen });
    await serveUntilStopped(server, {
      grace: flags.grace,
      say,
      log,
      async onReady() {
        if (isOpen) say(describeOpenness(host, flags.host));
        if (common.corsOrigins.length > 0) {
          const pages = common.corsOrigins.join(", ");
          say(`Pages of ${pages} may use the API${isOpen ? ", without a token" : ""}.`);
        }
        if (common.savesDefinitions) {
          say(`Administrators may save importers over HTTP, in ${settings.importers}.`);
        }
        const hands = `${count} ${count === 1 ? "worker" : "workers"}`;
        say(
          `Serving ${describeDatabase(config)} at ${urlOf(server)} (docs: /docs), with ` +
            `${worksHere ? hands : "no workers"} and uploads up to ` +
            `${formatBytes(flags.maxUpload)}.`,
        );
        await tellLimits(config, settings, say, log);
      },
      work: (signal) =>
        besideWatching(watching, signal, () =>
          worksHere
            ? work({
              ...{ config, schemaName: schema, workers: count, graceMs: flags.grace },
              ...{ signal, log, follower, retention: flags.retention },
              onEvent: (message) => log({ level: "warning", message }),
            })
            : followRuns(config, schema, signal, follower, log)),
    });
    return EXIT.done;
  }).finally(() => writer.flush(LAST_WORDS));
}

/**
 * Returns the port to serve on; null if a signal came first. While the database isn't there, a
 * server answers, but isn't ready.
 */
async function awaitDatabase(
  { host, port, wait, quiet }: ServeFlags,
  common: CommonOptions,
  output: Output,
): Promise<number | null> {
  let early: RunningServer | null = null;
  const ready = await awaitServer(common.config, common.schemaName, {
    wait,
    onWaiting: (reason) => {
      early = startWaitingServer({ ...common, host, port, isOpen: false }, reason);
      const { message } = reason;
      output.note(`Waiting up to ${formatDuration(wait / 1000)} for the database: ${message}`);
      if (!quiet) output.note(`Until then, ${urlOf(early)} answers that it isn't ready.`);
      common.log({ level: "warning", message: `Waiting for the database: ${message}` });
    },
  }).finally(() => early?.close(0));
  if (!ready) return null;
  return (early as RunningServer | null)?.port ?? port;
}

function describeOpenness(host: string, wanted: string): string {
  const not = host === wanted ? "" : ` only, not on ${wanted}`;
  return `No tokens exist: listening on ${host}${not}. Requests need no token until you create ` +
    "one: ingest token create --name ci --scope run";
}

function urlOf({ host, port }: RunningServer): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
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
