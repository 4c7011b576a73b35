/** What `check` says of a watched folder, and of a schedule. */
import { FolderProblem, requireFolder } from "../run/watch/list_waiting.ts";
import { watchedFolder } from "../run/watch/watched_folder.ts";
import { nextDue } from "../run/watch/next_due.ts";
import { cronInWords } from "../importer/cron_line.ts";
import type { ScheduleRule } from "../importer/source_rule.ts";
import { formatInZone } from "./time_in_zone.ts";
import { formatDuration } from "../report/numbers.ts";
import type { Importer } from "../importer/folder.ts";
import { placeOf, type Problem, toProblem } from "../importer/problem.ts";

export interface WatchNotes {
  readonly notes: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export async function watchNotes({ definition, file, positions }: Importer): Promise<WatchNotes> {
  const folder = watchedFolder(definition, Deno.cwd());
  const note = (path: readonly string[], sentence: string) => {
    const place = placeOf({ file, positions }, path);
    return toProblem(place.file, place.line, path, {
      ...{ found: sentence, expected: sentence, sentence },
    });
  };
  const { schedule } = definition.source;
  if (schedule !== undefined) {
    const key = schedule.cron === null ? "every" : "cron";
    return { notes: [note(["source", key], await scheduleInWords(schedule))], warnings: [] };
  }
  if (folder === null) return { notes: [], warnings: [] };
  const when = folder.ready === null
    ? `once they haven't changed for ${folder.settle / 1000} s`
    : `once there is a file ${folder.ready} beside them, where * is the file's name`;
  const notes = [
    note(["source", "path"], `serve and work take files of ${folder.root}, ${when}`),
  ];
  try {
    await requireFolder(folder.root, folder.path);
    return { notes, warnings: [] };
  } catch (error) {
    if (!(error instanceof FolderProblem)) throw error;
    return { notes, warnings: [note(["source", "path"], error.message)] };
  }
}

/** How many times are shown. */
const NEXT = 3;

async function scheduleInWords(rule: ScheduleRule): Promise<string> {
  const by = "ingest serve or ingest work";
  if (rule.cron === null) {
    return `loaded by ${by} every ${formatDuration((rule.every ?? 0) / 1000)}`;
  }
  const times: string[] = [];
  let last = new Date();
  while (times.length < NEXT) {
    last = await nextDue(rule, last, null);
    times.push(formatInZone(last, rule.time_zone));
  }
  return `loaded by ${by} ${cronInWords(rule.cron)}, in ${rule.time_zone}: next on ` +
    times.join(", ");
}
