/** Checks what a definition says of when its source is loaded by itself. */
import { cronMistake } from "../cron_line.ts";
import type { Problems } from "../problem.ts";
import { readAge } from "../read_options.ts";
import type { ParsedDefinition } from "../schema.ts";
import { AN_INTERVAL } from "../source_schema.ts";

type Source = NonNullable<ParsedDefinition["source"]>;

/** Milliseconds. */
const SHORTEST = 10_000, LONGEST = 366 * 86_400_000;

export function checkSchedule(source: Source, problems: Problems): void {
  const of = (key: string) => ["source", key];
  const { type = "upload", every, cron } = source;
  const isTimed = every !== undefined || cron !== undefined;
  for (const key of ["every", "cron"] as const) {
    if (source[key] === undefined || (type !== "upload" && type !== "folder")) continue;
    const sentence = type === "folder"
      ? "a folder is watched all the time: leave it out"
      : "needs a source that is always in the same place, such as `type: file`";
    problems.add(of(key), { found: `type ${type}`, expected: "type: file", sentence });
  }
  if (every !== undefined && cron !== undefined) {
    problems.add(of("cron"), {
      found: "every and cron",
      expected: "one of them",
      sentence: "can't be given together with `every`",
    });
  }
  for (const [key, needed] of [["time_zone", "cron"], ["if_running", "every or cron"]] as const) {
    const isThere = key === "time_zone" ? cron !== undefined : isTimed;
    if (source[key] === undefined || isThere) continue;
    problems.add(of(key), {
      found: `no ${needed}`,
      expected: needed,
      sentence: `needs ${needed}`,
    });
  }
  if (every !== undefined) {
    const time = readAge(every);
    if (time === null || time < SHORTEST || time > LONGEST) {
      problems.wrong(of("every"), every, `${AN_INTERVAL}, from 10s to 1y`);
    }
  }
  const mistake = cron === undefined ? null : cronMistake(cron);
  if (mistake !== null) problems.wrong(of("cron"), cron, mistake);
}
