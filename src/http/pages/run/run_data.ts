/** Everything that the page of a run shows, as its reader may see it. */
import type { Context } from "hono";
import type { Definition } from "../../../importer/definition.ts";
import {
  batchStrip,
  paceOf,
  type PaceStep,
  type StripCell,
} from "../../../ledger/batches/batch_strip.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { readHealthOf, reasonsToWait } from "../../../ledger/runs/progress.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import {
  type Sample,
  samplesOf,
  sumErrors,
  type SummedGroup,
} from "../../../report/error_summary.ts";
import type { RunReport } from "../../../report/report_schema.ts";
import type { TimelineEntry } from "../../../report/timeline_schema.ts";
import { listLater } from "../../../report/run_family.ts";
import { timelinePage } from "../../../report/timeline.ts";
import { RequestRefused } from "../../answers/answer_failure.ts";
import { publicRun, publicText } from "../../answers/public_words.ts";
import { publicReport, requirePathRun, withoutOthers } from "../../runs_of.ts";
import type { RequestEnv } from "../../server_context.ts";
import { groupsOf, SHOWN } from "./groups.tsx";
import { MOST_EVENTS } from "./happened.tsx";
import { STEPS } from "./pace.tsx";
import { MOST_CELLS } from "./strip.tsx";

export interface RunData {
  readonly run: RunReport;
  readonly table: string;
  readonly cells: readonly StripCell[];
  readonly pace: readonly PaceStep[];
  readonly failedRows: number;
  readonly groups: readonly SummedGroup[];
  /** Of the groups that are shown. */
  readonly samples: ReadonlyMap<SummedGroup, Sample>;
  readonly events: readonly TimelineEntry[];
  /** What its batches wait for: somebody's lock, say. */
  readonly waitingOn: string | null;
  /** Why rows of the run are skipped. */
  readonly skips: string;
  /** The run that it retries; null: it is none. */
  readonly root: RunReport | null;
  /** Retries and undos of the run, the latest first. */
  readonly later: readonly RunReport[];
}

/** Throws NoSuchRun, and RequestRefused if `id` is no number. */
export async function findRun(c: Context<RequestEnv>, id: string): Promise<Run> {
  requireNumber(id);
  return await c.get("server").withLedger((ledger) => requirePathRun(c, ledger, id));
}

export async function readRunData(c: Context<RequestEnv>, run: Run): Promise<RunData> {
  return await c.get("server").withLedger(async (ledger) => {
    // Sent together: Postgres works on one while the next is on its way.
    const [shown, root, later, errors, cells, pace, timeline, health] = await Promise.all([
      publicReport(c, ledger, run.id, { rows: 0, withPlace: true }),
      run.parent_id === null ? null : publicReport(c, ledger, run.parent_id),
      listLater(ledger, [run.id], publicRun).then((runs) => withoutOthers(c, ledger, runs)),
      sumAll(ledger, run),
      batchStrip(ledger, run.id, MOST_CELLS),
      paceOf(ledger, run.id, STEPS),
      timelinePage(ledger, run, { after: 0, limit: MOST_EVENTS }, publicText(run)),
      // It names whoever uses the database.
      c.get("principal").importers === null ? readHealthOf(ledger, run) : null,
    ]);
    return {
      ...{ run: shown, root, later, ...errors, cells, pace },
      table: run.definition.table,
      events: timeline.data,
      waitingOn: health && reasonsToWait(health),
      skips: skipsOf(run.definition),
    };
  });
}

async function sumAll(
  ledger: Ledger,
  run: Run,
): Promise<Pick<RunData, "failedRows" | "groups" | "samples">> {
  const errors = await sumErrors(ledger, run);
  const groups = groupsOf(errors);
  const samples = await samplesOf(ledger, run, groups.slice(0, SHOWN));
  return { failedRows: errors.totalFailedRows, groups, samples };
}

/** What a trigger has skipped is in the run's warnings. */
function skipsOf({ key, on_duplicate, on_missing }: Definition): string {
  const same = key.length === 0 ? "a row of the table" : `the same ${key.join(", ")} as a row`;
  const known = on_duplicate === "skip"
    ? `they have ${same} that was there already, or that came before them in the file`
    : on_duplicate === "update"
    ? "the table has the same values already"
    : "the table has the same values, or newer ones, already";
  return on_missing === "skip" ? `${known}, or no row of the table has their key` : known;
}

/** Throws RequestRefused. */
export function requireNumber(id: string): void {
  if (/^[1-9]\d{0,14}$/u.test(id)) return;
  throw new RequestRefused(404, "no_such_run", "There is no such run.");
}
