/**
 * Asks a server that says nothing over a connection for a sign of life, over another connection.
 *
 * A server that answers may still have nothing to say over the first one: a firewall has forgotten
 * that connection, and drops what either side sends. The operating system would wait for a quarter
 * of an hour. Only the server knows whether it is at work for us.
 */
import type { DatabaseConfig } from "../config/database_config.ts";
import { type Connection, createConnection } from "./connection.ts";

/** `forgotten`: the server is there, but it waits for us, or knows nothing of us. */
export type SignOfLife = "working" | "none" | "forgotten";

/** The backend at the other end of a connection. */
export interface Backend {
  readonly pid: number;
  /** When its server started: another server has other backends. */
  readonly serverStart: string;
}

/** What a backend does. It waits for its client, or is gone (null). */
interface Activity {
  readonly serverStart: string;
  readonly waits: boolean | null;
  /** Changes when the backend does anything; COPY tells how far it has come. */
  readonly progress: string | null;
  /** Who holds the lock that the backend waits for, in words; null if it waits for none. */
  readonly heldBy: string | null;
}

/** SQL for the start of the server. */
export const SERVER_START = "extract(epoch from pg_postmaster_start_time())::text";

const ACTIVITY = `select ${SERVER_START} as "serverStart", a.waits, a.progress, a."heldBy"
  from (select) as here left join (
    select s.wait_event_type is not distinct from 'Client' as waits,
           concat_ws(' ', s.state_change, s.wait_event, c.bytes_processed) as progress,
           case when s.wait_event_type = 'Lock' then (
             select string_agg(distinct format('%s (pid %s)',
               coalesce(nullif(b.application_name, ''), 'a connection'), holder), ' and ')
             from unnest(pg_blocking_pids(s.pid)) as holder
             left join pg_stat_activity b on b.pid = holder) end as "heldBy"
    from pg_stat_activity s left join pg_stat_progress_copy c using (pid)
    where s.pid = $1) as a on true`;

/** How long the server gets to close the second connection, in seconds. */
const CLOSE_TIMEOUT = 1;

export class LifeSigns {
  readonly #server: DatabaseConfig;
  readonly #connection: Connection;
  readonly #onHeldUp: ((by: string) => void) | undefined;
  /** What the backend had done when it was last seen waiting. */
  #progress: string | null = null;
  /** Null: it can't be asked for, because it is behind a pooler, say. */
  backend: Backend | null = null;

  /** `onHeldUp`: as in SessionOptions. */
  constructor(
    server: DatabaseConfig,
    connection: Connection,
    onHeldUp?: (by: string) => void,
  ) {
    this.#server = server;
    this.#connection = connection;
    this.#onHeldUp = onHeldUp;
  }

  /** It takes at most `timeout` milliseconds, or until the signal is aborted. Never rejects. */
  async ask(timeout: number, signal: AbortSignal): Promise<SignOfLife> {
    const end = performance.now() + timeout;
    if (!await this.#connection.wire.answers(timeout, signal)) return "none";
    const { backend } = this;
    if (backend === null || signal.aborted) return "working";
    const activity = await activityOf(this.#server, backend, end - performance.now(), signal);
    // Nobody can tell: the server refuses a second connection, or it is another one.
    if (activity === null || activity.serverStart !== backend.serverStart) return "working";
    if (activity.heldBy !== null) this.#onHeldUp?.(activity.heldBy);
    if (activity.waits === false) return "working";
    // A slow network: the server waits, but something arrives now and then.
    const moved = this.#progress !== null && this.#progress !== activity.progress;
    this.#progress = activity.progress;
    return moved && activity.waits !== null ? "working" : "forgotten";
  }
}

async function activityOf(
  server: DatabaseConfig,
  { pid }: Backend,
  timeout: number,
  signal: AbortSignal,
): Promise<Activity | null> {
  const givenUp = Promise.withResolvers<null>();
  const giveUp = () => givenUp.resolve(null);
  const connection = createConnection(server, {
    applicationName: "ingest watchdog",
    connectTimeout: Math.max(1, timeout),
    onLost: giveUp,
  });
  const timer = setTimeout(giveUp, timeout);
  signal.addEventListener("abort", giveUp);
  let patience = 0;
  try {
    const asked = connection.sql.unsafe<Activity[]>(ACTIVITY, [String(pid)]);
    const answer = asked.then(([activity]) => activity, () => null);
    const activity = await Promise.race([answer, givenUp.promise]);
    // Close it cleanly, or the server logs an error.
    if (activity !== null) patience = CLOSE_TIMEOUT;
    return activity;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    if (patience === 0) connection.wire.destroy();
    await connection.sql.end({ timeout: patience }).catch(() => {});
    connection.wire.destroy();
  }
}
