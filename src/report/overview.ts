/** Where things stand: what is being loaded, and what waits for somebody. Bounded, however many. */
import { countRunsSince } from "../ledger/runs/count_runs.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { ROWS_FAILED } from "../ledger/runs/settle.ts";
import { RUN_STATUSES, type RunStatus } from "../ledger/runs/statuses.ts";
import { listReport } from "./run_report.ts";
import type { RunReport } from "./report_schema.ts";

export interface Overview {
  readonly today: {
    /** The last midnight, here. */
    readonly since: string;
    readonly runs: number;
    readonly by_status: Readonly<Record<RunStatus, number>>;
  };
  /** Runs that have not ended, stalled ones among them. The latest first, as all of these. */
  readonly active: readonly RunReport[];
  /** Runs that wait until somebody releases or cancels them. */
  readonly held: readonly RunReport[];
  /** Runs of today that failed. */
  readonly failed: readonly RunReport[];
  /** Failed rows that nobody has dealt with: neither fixed nor waived. */
  readonly unresolved: {
    readonly rows: number;
    readonly runs: readonly RunReport[];
    /** False: older runs may have more. */
    readonly complete: boolean;
  };
}

/** As many runs of each status as are looked at. */
const MOST = 100;

export async function overview(ledger: Ledger, now: Date): Promise<Overview> {
  const since = new Date(now);
  since.setHours(0, 0, 0, 0);
  const latest = (status: RunStatus) => listReport(ledger, { status, importer: null, limit: MOST });
  const counts = await countRunsSince(ledger, since);
  const active = [
    ...await latest("processing"),
    ...await latest("cancelling"),
    ...await latest("pending"),
  ].toSorted(latestFirst);
  const [erring, failed, cancelled] = [
    await latest("completed_with_errors"),
    await latest("failed"),
    await latest("cancelled"),
  ];
  const waiting = [...erring, ...failed, ...cancelled].filter(isWaiting).toSorted(latestFirst);
  return {
    today: {
      since: since.toISOString(),
      runs: [...counts.values()].reduce((sum, runs) => sum + runs, 0),
      by_status: byStatus(counts),
    },
    active,
    held: await latest("held"),
    failed: failed.filter(({ created_at, undo }) => new Date(created_at) >= since && undo === null),
    unresolved: {
      rows: waiting.reduce((sum, { progress }) => sum + progress.unresolved, 0),
      runs: waiting,
      complete: [erring, failed, cancelled].every(({ length }) => length < MOST),
    },
  };
}

function byStatus(counts: ReadonlyMap<RunStatus, number>): Record<RunStatus, number> {
  const all = RUN_STATUSES.map((status) => [status, counts.get(status) ?? 0] as const);
  return Object.fromEntries(all) as Record<RunStatus, number>;
}

/**
 * A retry has failed rows of its original, which counts them already. A run that has loaded none of its
 * rows because of some is among the failed ones.
 */
function isWaiting({ progress, kind, dry_run, parent_id, undo, error }: RunReport): boolean {
  return progress.unresolved > 0 && kind === "import" && !dry_run && parent_id === null &&
    undo === null && error?.code !== ROWS_FAILED;
}

function latestFirst(one: RunReport, other: RunReport): number {
  return other.id - one.id;
}
