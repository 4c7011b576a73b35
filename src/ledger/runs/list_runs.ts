/** Lists many runs with their counts in one statement. */
import type { Ledger } from "../ledger.ts";
import type { RunProgress } from "./progress.ts";
import type { Run } from "./runs.ts";
import { isTerminal, OPEN_STATUSES_SQL, type RunStatus } from "./statuses.ts";
import { type Uncommitted, uncommittedOf } from "./uncommitted.ts";
import { takesBack, type Undo } from "../undo/undos.ts";

export interface RunFilter {
  readonly status: RunStatus | null;
  readonly importer: string | null;
  /** Only importers that are LIKE one of these; null: all. */
  readonly importersLike?: readonly string[] | null;
  /** Only runs before this one: the next page. */
  readonly before?: number | null;
  /**
   * `roots`: only runs that are neither retries nor undos. `whole`: these, and besides them their
   * latest retries and undos. Numbers: only the retries and undos of these.
   */
  readonly family?: "roots" | "whole" | readonly number[];
  /** Only these runs. */
  readonly ids?: readonly number[];
  readonly limit: number;
}

export interface ListedRun {
  readonly run: Run;
  readonly progress: RunProgress;
  readonly stalled: boolean;
  /** It waits its turn: the workers are on this run. */
  readonly queued_behind: number | null;
  /** Failed rows that are neither fixed by a retry nor waived. */
  readonly unresolved: number;
  /** Failed rows that are not kept. */
  readonly unlogged: number;
  readonly waived: number;
  /** The undo that takes it back, or has. */
  readonly undo: Undo | null;
}

/** Retries and undos of `whole` families, of all together. */
const MOST_LATER = 500;

/** Latest first. 1,000 runs of 200 batches take half a second. */
export async function listRuns(ledger: Ledger, filter: RunFilter): Promise<ListedRun[]> {
  const { schema } = ledger;
  const listed = await ledger.query<Run & Omit<ListedRun, "run" | "stalled" | "queued_behind">>(
    `with found as materialized (
       select * from ${schema}.runs
       where ($1::text is null or status = $1) and ($2::text is null or importer = $2)
         and ($4::text[] is null or importer like any($4)) and ($5::bigint is null or id < $5)
         and (not $6 or (parent_id is null and undoes_run_id is null))
         and ($7::bigint[] is null or parent_id = any($7) or undoes_run_id = any($7))
         and ($8::bigint[] is null or id = any($8))
       order by id desc limit $3
     ), listed as materialized (
       select * from found
       union all (
         select * from ${schema}.runs
         where $9 and (parent_id = any(array(select id from found))
           or undoes_run_id = any(array(select id from found)))
         order by id desc limit ${MOST_LATER}
       )
     ), loads as materialized (
       -- Rows that real retries of their chains have loaded: each has fixed one row of the root.
       select retry.parent_id as root, retry.id,
         coalesce(sum(b.created + b.updated + b.skipped), 0)::bigint as rows
       from ${schema}.runs retry join ${schema}.batches b on b.run_id = retry.id
       where not retry.dry_run
         and retry.parent_id in (select coalesce(parent_id, id) from listed)
       group by retry.parent_id, retry.id
     ), waived as materialized (
       select run_id as root, sum(bit_count(rows))::bigint as rows
       from ${schema}.waived_ranges where run_id in (select coalesce(parent_id, id) from listed)
       group by run_id
     )
     select r.*, to_jsonb(p) as progress,
       case
         when p.failed = 0 then 0
         when r.parent_id is null then p.failed - fixed.rows - coalesce(w.rows, 0)
         when own.unresolved is null then p.failed
         else own.unresolved + (
           select coalesce(sum(unlogged), 0)::bigint from ${schema}.batches where run_id = r.id)
       end as unresolved,
       case when p.failed = 0 then 0 when r.parent_id is null then coalesce(w.rows, 0)
         else coalesce(own.waived, 0) end as waived,
       case
         when p.failed > (r.definition #>> '{options,max_failed_rows_logged}')::bigint then (
           select coalesce(sum(unlogged), 0)::bigint from ${schema}.batches where run_id = r.id)
         else 0
       end as unlogged,
       (select jsonb_build_object('id', u.id, 'status', u.status, 'dry_run', u.dry_run,
          'completed_at', u.completed_at,
          'reverted', sum(done.deleted + done.updated) over (order by u.id),
          'kept', done.failed)
        from ${schema}.runs u
        cross join lateral (
          select coalesce(sum(deleted), 0) as deleted, coalesce(sum(updated), 0) as updated,
            coalesce(sum(failed), 0) as failed
          from ${schema}.batches where run_id = u.id
        ) done
        where u.undoes_run_id = coalesce(r.parent_id, r.id) and ${takesBack(ledger)}
        order by u.id desc limit 1) as undo
     from listed r
     -- Without offset 0, Postgres sums the batches of all runs before it picks these.
     cross join lateral (
       select * from ${schema}.run_progress where run_id = r.id offset 0
     ) p
     cross join lateral (
       select coalesce(sum(rows), 0)::bigint as rows from loads
       where root = coalesce(r.parent_id, r.id) and loads.id <> r.id
     ) fixed
     left join waived w on w.root = coalesce(r.parent_id, r.id)
     left join lateral (
       select count(*) filter (where o.waiver_id is null) as unresolved,
         count(*) filter (where o.waiver_id is not null) as waived
       from ${schema}.rows own
       join ${schema}.rows o on o.run_id = r.parent_id and o.row_number = own.row_number
       where own.run_id = r.id and own.status = 'failed' and o.resolved_by_run_id is null offset 0
     ) own on p.failed > 0 and r.parent_id is not null and (fixed.rows > 0 or w.rows > 0)
       and r.definition #>> '{options,log_rows}' <> 'none'
     order by r.id desc`,
    [
      filter.status,
      filter.importer,
      filter.limit,
      filter.importersLike ?? null,
      filter.before ?? null,
      filter.family === "roots" || filter.family === "whole",
      typeof filter.family === "object" ? filter.family : null,
      filter.ids ?? null,
      filter.family === "whole",
    ],
  );
  const health = await healthOfOpen(ledger, listed);
  return listed.map(({ progress, unresolved, unlogged, waived, undo, ...run }) => {
    const { uncommitted = null, ...idle } = health.get(run.id) ?? IDLE;
    return {
      run,
      progress: { ...progress, uncommitted },
      ...idle,
      ...{ unresolved, unlogged, waived, undo },
    };
  });
}

