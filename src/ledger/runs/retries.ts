/**
 * Chains of retries: a run, which is the root, and the runs that tried its failed rows again. The
 * root's rows record which of them are still unresolved (retried_rows.ts).
 */
import { isLockTimeout } from "../../db/table_locked.ts";
import type { Ledger } from "../ledger.ts";
import type { Run, RunSource } from "./runs.ts";
import { ACTIVE_STATUSES_SQL, type RunStatus } from "./statuses.ts";

/** What makes a run a retry. */
export interface Retry {
  readonly id: number;
  readonly root: number;
  /** The run that it retries: the root, or another retry. */
  readonly from: number;
  readonly dryRun: boolean;
  /** Tries only the rows in `corrections`, with the bytes from there. */
  readonly corrected: boolean;
  /** Of its rows, those in `corrections` are tried with the bytes from there. */
  readonly edited: boolean;
  /** Tries only the rows in `chosen_rows`, which are so many; null: all. */
  readonly chosen: number | null;
}

type RunOfChain = Pick<Run, "id" | "parent_id" | "retried_from_run_id" | "dry_run" | "source">;

/** Null for a run that is not a retry and has its own source. */
export function retryOf(run: RunOfChain): Retry | null {
  const { id, parent_id, retried_from_run_id, dry_run, source } = run;
  if (parent_id === null || retried_from_run_id === null) return null;
  return {
    id,
    root: parent_id,
    from: retried_from_run_id,
    dryRun: dry_run,
    corrected: source.corrections !== undefined,
    edited: source.edited_rows !== undefined,
    chosen: source.chosen?.rows ?? null,
  };
}

export function rootOf(run: Pick<Run, "id" | "parent_id">): number {
  return run.parent_id ?? run.id;
}

/**
 * Locks the chain until the end of the open transaction. Every transaction that makes a run of the
 * chain active takes this lock: the root and its retries load rows with the same keys, so only one
 * of them may be active. Somebody else may hold it for long, such as a retry with a large file.
 * Throws ChainBusy after `patience` milliseconds.
 */
export async function holdChain(
  ledger: Ledger,
  root: number,
  patience = CHAIN_PATIENCE,
): Promise<void> {
  try {
    // Weaker than `for update`, which would wait for every insert that refers to the run.
    await ledger.query(
      `set local lock_timeout = ${patience};
       select from ${ledger.schema}.runs where id = ${BigInt(root)} for no key update;
       set local lock_timeout to default`,
    );
  } catch (error) {
    throw isLockTimeout(error) ? new ChainBusy(root, { cause: error }) : error;
  }
}

export const CHAIN_PATIENCE = 10_000;

/** Another transaction is making a run of the chain active, or deletes it, and takes long. */
export class ChainBusy extends Error {
  override readonly name = "ChainBusy";

  constructor(root: number, options?: { readonly cause: unknown }) {
    super(
      `Run ${root} is in use by another request, such as a retry of it with a large file, or ` +
        "somebody is correcting its failed rows. Try again when that is done.",
      options,
    );
  }
}

export interface ChainMember {
  readonly id: number;
  readonly status: RunStatus;
}

/** The run of the chain that has not ended; null if all of them have. */
export async function findActiveInChain(
  ledger: Ledger,
  root: number,
): Promise<ChainMember | null> {
  const [active] = await ledger.query<ChainMember>(
    `select id, status from ${ledger.schema}.runs
     where (id = $1 or parent_id = $1) and status in (${ACTIVE_STATUSES_SQL})
     order by id desc limit 1`,
    [root],
  );
  return active ?? null;
}

/** Tells the run that is retried, and the chain's root if that is another one. */
export async function recordRetried(
  ledger: Ledger,
  retry: Retry,
  by: string | null,
  file: { readonly name: string; readonly rows: number } | null,
  only: RunSource["chosen"] | null = null,
): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.run_events (run_id, type, actor, details)
     select distinct run, 'retried', $3, jsonb_strip_nulls(jsonb_build_object(
       'retry', $4::bigint, 'of', nullif($2::bigint, run), 'dry_run', nullif($5, false),
       'file', $6::text, 'only', $8::text, 'rows', $7::bigint))
     from unnest(array[$1::bigint, $2]) as run`,
    [
      retry.root,
      retry.from,
      by,
      retry.id,
      retry.dryRun,
      file?.name ?? null,
      file?.rows ?? only?.rows ?? null,
      only?.words ?? null,
    ],
  );
}

/** What became of a run's failed rows: the rest is fixed. */
export interface LeftRows {
  /** Neither fixed by a retry nor waived. */
  readonly unresolved: number;
  /** Not to be loaded, as somebody has decided. */
  readonly waived: number;
}

/**
 * Counts them. For a root this sums the batches of its retries: each row that they loaded has fixed
 * exactly one. For a retry it looks up the rows, which takes a second for a million, but only if another
 * retry can have fixed some, or some are waived.
 */
export async function countLeft(
  ledger: Ledger,
  run: RunOfChain & Pick<Run, "definition">,
  failed: number,
): Promise<LeftRows> {
  if (failed === 0) return { unresolved: 0, waived: 0 };
  const root = rootOf(run);
  const [{ here, elsewhere, waived }] = await ledger.query<
    { here: number; elsewhere: number; waived: number }
  >(
    `select
       coalesce(sum(b.created + b.updated + b.skipped), 0)::bigint as here,
       coalesce(sum(b.created + b.updated + b.skipped) filter (where r.id <> $2), 0)::bigint
         as elsewhere,
       (select coalesce(sum(bit_count(rows)), 0)::bigint
        from ${ledger.schema}.waived_ranges where run_id = $1) as waived
     from ${ledger.schema}.runs r join ${ledger.schema}.batches b on b.run_id = r.id
     where r.parent_id = $1 and not r.dry_run`,
    [root, run.id],
  );
  if (run.id === root) return { unresolved: failed - here - waived, waived };
  // If a retry logs no rows, nobody knows which of them another retry has fixed.
  if (elsewhere + waived === 0 || run.definition.options.log_rows === "none") {
    return { unresolved: failed, waived: 0 };
  }
  // Counts unresolved rows, not fixed ones: old rows that were fixed are deleted.
  const [row] = await ledger.query<LeftRows>(
    `select count(*) filter (where root.waiver_id is null) + (
       select coalesce(sum(unlogged), 0)::bigint from ${ledger.schema}.batches where run_id = $2
     ) as unresolved,
       count(*) filter (where root.waiver_id is not null) as waived
     from ${ledger.schema}.rows own
     join ${ledger.schema}.rows root on root.run_id = $1 and root.row_number = own.row_number
     where own.run_id = $2 and own.status = 'failed' and root.resolved_by_run_id is null`,
    [root, run.id],
  );
  return row;
}
