/** `watched_files`: files of watched folders, from when they are taken until they are moved. */
import { type Ledger, LET_GO_OF_THE_DEAD } from "../ledger.ts";
import { ACTIVE_STATUSES_SQL, type RunStatus } from "../runs/statuses.ts";

/** What tells a file from another one of the same name. */
export interface FileState {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds, as the file's server says; null if it keeps none. Only compared with itself. */
  readonly mtime: number | null;
}

export interface FoundFile extends FileState {
  /** Its path within the watched folder. */
  readonly name: string;
}

/** A file as its holder knows it. */
export interface HeldFile {
  readonly id: number;
  /** A UUID: tells apart the processes that may hold it. */
  readonly holder: string;
}

/** How long a holder that gives no sign counts as alive. */
const ALIVE = "60 seconds";
/**
 * A machine may see a file for so long that another one has moved: network file systems remember
 * what they were told.
 */
const REMEMBERED = "2 minutes";
/** Between two tries to move a file. */
const AGAIN = "60 seconds";

/** Null: somebody has this file, or one of its name, or has just moved it. */
export async function claimFile(
  ledger: Ledger,
  importer: string,
  { name, size, mtime }: FoundFile,
  { holder, host }: { readonly holder: string; readonly host: string },
): Promise<HeldFile | null> {
  const table = `${ledger.schema}.watched_files`;
  const [claimed] = await ledger.query<{ id: number }>(
    `insert into ${table} as f (importer, name, size, mtime, holder, host)
     select $1, $2, $3, $4, $5, $6
     where not exists (select from ${table} m
       where m.importer = $1 and m.name = $2 and m.size = $3 and m.mtime is not distinct from $4
         and m.state = 'ended' and m.host <> $6
         and m.ended_at > clock_timestamp() - interval '${REMEMBERED}')
     on conflict (importer, name) where state <> 'ended' do update
       set holder = excluded.holder, host = excluded.host, size = excluded.size,
         mtime = excluded.mtime, seen_at = clock_timestamp()
       where f.state = 'claimed' and f.seen_at < clock_timestamp() - interval '${ALIVE}'
     returning id`,
    [importer, name, size, mtime, holder, host],
  );
  return claimed === undefined ? null : { id: claimed.id, holder };
}

const OURS = "id = $1 and holder = $2 and state = 'claimed'";

/** The holder is still at it. */
export async function keepFile(ledger: Ledger, { id, holder }: HeldFile): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.watched_files set seen_at = clock_timestamp() where ${OURS}`,
    [id, holder],
  );
}

/** It was not taken after all. */
export async function releaseFile(ledger: Ledger, { id, holder }: HeldFile): Promise<void> {
  await ledger.execute(`delete from ${ledger.schema}.watched_files where ${OURS}`, [id, holder]);
}

/**
 * In the transaction that creates its run. False: somebody else has the file now, because this holder
 * has given no sign for a while.
 */
export async function recordFileRun(
  ledger: Ledger,
  { id, holder }: HeldFile,
  run: number,
): Promise<boolean> {
  // Others wait for the row: not for ever, should this process freeze.
  await ledger.query(LET_GO_OF_THE_DEAD);
  return await ledger.execute(
    `update ${ledger.schema}.watched_files set state = 'loading', run_id = $3 where ${OURS}`,
    [id, holder, run],
  ) === 1;
}

/** It can't be loaded, or need not be: it is moved without a run of its own. */
export async function refuseFile(
  ledger: Ledger,
  { id, holder }: HeldFile,
  goesTo: "done" | "failed",
  message: string,
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.watched_files set state = 'refused', goes_to = $3, message = $4
     where ${OURS}`,
    [id, holder, goesTo, message],
  );
}

export interface FileToMove extends FoundFile {
  readonly id: number;
  readonly run_id: number | null;
  /** Null: the run was deleted, or there is none. */
  readonly status: RunStatus | null;
  readonly failed: boolean;
  readonly goes_to: "done" | "failed" | null;
  readonly message: string | null;
  readonly moved_to: string | null;
}

