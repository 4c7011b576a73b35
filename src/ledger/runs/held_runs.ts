/** Runs that wait for somebody's decision before they load their rows. */
import { type GateCounts } from "../../importer/gates.ts";
import { forgetTry } from "../edits/forget_try.ts";
import type { Ledger } from "../ledger.ts";
import { notifyWork } from "../notify.ts";
import type { HeldRun } from "./runs.ts";

/**
 * Holds a run whose batches were rolled back, in the open transaction. False if it was cancelled or has
 * failed meanwhile.
 */
export async function holdRun(ledger: Ledger, runId: number, held: HeldRun): Promise<boolean> {
  const holds = await ledger.execute(
    `with run as (
       update ${ledger.schema}.runs
       set status = 'held', held = $2::text::jsonb, held_at = clock_timestamp(),
         released_at = null, released_by = null
       where id = $1 and status = 'processing' and error is null returning id, held
     )
     insert into ${ledger.schema}.run_events (run_id, type, details)
     select id, 'held', held from run`,
    [runId, JSON.stringify(held)],
  );
  return holds === 1;
}

/** Lets a held run load its rows. False if it isn't held any more: only one of several decides. */
export async function releaseRun(
  ledger: Ledger,
  runId: number,
  by: string | null,
  via: "command" | "api" | "page",
  alongside?: () => Promise<void>,
): Promise<boolean> {
  return await ledger.transaction(async () => {
    const released = await ledger.execute(
      `with run as (
         update ${ledger.schema}.runs
         set status = 'processing', released_at = clock_timestamp(), released_by = $2
         where id = $1 and status = 'held' returning id
       )
       insert into ${ledger.schema}.run_events (run_id, type, actor, details)
       select id, 'released', $2, jsonb_build_object('via', $3::text) from run`,
      [runId, by, via],
    );
    if (released === 0) return false;
    await forgetTry(ledger, runId);
    await notifyWork(ledger);
    await alongside?.();
    return true;
  });
}

/** Notes in how many rows columns were NULL, for comparing later runs with it. */
export async function noteNulls(
  ledger: Ledger,
  runId: number,
  nulls: Readonly<Record<string, number>>,
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.runs set nulls = $2::text::jsonb where id = $1`,
    [runId, JSON.stringify(nulls)],
  );
}

/** What the importer's last runs did that have loaded a file, the latest first. */
export async function lastCounts(
  ledger: Ledger,
  importer: string,
  before: number,
  most: number,
): Promise<readonly GateCounts[]> {
  const counts = ["created", "updated", "skipped", "failed"]
    .map((name) => `(summary ->> '${name}')::bigint as ${name}`);
  return await ledger.query<GateCounts>(
    `select (summary ->> 'processed')::bigint as rows, nulls, absent, ${counts.join(", ")}
     from ${ledger.schema}.runs
     where importer = $1 and id < $2 and kind = 'import' and parent_id is null and not dry_run
       and status in ('completed', 'completed_with_errors')
     order by id desc limit $3`,
    [importer, before, most],
  );
}
