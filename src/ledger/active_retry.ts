/** Which run tries a chain's failed rows again at this moment: one at most (a unique index). */
import type { Ledger } from "./ledger.ts";

/** `root`: the first run of the chain. */
export async function findActiveRetry(ledger: Ledger, root: number): Promise<number | null> {
  const [retry] = await ledger.query<{ id: number }>(
    `select id from ${ledger.schema}.runs
     where parent_id = $1 and status in ('pending', 'processing', 'cancelling')`,
    [root],
  );
  return retry?.id ?? null;
}
