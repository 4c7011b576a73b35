import { describeDatabase } from "../../config/resolve_database.ts";
import type { KeepRule } from "../../importer/definition.ts";
import { RunFollower } from "../../run/work/follow_runs.ts";
import { work } from "../../run/work/work.ts";
import { awaitServer } from "../await_server.ts";
import { withServer } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import { LogWriter } from "../log_writer.ts";
import type { Output } from "../output.ts";
import { formatDuration } from "../../report/numbers.ts";
import { runStep } from "../render/run_step.ts";
import { cleanLine } from "../render/terminal_text.ts";
import { readSettings } from "../settings.ts";
import { onStopSignals } from "../signals.ts";
import { besideWatching } from "../beside_watching.ts";
import type { LogEntry } from "../../observe/log_entry.ts";

export interface WorkFlags extends DatabaseFlags, ImporterFlags {
  readonly workers?: number;
  /** Milliseconds. */
  readonly grace?: number;
  /** Milliseconds to wait for the database. */
  readonly wait?: number;
  /** Undefined: what definitions say; null: this process removes nothing. */
  readonly retention?: KeepRule | null;
  readonly quiet?: boolean;
}

const DEFAULT_GRACE = 30_000;
/** Milliseconds that the database may take to be there, as when the machine boots. */
const DEFAULT_WAIT = 60_000;

/** Milliseconds for the last lines. */
const LAST_WORDS = 1_000;

export async function workCommand(flags: WorkFlags, output: Output): Promise<number> {
  const settings = readSettings(flags);
  const { workers, schema } = settings;
  const graceMs = flags.grace ?? DEFAULT_GRACE;
  const writer = new LogWriter(output.stderr, ({ message }) => `${cleanLine(message)}\n`);
  const say = (message: string) => {
    if (!flags.quiet) writer.add({ level: "info", message });
  };
  return await withServer(settings, output, async (config) => {
    const wait = flags.wait ?? DEFAULT_WAIT;
    const ready = await awaitServer(config, schema, {
      wait,
      onWaiting: ({ message }) =>
        output.note(`Waiting up to ${formatDuration(wait / 1000)} for the database: ${message}`),
    });
    if (!ready) return EXIT.done;
    say(
      `Working with ${workers} ${workers === 1 ? "worker" : "workers"} on the runs of ${
        describeDatabase(config)
      }.`,
    );
    const stop = new AbortController();
    const atOnce = Promise.withResolvers<"at_once">();
    using _signals = onStopSignals({
      first: () => {
        say(
          `Finishing the batches in progress, for at most ${formatDuration(graceMs / 1000)}. ` +
            "A second signal stops at once.",
        );
        stop.abort();
      },
      again: () => atOnce.resolve("at_once"),
    });
    const log = (entry: LogEntry) => say(`ingest: ${runStep(entry)}`);
    const tell = ({ message }: LogEntry) => say(message);
    const here = { config, settings, base: Deno.cwd(), graceMs, log: tell };
    const working = besideWatching(here, stop.signal, () =>
      work({
        config,
        schemaName: schema,
        workers,
        signal: stop.signal,
        graceMs,
        retention: flags.retention,
        onEvent: (line) => say(`ingest: ${line}`),
        log,
        follower: new RunFollower((entry) => say(runStep(entry))),
      })).then(() => "finished" as const);
    const end = await Promise.race([working, atOnce.promise]);
    // The process ends now, and its connections with it: Postgres rolls back the open batches.
    if (end === "at_once") working.catch(() => {});
    say(
      end === "finished"
        ? "Stopped."
        : "Stopped at once: batches in progress were rolled back. Another worker will load them.",
    );
    if (flags.json) output.json({ data: { stopped: end } });
    return EXIT.done;
  }).finally(() => writer.flush(LAST_WORDS));
}
