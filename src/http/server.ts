/** Serves the API: connections, the listening socket, and a shutdown that lets requests finish. */
import { SessionPool } from "../db/session_pool.ts";
import type { DatabaseConfig } from "../config/database_config.ts";
import { ReadOnlyDatabase } from "../db/connection_errors.ts";
import { assertMigrated } from "../db/migrate.ts";
import type { Session } from "../db/session.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { LogEntry } from "../observe/log_entry.ts";
import { answerRequests } from "./app.ts";
import { LiveEvents } from "./events/live_events.ts";
import { restTimes } from "./requests/incoming.ts";
import { InProgress } from "./in_progress.ts";
import { type Answer, keepListening } from "./listening.ts";
import { LockedTables } from "./locked_tables.ts";
import type { ServerContext } from "./server_context.ts";

export interface ServerOptions extends
  Omit<
    ServerContext,
    "withLedger" | "withDownload" | "events" | "lockedTables" | "assertReady" | "closing" | "rest"
  > {
  readonly config: DatabaseConfig;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  log(entry: LogEntry): void;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /**
   * Accepts no more requests, lets those in progress finish for this many milliseconds, then ends them.
   * A second call with less time ends them earlier.
   */
  close(graceMs: number): Promise<void>;
}

/** What requests fail with when the server ends them. */
export class ServerClosing extends Error {
  override readonly name = "ServerClosing";

  constructor() {
    super("The server is closing. Try again in a moment.");
  }
}

/** For requests, for downloads, and to say whether the database is ready. */
const CONNECTIONS = { requests: 8, downloads: 4, ready: 1 };
/** Milliseconds after which a database that doesn't answer counts as away. */
const CONNECT_TIMEOUT = 5_000;
/** Milliseconds that a database may take to say whether it is ready. */
const READY_TIMEOUT = 3_000;
/** Milliseconds that requests get to notice their end, and to clean up. */
const LAST_WORDS = 1_000;

/**
 * Answers every request that needs the database with the reason why it isn't there. Throws
 * CannotListen.
 */
export function startWaitingServer(options: ServerOptions, reason: Error): RunningServer {
  const away = () => Promise.reject(reason);
  const closing = new AbortController();
  const events = new LiveEvents(options);
  const answerRequest = answerRequests({
    ...options,
    withLedger: away,
    withDownload: away,
    events,
    assertReady: away,
    closing: closing.signal,
    lockedTables: new LockedTables(),
    rest: restTimes(Deno.version.deno),
  });
  return listen(options, answerRequest, closing, events, () => Promise.resolve());
}

/** Throws CannotListen. */
export function startServer(options: ServerOptions): RunningServer {
  const { config, schemaName } = options;
  const pool = (max: number) =>
    new SessionPool(config, {
      max,
      applicationName: "ingest server",
      connectTimeout: CONNECT_TIMEOUT,
    });
  const requests = pool(CONNECTIONS.requests);
  const downloads = pool(CONNECTIONS.downloads);
  // It speaks of the database, not of the queue for connections.
  const ready = pool(CONNECTIONS.ready);
  const closing = new AbortController();
  const events = new LiveEvents(options);
  const answerRequest = answerRequests({
    ...options,
    events,
    withLedger: (work) => requests.use((session) => work(new Ledger(session, schemaName))),
    withDownload: (work) => downloads.use((session) => work(new Ledger(session, schemaName))),
    assertReady: () => ready.use((session) => assertReady(session, schemaName)),
    closing: closing.signal,
    lockedTables: new LockedTables(),
    rest: restTimes(Deno.version.deno),
  });
  return listen(options, answerRequest, closing, events, async () => {
    await Promise.all([requests.close(), downloads.close(), ready.close()]);
  });
}

/** `release`: closes what the requests have used. */
function listen(
  options: ServerOptions,
  answerRequest: ReturnType<typeof answerRequests>,
  closing: AbortController,
  events: LiveEvents,
  release: () => Promise<void>,
): RunningServer {
  const { host, port } = options;
  const inProgress = new InProgress();
  const answer: Answer = (request, info) => inProgress.follow(answerRequest(request), info);
  const server = keepListening(host, port, answer, (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    options.log({
      level: "error",
      message: `The server has to listen again: ${reason}`,
    });
  });
  let closed: Promise<void> | null = null;
  return {
    host: server.addr.hostname,
    port: server.addr.port,
    close: async (graceMs) => {
      closed ??= server.shutdown();
      // They would last as long as the runs.
      const quiet = events.close();
      await withinTime(Promise.race([closed, inProgress.none()]), graceMs);
      closing.abort(new ServerClosing());
      // A client that doesn't read its answer, or keeps sending a refused request, stays connected
      // as long as the process lives: after shutdown() Deno has no way to disconnect it.
      await withinTime(closed, LAST_WORDS);
      await withinTime(Promise.all([release(), quiet]), LAST_WORDS);
    },
  };
}

/** The caller gets an answer even if the database is frozen. */
async function assertReady(session: Session, schemaName: string): Promise<void> {
  const timer = setTimeout(() => session.destroy(), READY_TIMEOUT);
  try {
    await assertMigrated(session, schemaName);
    const [{ readonly }] = await session.query<{ readonly: boolean }>(
      "select current_setting('transaction_read_only')::bool as readonly",
    );
    // Thrown away: the next one may reach a server that accepts writes.
    if (readonly) session.destroy();
    if (readonly) throw new ReadOnlyDatabase();
  } finally {
    clearTimeout(timer);
  }
}

async function withinTime(done: Promise<unknown>, milliseconds: number): Promise<void> {
  const timeUp = Promise.withResolvers<void>();
  const timer = setTimeout(timeUp.resolve, milliseconds);
  await Promise.race([done, timeUp.promise]);
  clearTimeout(timer);
}
