/** Prunes runs, and compares each prune with what its dry run says: for tests. */
import assert from "node:assert/strict";
import { prune, type Pruned, type PruneRequest } from "../../../src/run/request/prune.ts";
import { leftovers } from "../chains.ts";
import type { Workshop } from "../importing.ts";

export const DAY = 86_400_000;

export const NOTHING: Omit<Pruned, "before"> = {
  runs: 0,
  rows: 0,
  keptRuns: 0,
  keptFailedRows: 0,
  trimmedRows: 0,
  undoRows: 0,
  files: 0,
  orphans: 0,
  bytes: 0,
  left: [],
};

/** Prunes what is older than 30 days. A dry run before it reports the same and changes nothing. */
export async function pruned(
  shop: Workshop,
  options: Partial<PruneRequest> = {},
): Promise<Omit<Pruned, "before">> {
  const request: PruneRequest = {
    olderThanMs: 30 * DAY,
    spoolFolder: `${shop.file}.none`,
    force: false,
    dryRun: false,
    ...options,
  };
  const before = await leftovers(shop);
  const { before: _, ...predicted } = await prune(shop.ledger, { ...request, dryRun: true });
  assert.deepEqual(await leftovers(shop), before);
  const { before: __, ...done } = await prune(shop.ledger, request);
  assert.deepEqual(done, predicted);
  return done;
}

/** The runs that there are. */
export async function runIds(shop: Workshop): Promise<number[]> {
  const runs = await shop.session.query<{ id: number }>("select id from ingest.runs order by id");
  return runs.map(({ id }) => id);
}
