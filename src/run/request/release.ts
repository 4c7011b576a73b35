/** Lets a held run load its rows. */
import type { Ledger } from "../../ledger/ledger.ts";
import { releaseRun } from "../../ledger/runs/held_runs.ts";
import { requireRun, type Run } from "../../ledger/runs/runs.ts";
import type { Alongside } from "./alongside.ts";
import { Refused } from "./refuse/refused.ts";
import { requireSource } from "./resume.ts";

/**
 * Returns the run, which has work to do again. Throws NoSuchRun, Refused if it isn't held, and
 * SourceError if its source is gone or has changed.
 */
export async function releaseHeld(
  ledger: Ledger,
  id: number,
  by: string | null,
  via: "command" | "api" | "page",
  alongside?: Alongside,
): Promise<Run> {
  const run = await requireRun(ledger, id);
  if (run.status !== "held") throw notHeld(run);
  await requireSource(ledger, run, "release");
  const released = await releaseRun(
    ledger,
    id,
    by,
    via,
    alongside && (() => alongside(ledger, id)),
  );
  const now = await requireRun(ledger, id);
  if (!released) throw notHeld(now);
  return now;
}

function notHeld({ id, status, released_at, released_by }: Run): Refused {
  const by = released_by === null ? "" : ` by ${released_by}`;
  const before = released_at === null ? "" : ` It was released${by}.`;
  return new Refused(
    `Cannot release run ${id}: it is ${status.replaceAll("_", " ")}, and not held.${before}`,
  );
}