/** Files whose runs have ended, for the caller to move. Others get them again only after a while. */
export function takeFilesToMove(
  ledger: Ledger,
  importer: string,
  limit: number,
): Promise<FileToMove[]> {
  const { schema } = ledger;
  return ledger.query<FileToMove>(
    `with next as (
       select f.id from ${schema}.watched_files f left join ${schema}.runs r on r.id = f.run_id
       where f.importer = $1 and f.state in ('loading', 'refused')
         and (r.id is null or r.status not in (${ACTIVE_STATUSES_SQL}))
         and (f.tried_at is null or f.tried_at < clock_timestamp() - interval '${AGAIN}')
       order by f.tried_at nulls first, f.id limit $2 for update of f skip locked
     )
     update ${schema}.watched_files f set tried_at = clock_timestamp()
     from next left join ${schema}.runs r on r.id =
       (select n.run_id from ${schema}.watched_files n where n.id = next.id)
     where f.id = next.id
     returning f.id, f.name, f.size, f.mtime, f.run_id, r.status, f.goes_to, f.message, f.moved_to,
       coalesce((select sum(b.failed) from ${schema}.batches b where b.run_id = f.run_id), 0) > 0
         as failed`,
    [importer, limit],
  );
}

/** Where the file is going to be: written down before it is there. */
export async function planMove(ledger: Ledger, id: number, to: string): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.watched_files set moved_to = $2 where id = $1 and state <> 'ended'`,
    [id, to],
  );
}

/** `to`: null if another file has its name now. `host`: whoever moved it. */
export async function endFile(
  ledger: Ledger,
  id: number,
  to: string | null,
  { host, message }: { readonly host: string; readonly message: string | null },
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.watched_files
     set state = 'ended', moved_to = $2, message = $3, host = $4, ended_at = clock_timestamp()
     where id = $1 and state <> 'ended'`,
    [id, to, message, host],
  );
}

/** Why it could not be moved. False: that was known. */
export async function noteUnmoved(ledger: Ledger, id: number, message: string): Promise<boolean> {
  return await ledger.execute(
    `update ${ledger.schema}.watched_files set message = $2
     where id = $1 and state <> 'ended' and message is distinct from $2`,
    [id, message],
  ) === 1;
}

export interface OpenFiles {
  /** Files that are taken and not moved: they wait for their runs, or can't be moved. */
  readonly names: ReadonlySet<string>;
  /** Runs that have not ended. */
  readonly runs: number;
}

export async function readOpenFiles(ledger: Ledger, importer: string): Promise<OpenFiles> {
  const { schema } = ledger;
  const files = await ledger.query<{ name: string; open: boolean }>(
    `select f.name, coalesce(r.status in (${ACTIVE_STATUSES_SQL}), false) as open
     from ${schema}.watched_files f left join ${schema}.runs r on r.id = f.run_id
     where f.importer = $1 and f.state in ('loading', 'refused')`,
    [importer],
  );
  return {
    names: new Set(files.map(({ name }) => name)),
    runs: files.filter(({ open }) => open).length,
  };
}

/** The file of a run, and where it lies. */
export interface FileOfRun {
  readonly name: string;
  /** Null: it has not been moved. */
  readonly moved_to: string | null;
  /** Why not, or what has become of it. */
  readonly message: string | null;
}

/** Null if the run's file was not found in a watched folder. */
export async function findFileOfRun(ledger: Ledger, run: number): Promise<FileOfRun | null> {
  const [file] = await ledger.query<FileOfRun>(
    `select name, case when state = 'ended' then moved_to end as moved_to, message
     from ${ledger.schema}.watched_files where run_id = $1 order by id desc limit 1`,
    [run],
  );
  return file ?? null;
}

/** Files that were moved without a run, or whose runs were deleted. */
export async function forgetFiles(ledger: Ledger): Promise<void> {
  await ledger.execute(
    `delete from ${ledger.schema}.watched_files
     where state = 'ended' and run_id is null and ended_at < clock_timestamp() - interval '7 days'`,
  );
}
