/** The batches' connections as Postgres sees them. */
import type { Ledger } from "./ledger.ts";

export interface RunningCopy {
  readonly pid: number;
  /** When its statement began, in seconds: one connection runs many. */
  readonly began: number;
  /** Bytes that COPY has processed so far. */
  readonly bytes: number;
  /** Postgres waits for the program to send more. */
  readonly waiting_for_client: boolean;
}

/** COPYs of connections that hold a batch. */
export function listCopies(ledger: Ledger): Promise<RunningCopy[]> {
  return ledger.query<RunningCopy>(
    `select c.pid, c.bytes_processed as bytes,
       extract(epoch from a.query_start)::float8 as began,
       coalesce(a.wait_event = 'ClientRead', false) as waiting_for_client
     from pg_stat_progress_copy c
     join pg_stat_activity a on a.pid = c.pid
     where c.datname = current_database() and exists (
       select from pg_locks l
       join ${ledger.schema}.batches b
         on ((l.classid::bigint << 32) | l.objid::bigint) = ${ledger.lockKey("batch", "b.id")}
       where l.pid = c.pid and l.locktype = 'advisory' and l.objsubid = 1 and l.granted
         and b.status = 'processing')`,
  );
}

/**
 * Ends a connection: what it had not committed is rolled back, and its locks are free. False if
 * this role may not (it sees another's connections, but isn't a member of its role).
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
