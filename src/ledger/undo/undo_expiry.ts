/** What undos need is kept for as long as the definition says (`options.undo_for`). */
import type { Ledger } from "../ledger.ts";
import { ACTIVE_STATUSES_SQL } from "../runs/statuses.ts";

/** A piece of what was removed: of a run and its retries. */
export interface Forgotten {
  readonly root: number;
  /** How many single rows, most of them old values. */
  readonly rows: number;
  /** Nothing of it is left. */
  readonly isLast: boolean;
}

/**
 * Removes a piece of what is too old, in a short transaction: of one chain, at most `limit` rows. Null:
 * nothing is. From the first piece on, the chain can't be undone.
 */
export async function forgetExpired(ledger: Ledger, limit: number): Promise<Forgotten | null> {
  const { schema } = ledger;
  const expired = `select root.id as root from ${schema}.runs root where ${isExpired(ledger)}
    order by root.id limit 1`;
  if ((await ledger.query(expired)).length === 0) return null;
  return await ledger.transaction(async () => {
    const [found] = await ledger.query<{ root: number }>(`${expired} for update skip locked`);
    if (found === undefined) return null;
    const { root } = found;
    // An undo, a retry or a resume that began before the lock was taken is visible only now.
    const [still] = await ledger.query(
      `select from ${schema}.runs root where root.id = $1 and ${isExpired(ledger)}`,
      [root],
    );
    if (still === undefined) return { root, rows: 0, isLast: false };
    const ofChain = `run_id in (select id from ${schema}.runs where id = $1 or parent_id = $1)`;
    // First, and all at once: without its exceptions, a mark would say what isn't true.
    await ledger.execute(`delete from ${schema}.undo_marks where ${ofChain}`, [root]);
    const rows = await ledger.execute(
      `delete from ${schema}.undo_rows where ctid = any(array(
         select ctid from ${schema}.undo_rows where ${ofChain} limit $2))`,
      [root, limit],
    );
    const deleted = await ledger.execute(
      `delete from ${schema}.deleted_rows where id = any(array(
         select id from ${schema}.deleted_rows where ${ofChain} limit $2))`,
      [root, limit],
    );
    const isLast = rows < limit && deleted < limit;
    if (isLast) await ledger.execute(`delete from ${schema}.undo_tables where ${ofChain}`, [root]);
    return { root, rows: rows + deleted, isLast };
  });
}

/** How many rows `forgetExpired` would remove in all. */
export async function countExpired(ledger: Ledger): Promise<number> {
  const { schema } = ledger;
  const [{ rows }] = await ledger.query<{ rows: number }>(
    `select coalesce(sum((
       select count(*) from (
         select run_id from ${schema}.undo_rows union all select run_id from ${schema}.deleted_rows
       ) u join ${schema}.runs r on r.id = u.run_id
       where r.id = root.id or r.parent_id = root.id)), 0)::bigint as rows
     from ${schema}.runs root where ${isExpired(ledger)}`,
  );
  return rows;
}

/**
 * SQL: of the chain of `root`, something is still kept, and all of its runs ended too long ago. Nobody
 * is undoing it.
 */
function isExpired({ schema }: Ledger): string {
  return `root.parent_id is null
    and exists (
      select from ${schema}.undo_tables t join ${schema}.runs r on r.id = t.run_id
      where r.id = root.id or r.parent_id = root.id)
    and not exists (
      select from ${schema}.runs r
      where (r.id = root.id or r.parent_id = root.id) and (
        r.status in (${ACTIVE_STATUSES_SQL}) or r.completed_at is null
        or r.completed_at >= clock_timestamp() - make_interval(
          secs => coalesce((r.definition #>> '{options,undo_for}')::float8, 0) / 1000)))
    and not exists (
      select from ${schema}.runs u
      where u.undoes_run_id = root.id and u.status in (${ACTIVE_STATUSES_SQL}))`;
}