interface OpenHealth extends Pick<ListedRun, "stalled" | "queued_behind"> {
  readonly uncommitted?: Uncommitted | null;
}

const IDLE: OpenHealth = { stalled: false, queued_behind: null };

/** Only of runs that have not ended. To plan the view takes milliseconds. */
async function healthOfOpen(
  ledger: Ledger,
  runs: readonly Run[],
): Promise<ReadonlyMap<number, OpenHealth>> {
  const open = runs.filter(({ status }) => !isTerminal(status)).map(({ id }) => id);
  if (open.length === 0) return new Map();
  const found = await ledger.query<OpenHealth & { run_id: number }>(
    `select run_id, coalesce(stalled, false) as stalled, queued_behind,
       ${uncommittedOf(ledger, "run_id")} as uncommitted
     from unnest($1::bigint[]) open(id)
     -- Without offset 0, Postgres sums the batches of all runs before it picks these.
     cross join lateral (
       select run_id, stalled, queued_behind from ${ledger.schema}.run_health
       where run_id = open.id offset 0
     ) h`,
    [open],
  );
  return new Map(found.map(({ run_id, ...health }) => [run_id, health]));
}

/** The importers of those of these runs that exist. */
export async function importersOf(
  ledger: Ledger,
  runs: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const found = await ledger.query<Pick<Run, "id" | "importer">>(
    `select id, importer from ${ledger.schema}.runs where id = any($1::bigint[])`,
    [[...new Set(runs)]],
  );
  return new Map(found.map(({ id, importer }) => [id, importer]));
}

export async function hasOpenRuns(ledger: Ledger): Promise<boolean> {
  const [{ any }] = await ledger.query<{ any: boolean }>(
    `select exists (select from ${ledger.schema}.runs where status in (${OPEN_STATUSES_SQL})) as any`,
  );
  return any;
}

/** The importers that ever had a run, in alphabetical order; at most 1,000. */
export async function importersOfRuns(ledger: Ledger): Promise<string[]> {
  // One look into the index for each importer, however many runs there are.
  const found = await ledger.query<Pick<Run, "importer">>(
    `with recursive known as (
       (select importer from ${ledger.schema}.runs order by importer limit 1)
       union all
       select (select importer from ${ledger.schema}.runs where importer > known.importer
               order by importer limit 1)
       from known where known.importer is not null
     )
     select importer from known where importer is not null limit 1000`,
  );
  return found.map(({ importer }) => importer);
}
