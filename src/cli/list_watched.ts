/** What `list` says of watched folders: when somebody last looked, what waits, and what is wrong. */
import type { Importer } from "../importer/folder.ts";
import { Ledger } from "../ledger/ledger.ts";
import { type ListedSchedule, listSchedules } from "../ledger/watched/schedules.ts";
import {
  knowsFolders,
  type LastLook,
  listLooks,
  listUnmoved,
  type UnmovedFile,
} from "../ledger/watched/watched_folders.ts";
import { formatCount, formatDuration } from "../report/numbers.ts";
import { formatInZone } from "./time_in_zone.ts";
import { namesDatabase, withSession } from "./connect.ts";
import type { DatabaseFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { printable } from "./render/terminal_text.ts";
import type { Settings } from "./settings.ts";

export interface Watched {
  /** For programs. */
  readonly folders: readonly {
    readonly importer: string;
    readonly looks: readonly LastLook[];
    readonly unmoved: readonly UnmovedFile[];
  }[];
  readonly schedules: readonly ListedSchedule[];
  readonly lines: readonly string[];
}

/** Seconds after which nobody seems to be there: looks are recorded four times a minute. */
const ALIVE = 60;

/** Null: no importer watches a folder or has a schedule. */
export async function readWatched(
  usable: readonly Importer[],
  flags: DatabaseFlags,
  settings: Settings,
  output: Output,
): Promise<Watched | null> {
  const slugs = usable.filter(({ definition }) => definition.source.type === "folder")
    .map(({ definition }) => definition.slug);
  const timed = usable.filter(({ definition }) => definition.source.schedule !== undefined);
  if (slugs.length + timed.length === 0) return null;
  if (flags.embedded !== true && !namesDatabase(settings)) {
    return {
      folders: [],
      schedules: [],
      lines: [
        "No database is named (DATABASE_URL, --database-url): what waits, and what is due, is " +
        "not known.",
      ],
    };
  }
  const { looks, unmoved, schedules } = await withSession(settings, output, async (session) => {
    const ledger = new Ledger(session, settings.schema);
    if (!await knowsFolders(ledger)) return { looks: [], unmoved: [], schedules: [] };
    return {
      looks: await listLooks(ledger),
      unmoved: await listUnmoved(ledger),
      schedules: await listSchedules(ledger),
    };
  });
  const folders = slugs.map((importer) => ({
    importer,
    looks: looks.filter((look) => look.importer === importer),
    unmoved: unmoved.filter((file) => file.importer === importer),
  }));
  const own = timed.map(({ definition: { slug, source } }) => ({
    slug,
    zone: source.schedule?.time_zone ?? "UTC",
    schedule: schedules.find(({ importer }) => importer === slug) ?? null,
  }));
  return {
    folders,
    schedules: own.flatMap(({ schedule }) => schedule ?? []),
    lines: ["", ...folders.flatMap(linesOf), ...own.flatMap(scheduleLines)].map(printable),
  };
}

function linesOf({ importer, looks, unmoved }: Watched["folders"][number]): string[] {
  const [last] = looks;
  const ago = last && `${formatDuration(last.seconds)} ago by ${last.host}`;
  const files = last && `${formatCount(last.waiting)} ${last.waiting === 1 ? "file" : "files"}`;
  const state = last === undefined
    ? `${importer}: nobody watches its folder. Start ingest serve or ingest work.`
    : last.seconds > ALIVE
    ? `${importer}: nobody watches its folder any more; the last look was ${ago}. ` +
      "Start ingest serve or ingest work."
    : `${importer}: ${files} waiting; last look ${ago}.`;
  const problem = last?.problem ?? null;
  const more = unmoved.length > 1 ? ` (and ${formatCount(unmoved.length - 1)} more files)` : "";
  return [
    state,
    ...problem === null ? [] : [`  ${problem}`],
    ...unmoved.length === 0 ? [] : [`  ${unmoved[0].message}${more}`],
  ];
}

function scheduleLines({ slug, zone, schedule }: {
  readonly slug: string;
  readonly zone: string;
  readonly schedule: ListedSchedule | null;
}): string[] {
  const start = "Start ingest serve or ingest work.";
  if (schedule === null) return [`${slug}: nobody looks whether it is due. ${start}`];
  const { due_at, last_due_at, last_run_id, last_message, seconds } = schedule;
  const next = `${slug}: due next on ${formatInZone(due_at, zone)}`;
  const last = last_due_at === null
    ? ""
    : `; last on ${formatInZone(last_due_at, zone)}${
      last_run_id === null ? "" : `, run ${last_run_id}`
    }`;
  return [
    `${next}${last}.`,
    ...last_message === null ? [] : [`  The last time: ${last_message}`],
    ...seconds > ALIVE
      ? [`  Nobody looks any more: the last look was ${formatDuration(seconds)} ago. ${start}`]
      : [],
  ];
}
