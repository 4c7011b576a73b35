/** Writes plans in steps that another process can continue, and reads what was planned. */
import type { UserSettings } from "../../db/session_settings.ts";
import { type DeferredRow, deferRows } from "./deferred.ts";
import { type Ledger, LET_GO_OF_THE_DEAD } from "../ledger.ts";
import type { Run } from "../runs/runs.ts";
import { IS_LOAD } from "../runs/same_bytes.ts";
import type { Identity } from "../../source/file/identity.ts";
import { fingerprint } from "../table_fingerprint.ts";

export interface PlannedBatch {
  readonly number: number;
  readonly firstRow: number;
  readonly lastRow: number;
  /** How many rows it has, deferred ones included; default: all from the first to the last. */
  readonly rows?: number;
  readonly firstLine: number;
  readonly byteStart: number;
  readonly byteEnd: number;
  /** Null: its bytes are in the ledger. */
  readonly checksum: string | null;
  /** How many of the rows are deferred to the second phase. */
  readonly deferred: number;
}

/** Where planning continues. */
export interface PlanPosition {
  readonly bytes: number;
  readonly rows: number;
  readonly lines: number;
}

export interface PlanLook {
  /** False if another process plans this run. */
  readonly locked: boolean;
  /** What the table is like now. */
  readonly fingerprint: string | null;
}

/** Does `work` in a transaction that has tried to take the planner's lock. `settings`: the user's. */
export function withPlanLock<T>(
  ledger: Ledger,
  runId: number,
  tables: readonly string[],
  work: (look: PlanLook) => Promise<T>,
  settings: UserSettings | null = null,
): Promise<T> {
  // As with batches: after a crash, the plan and the loaded rows are lost together.
  return ledger.transaction<T, PlanLook>(
    ([look]) => work(look),
    `set local synchronous_commit = off;
     ${LET_GO_OF_THE_DEAD}
     select pg_try_advisory_xact_lock(${ledger.lockKey("plan", String(runId))}) as locked,
       ${fingerprint(ledger, tables)} as fingerprint`,
    settings,
  );
}

/** The run was cancelled or has failed while it was being planned. */
export class PlanUnwanted extends Error {
  override readonly name = "PlanUnwanted";
}

/**
 * To be called now and then while the planner only reads the source: a planner that sends nothing
 * to the server would count as dead. Throws PlanUnwanted.
 */
export async function assertPlanWanted(ledger: Ledger, runId: number): Promise<void> {
  const [row] = await ledger.query<{ wanted: boolean }>(
    `select exists (select from ${ledger.schema}.runs
       where id = $1 and status = 'processing' and error is null) as wanted`,
    [runId],
  );
  if (!row.wanted) throw new PlanUnwanted(`Run ${runId} no longer needs planning`);
}

/** False if the run is no longer processing, or if another process has moved the position meanwhile. */
export async function movePlan(
  ledger: Ledger,
  runId: number,
  from: PlanPosition,
  to: PlanPosition,
): Promise<boolean> {
  const moved = await ledger.execute(
    `update ${ledger.schema}.runs set planned_bytes = $3, planned_rows = $4, planned_lines = $5
     where id = $1 and status = 'processing' and error is null and planned_at is null
       and planned_bytes = $2`,
    [runId, from.bytes, to.bytes, to.rows, to.lines],
  );
  return moved === 1;
}

/**
 * Writes one step in the open transaction and moves the run's position from `from` to `to`.
 * Writes nothing and returns false if the run is no longer processing, or if another process has
 * moved the position meanwhile.
 */
export async function writePlanStep(
  ledger: Ledger,
  runId: number,
  from: PlanPosition,
  to: PlanPosition,
  batches: readonly PlannedBatch[],
  deferred: readonly DeferredRow[],
): Promise<boolean> {
  if (!await movePlan(ledger, runId, from, to)) return false;
  await ledger.execute(
    `insert into ${ledger.schema}.batches (run_id, number, first_row, last_row, first_line,
       byte_start, byte_end, checksum, deferred, row_count, status, completed_at)
     select $1, number, first_row, last_row, first_line, byte_start, byte_end, checksum, deferred,
       rows - deferred,
       -- All its rows are deferred: nothing is left to do.
       case when deferred = rows and rows > 0 then 'completed' else 'pending' end,
       case when deferred = rows and rows > 0 then clock_timestamp() end
     from unnest($2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
       $8::text[], $9::int[], $10::int[]) as planned
       (number, first_row, last_row, first_line, byte_start, byte_end, checksum, deferred, rows)`,
    [
      runId,
      batches.map((b) => b.number),
      batches.map((b) => b.firstRow),
      batches.map((b) => b.lastRow),
      batches.map((b) => b.firstLine),
      batches.map((b) => b.byteStart),
      batches.map((b) => b.byteEnd),
      batches.map((b) => b.checksum),
      batches.map((b) => b.deferred),
      batches.map((b) => b.rows ?? b.lastRow - b.firstRow + 1),
    ],
  );
  await deferRows(ledger, runId, 2, deferred, "planner");
  return true;
}

/**
 * The whole source is planned. `identity`: of its file, if the run doesn't know it yet. `repeated`: other
 * runs may have loaded the same file. `stopped`: the run is no longer processing.
 */
export async function finishPlanning(
  ledger: Ledger,
  runId: number,
  position: PlanPosition,
  identity: Identity | null,
): Promise<"stopped" | "new" | "repeated"> {
  const [finished] = await ledger.query<{ repeated: boolean }>(
    `with run as (
       update ${ledger.schema}.runs set planned_at = clock_timestamp(), total_rows = $2,
         fingerprint = coalesce(fingerprint, $4), checksum = coalesce(checksum, $5)
       where id = $1 and status = 'processing' and error is null and planned_at is null
         and planned_bytes = $3
       returning id, fingerprint
     ), event as (
       insert into ${ledger.schema}.run_events (run_id, type, details)
       select id, 'planned', jsonb_build_object('rows', $2::bigint) from run
     )
     select exists (
       select from ${ledger.schema}.runs r
       where r.fingerprint = run.fingerprint and r.id <> run.id and ${IS_LOAD}) as repeated
     from run`,
    [
      runId,
      position.rows,
      position.bytes,
      identity?.fingerprint ?? null,
      identity?.checksum ?? null,
    ],
  );
  if (finished === undefined) return "stopped";
  return finished.repeated ? "repeated" : "new";
}

/** How many batches of the first phase there are. */
export async function countPlanned(ledger: Ledger, run: number): Promise<number> {
  const [{ count }] = await ledger.query<{ count: number }>(
    `select count(*)::int as count from ${ledger.schema}.batches where run_id = $1 and phase = 1`,
    [run],
  );
  return count;
}

/** The bytes of a planned batch. */
export interface PlannedRange {
  readonly number: number;
  readonly first_line: number;
  readonly byte_start: number;
  readonly byte_end: number;
  readonly checksum: string;
}

/** In file order, after batch `after`; without batches that were planned after the run was read. */
export function listPlanned(
  ledger: Ledger,
  run: Pick<Run, "id" | "planned_bytes">,
  after: number,
  limit: number,
): Promise<PlannedRange[]> {
  return ledger.query<PlannedRange>(
    `select number, first_line, byte_start, byte_end, checksum
     from ${ledger.schema}.batches
     where run_id = $1 and phase = 1 and number > $2 and byte_end <= $3
     order by number limit $4`,
    [run.id, after, run.planned_bytes, limit],
  );
}
