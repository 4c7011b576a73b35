/** `request_keys`: requests with an Idempotency-Key that were done, or are being done. */
import type { Ledger } from "../ledger.ts";

/** A key as its holder knows it. Keys of different tokens have nothing to do with each other. */
export interface HeldKey {
  /** Null: as long as there are no tokens. */
  readonly token: number | null;
  readonly key: string;
  /** A UUID: tells apart the processes, and their requests, that may hold the key. */
  readonly holder: string;
}

/** What was done for a key. */
export interface DoneBefore {
  /** A hash of what was asked. */
  readonly request: string;
  readonly run_id: number;
  /** What the answer said besides the run, or all of it, as `whole`. */
  readonly answer: Readonly<Record<string, unknown>> | null;
}

/** How long a holder that gives no sign counts as alive. */
const ALIVE = "30 seconds";
/** How long it is known what was done. */
const KEPT = "24 hours";

/**
 * Takes the key, if nobody has it, or its holder has given no sign for a while. Otherwise: what was
 * done for it, or that somebody is at it.
 */
export async function takeKey(
  ledger: Ledger,
  { token, key, holder }: HeldKey,
): Promise<"taken" | "in use" | DoneBefore> {
  const table = `${ledger.schema}.request_keys`;
  const taken = await ledger.execute(
    `insert into ${table} as k (token_id, key, holder) values ($1, $2, $3)
     on conflict (token_id, key) do update
       set holder = excluded.holder, seen_at = clock_timestamp()
       where k.run_id is null and k.seen_at < clock_timestamp() - interval '${ALIVE}'`,
    [token ?? 0, key, holder],
  );
  if (taken > 0) return "taken";
  const [done] = await ledger.query<DoneBefore>(
    `select request, run_id, answer from ${table}
     where token_id = $1 and key = $2 and run_id is not null`,
    [token ?? 0, key],
  );
  return done ?? "in use";
}

const OURS = "token_id = $1 and key = $2 and holder = $3 and run_id is null";

/** The holder is still at it. */
export async function keepKey(ledger: Ledger, held: HeldKey): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.request_keys set seen_at = clock_timestamp() where ${OURS}`,
    parametersOf(held),
  );
}

/**
 * Records that it is done: to be called in the transaction that does it. False: somebody else has
 * the key now, because this holder has given no sign for a while.
 */
export async function recordDone(
  ledger: Ledger,
  held: HeldKey,
  { request, run_id, answer }: DoneBefore,
): Promise<boolean> {
  const recorded = await ledger.execute(
    `update ${ledger.schema}.request_keys
     set request = $4, run_id = $5, answer = $6::text::jsonb, seen_at = clock_timestamp()
     where ${OURS}`,
    [...parametersOf(held), request, run_id, answer && JSON.stringify(answer)],
  );
  return recorded > 0;
}

/** Nothing was done: the key may be used again. */
export async function releaseKey(ledger: Ledger, held: HeldKey): Promise<void> {
  await ledger.execute(
    `delete from ${ledger.schema}.request_keys where ${OURS}`,
    parametersOf(held),
  );
}

function parametersOf({ token, key, holder }: HeldKey): readonly unknown[] {
  return [token ?? 0, key, holder];
}

/** Forgets what was done more than a day ago; at most `limit` keys. Returns how many. */
export function forgetKeys(ledger: Ledger, limit: number): Promise<number> {
  const table = `${ledger.schema}.request_keys`;
  return ledger.execute(
    `delete from ${table} where ctid = any(array(
       select ctid from ${table} where seen_at < clock_timestamp() - interval '${KEPT}' limit $1))`,
    [limit],
  );
}
