/** Everything that the page of a run shows, as its reader may see it. */
import type { Context } from "hono";
import type { Definition } from "../../../importer/definition.ts";
import { batchStrip, paceOf, type PaceStep, type StripCell } from "../../../ledger/batch_strip.ts";
import { readHealthOf } from "../../../ledger/progress.ts";
import {
  type Sample,
  samplesOf,
  sumErrors,
  type SummedGroup,
} from "../../../report/error_summary.ts";
import type { RunReport, TimelineEntry } from "../../../report/report_schema.ts";
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
export async function readRunData(c: Context<RequestEnv>, id: string): Promise<RunData> {
  requireNumber(id);
  return await c.get("server").withLedger(async (ledger) => {
    const run = await requirePathRun(c, ledger, id);
    const later = await listLater(ledger, [run.id], publicRun);
    const errors = await sumErrors(ledger, run);
    const groups = groupsOf(errors);
    const page = { after: 0, limit: MOST_EVENTS };
    return {
      run: await publicReport(c, ledger, run.id),
      table: run.definition.table,
      cells: await batchStrip(ledger, run.id, MOST_CELLS),
      pace: await paceOf(ledger, run.id, STEPS),
      failedRows: errors.totalFailedRows,
      groups,
      samples: await samplesOf(ledger, run, groups.slice(0, SHOWN)),
      events: (await timelinePage(ledger, run, page, publicText(run))).data,
      // It names whoever uses the database.
      waitingOn: c.get("principal").importers === null
        ? (await readHealthOf(ledger, run)).waiting_on
        : null,
      skips: skipsOf(run.definition),
      root: run.parent_id === null ? null : await publicReport(c, ledger, run.parent_id),
      later: await withoutOthers(c, ledger, later),
    };
  });
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
