/** The connections that hold our locks, as Postgres sees them. */
import { isHeld, type Ledger } from "../ledger.ts";

/** A connection in the middle of a statement, with a lock that shows that its process is alive. */
export interface Holder {
  readonly pid: number;
  /** When its statement began, in seconds: a connection runs many statements. */
  readonly began: number;
  /** Bytes that COPY has processed so far; 0 for other statements. */
  readonly bytes: number;
  /** Postgres is waiting for the program to send more. */
  readonly waiting_for_client: boolean;
}

/**
 * Lists connections that hold the lock of a batch, a plan, a run or a rehearsal in the middle of a
 * statement. (`LET_GO_OF_THE_DEAD` ends them between two statements.) They need not be in a COPY:
 * a statement with parameters takes two messages, and Postgres has no time-out between them.
 */
export function listHolders(ledger: Ledger): Promise<Holder[]> {
  return ledger.query<Holder>(
    `select a.pid, coalesce(c.bytes_processed, 0) as bytes,
       extract(epoch from a.query_start)::float8 as began,
       coalesce(a.wait_event = 'ClientRead', false) as waiting_for_client
     from pg_stat_activity a
     left join pg_stat_progress_copy c on c.pid = a.pid
     where a.datname = current_database() and a.state = 'active' and exists (
       select from pg_locks l
       where l.pid = a.pid and ${isHeld(`any (${keysOfLocks(ledger)})`)})`,
  );
}

/** SQL: the keys of the locks that work in progress may hold. */
function keysOfLocks(ledger: Ledger): string {
  const { schema } = ledger;
  return `select ${ledger.lockKey("batch", "b.id")}
    from ${schema}.batches b where b.status = 'processing'
    union all
    select unnest(array[${ledger.lockKey("plan", "r.id")}, ${ledger.lockKey("run", "r.id")}])
    from ${schema}.runs r where r.status in ('processing', 'cancelling')
    union all
    -- Another process may already have ended its run.
    select ${ledger.lockKey("rehearsal", "r.id")}
    from ${schema}.runs r where r.dry_run or r.whole`;
}

/** SQL: the connections with locks on `key`, other than this one, as Postgres sees them. */
function holdersOf(key: string): string {
  return `select a.*, l.mode from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where l.pid <> pg_backend_pid() and ${isHeld(key)}`;
}

/** SQL: ends those that this role may end, in one statement, and counts those that it may not. */
function endAll(holders: string): string {
  return `select count(*) filter (where ended is null) as untouchable
    from (
      select case when pg_has_role(h.usesysid, 'member') then pg_terminate_backend(h.pid) end as ended
      from (${holders}) h offset 0
    ) as each_of_them`;
}

/**
 * Ends the connections that write for a run that is being cancelled: it can't be settled before
 * they have ended. Also ends one that is settling it and has been silent for a second: settling
 * takes only milliseconds. Returns how many of them this role may not end.
 */
export async function endHoldersOfRun(ledger: Ledger, runId: number): Promise<number> {
  const holders = `select * from (
      ${holdersOf(ledger.lockKey("run", "$1::bigint"))}
      union all ${holdersOf(ledger.lockKey("rehearsal", "$1::bigint"))}) of_run
    where (mode = 'ShareLock'
        or wait_event = 'ClientRead' and state_change
          not between clock_timestamp() - interval '1 second' and clock_timestamp()
        -- A rehearsal that waits for another connection's lock.
        or wait_event_type = 'Lock')
      -- Not if it has been resumed since.
      and exists (select from ${ledger.schema}.runs where id = $1 and status = 'cancelling')`;
  const [{ untouchable }] = await ledger.query<{ untouchable: number }>(endAll(holders), [runId]);
  return untouchable;
}

/** The same for the connection that is planning the run. */
export async function endPlannerOfRun(ledger: Ledger, runId: number): Promise<number> {
  const holders = holdersOf(ledger.lockKey("plan", "$1::bigint"));
  const [{ untouchable }] = await ledger.query<{ untouchable: number }>(endAll(holders), [runId]);
  return untouchable;
}

/**
 * Ends a connection: Postgres rolls back what it had not committed, and releases its locks. False
 * if this role may not end it (it sees connections of another role, but isn't a member of it).
 */
export async function endSession(ledger: Ledger, pid: number): Promise<boolean> {
  const [{ allowed }] = await ledger.query<{ allowed: boolean }>(
    `select coalesce(bool_or(pg_has_role(usesysid, 'member')), false) as allowed
     from pg_stat_activity where pid = $1::int`,
    [pid],
  );
  if (allowed) await ledger.query("select pg_terminate_backend($1::int)", [pid]);
  return allowed;
}
