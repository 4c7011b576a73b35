/** When a schedule is due next. */
import type { ScheduleRule } from "../../importer/source_rule.ts";

/**
 * The first time after `now`. `last`: when it was due before, so that intervals keep their beat; null:
 * it begins now.
 *
 * A time of a cron line that the clocks leave out is due when they go on, and one that comes twice is
 * due at the first. `every` counts time that passes, whatever the clocks do.
 */
export async function nextDue(
  { every, cron, time_zone }: ScheduleRule,
  now: Date,
  last: Date | null,
): Promise<Date> {
  if (every !== null) {
    const from = last ?? now;
    const steps = Math.max(1, Math.floor((now.getTime() - from.getTime()) / every) + 1);
    return new Date(from.getTime() + steps * every);
  }
  if (cron === null) throw new Error("A schedule has an interval or a cron line");
  // Only schedules need it.
  const { Cron } = await import("croner");
  const next = new Cron(cron, { timezone: time_zone, paused: true }).nextRun(now);
  if (next === null) throw new Error(`The cron line ${cron} is never due`);
  return next;
}

/** For the ledger: another text means that times are counted anew. */
export function ruleText({ every, cron, time_zone }: ScheduleRule): string {
  return every === null ? `${cron} ${time_zone}` : `every ${every} ms`;
}
