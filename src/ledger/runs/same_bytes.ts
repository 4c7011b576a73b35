/** `runs`: which runs have read the same file. */
import type { Definition } from "../../importer/definition.ts";
import type { Ledger } from "../ledger.ts";
import { isTerminal, type RunStatus } from "./statuses.ts";

/** A run that reads a file into a table, and not for a dry run. */
export interface EarlierLoad {
  readonly id: number;
  readonly importer: string;
  readonly definition: Definition;
  readonly status: RunStatus;
  readonly created_at: Date;
  readonly completed_at: Date | null;
  readonly original_filename: string | null;
  /** SHA-256 of the file; null in many runs of older versions. */
  readonly checksum: string | null;
  /** Rows that are in the table, as far as is committed. */
  readonly loaded: number;
  /** Some or all of them were taken back. */
  readonly undone: boolean;
  /** The run that is taking them back. */
  readonly undoing: number | null;
}

export interface WatchedLoad extends EarlierLoad {
  readonly stalled: boolean;
}

/** A condition on run `r`. */
export const IS_LOAD = "not r.dry_run and r.retried_from_run_id is null and r.kind = 'import'";

/** `more`: further columns and their source. */
const LOADS = (ledger: Ledger, which: string, more = { columns: "", from: "" }) =>
  `select r.id, r.importer, r.definition, r.status, r.created_at, r.completed_at,
     r.original_filename, r.checksum, p.successful as loaded,
     exists (
       select from ${ledger.schema}.runs u join ${ledger.schema}.batches b on b.run_id = u.id
       where u.undoes_run_id = r.id and not u.dry_run and b.deleted + b.updated > 0
     ) as undone,
     (select u.id from ${ledger.schema}.runs u
      where u.undoes_run_id = r.id and not u.dry_run and u.completed_at is null) as undoing
     ${more.columns}
   from ${ledger.schema}.runs r
   cross join lateral (
     select successful from ${ledger.schema}.run_progress where run_id = r.id offset 0
   ) p
   ${more.from}
   where ${which} and ${IS_LOAD}
   order by r.id`;

/** To plan a query with this view takes 8 ms. */
const HEALTH = (ledger: Ledger) => ({
  columns: ", coalesce(h.stalled, false) as stalled",
  from: `left join lateral (
     select stalled from ${ledger.schema}.run_health
     where run_id = r.id and r.completed_at is null offset 0
   ) h on true`,
});

const OF_FILE = "r.fingerprint = $1 and r.id is distinct from $2::bigint";

/** Of files with this fingerprint, oldest first; without run `except`. */
export function listLoadsOf(
  ledger: Ledger,
  fingerprint: string,
  except: number,
): Promise<EarlierLoad[]> {
  return ledger.query<EarlierLoad>(LOADS(ledger, OF_FILE), [fingerprint, except]);
}

/** All of them, and whether anybody still works on them. */
export function watchLoadsOf(ledger: Ledger, fingerprint: string): Promise<WatchedLoad[]> {
  return ledger.query<WatchedLoad>(LOADS(ledger, OF_FILE, HEALTH(ledger)), [fingerprint, null]);
}

/** Loads of an importer whose file has this size, and isn't known any better yet. */
export function listUnknownLoads(
  ledger: Ledger,
  importer: string,
  size: number,
): Promise<WatchedLoad[]> {
  return ledger.query<WatchedLoad>(
    LOADS(
      ledger,
      "r.fingerprint is null and r.importer = $1 and (r.source ->> 'size')::bigint = $2",
      HEALTH(ledger),
    ),
    [importer, size],
  );
}

/**
 * For the open transaction: nobody else decides meanwhile whether a file with this fingerprint is
 * to be loaded.
 */
export async function holdFingerprint(ledger: Ledger, fingerprint: string): Promise<void> {
  await ledger.query(
    `select pg_advisory_xact_lock(${ledger.lockKey("once", "hashtext($1)")})`,
    [fingerprint],
  );
}

/** Files that were read whole have both checksums, and SHA-256 is the better witness. */
export function mayBeSame(
  a: Pick<EarlierLoad, "checksum">,
  b: { readonly checksum: string | null },
): boolean {
  return a.checksum === null || b.checksum === null || a.checksum === b.checksum;
}

/** Is, or will, something of it be in the table? */
export function loadsSomething(
  { status, loaded, undone }: Pick<EarlierLoad, "status" | "loaded" | "undone">,
): boolean {
  return !undone && (loaded > 0 || !isTerminal(status));
}

/** Has it loaded its whole file? */
export function isDone({ status }: Pick<EarlierLoad, "status">): boolean {
  return status === "completed" || status === "completed_with_errors";
}

/** One run, if it loads a file. */
export async function watchLoad(ledger: Ledger, id: number): Promise<WatchedLoad | null> {
  const [load] = await ledger.query<WatchedLoad>(
    LOADS(ledger, "r.id = $1", HEALTH(ledger)),
    [id],
  );
  return load ?? null;
}
