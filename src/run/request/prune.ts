/**
 * Removes what is old: runs that have ended, with their retries; logged rows that no retry needs;
 * and stored copies that no run names. Uses short transactions, and may run beside active imports
 * and other prunes.
 */
import {
  type ChainRun,
  countLogged,
  countRetryable,
  countUnneeded,
  deleteRuns,
  deleteUnneeded,
  listChain,
  listOldChains,
  listUnnamed,
  lockWholeChain,
  recordPruned,
  timeBefore,
} from "../../ledger/runs/deletion.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { countExpired, forgetExpired } from "../../ledger/undo/undo_expiry.ts";
import { listStoredCopies, removeStoredCopies } from "../../source/file/storage.ts";
import { removeCopiesOf } from "./delete.ts";

export interface PruneRequest {
  readonly olderThanMs: number;
  readonly spoolFolder: string;
  /** A folder in a bucket, where copies are kept, too. */
  readonly storage?: string | null;
  /** Also removes runs with failed rows that could still be retried. */
  readonly force: boolean;
  /** Only counts, and removes nothing. */
  readonly dryRun: boolean;
}

export interface Pruned {
  /** Runs that ended before this moment count as old. */
  readonly before: Date;
  readonly runs: number;
  /** Rows that these runs had logged. */
  readonly rows: number;
  /** Old runs that stay, because some of their failed rows can still be retried. */
  readonly keptRuns: number;
  readonly keptFailedRows: number;
  /** Rows logged by runs that stay, but of no use to a retry. */
  readonly trimmedRows: number;
  /** Rows that runs have updated, whose old values were kept for long enough. */
  readonly undoRows: number;
  /** Stored copies of these runs. */
  readonly files: number;
  /** Stored copies that no run names. */
  readonly orphans: number;
  /** The size of all these files. */
  readonly bytes: number;
  /** Files that could not be removed, each with the reason. */
  readonly left: readonly string[];
}

/** Rows checked in one transaction, which takes about a tenth of a second. */
const STEP = 10_000;
const CHAINS_AT_ONCE = 100;
/** A run names its copy only once the copy is complete and has been checked. */
const LEAST_ORPHAN_AGE_MS = 3_600_000;

/** Throws SourceError if the storage folder can't be read; then nothing was deleted. */
export async function prune(ledger: Ledger, request: PruneRequest): Promise<Pruned> {
  const { olderThanMs, spoolFolder, storage = null, dryRun } = request;
  const before = await timeBefore(ledger, olderThanMs);
  const orphanAge = Math.max(olderThanMs, LEAST_ORPHAN_AGE_MS);
  const copies = await listStoredCopies(spoolFolder, new Date(Date.now() - orphanAge));
  const bucket = storage === null ? null : await import("../../source/s3/stored_copies.ts");
  if (bucket !== null) copies.push(...await bucket.listInBucket(storage!, orphanAge));
  // List orphans before runs are deleted: the runs' own copies are counted separately.
  const orphans = await listUnnamed(ledger, copies.map(({ path }) => path));

  const undoRows = dryRun ? await countExpired(ledger) : await forgetUndos(ledger);
  let total: ChainPruned = NOTHING;
  for (let after = 0;;) {
    const roots = await listOldChains(ledger, before, after, CHAINS_AT_ONCE);
    for (const root of roots) {
      total = add(total, await pruneChain(ledger, root, before, request));
    }
    if (roots.length < CHAINS_AT_ONCE) break;
    after = roots[roots.length - 1];
  }
  const removed = await removeStoredCopies(orphans, dryRun);
  const unfinished = await bucket?.abortUnfinished(storage!, orphanAge, dryRun) ?? 0;
  if (!dryRun) await bucket?.dropIdleCopies();
  return {
    ...total,
    before,
    undoRows,
    orphans: removed.files + unfinished,
    bytes: total.bytes + removed.bytes,
    left: [...total.left, ...removed.left],
  };
}

/** What undos need, as far as it was kept for long enough. */
async function forgetUndos(ledger: Ledger): Promise<number> {
  for (let rows = 0;;) {
    const forgotten = await forgetExpired(ledger, STEP);
    if (forgotten === null) return rows;
    rows += forgotten.rows;
  }
}

type ChainPruned = Omit<Pruned, "before" | "orphans" | "undoRows">;

const NOTHING: ChainPruned = {
  runs: 0,
  rows: 0,
  keptRuns: 0,
  keptFailedRows: 0,
  trimmedRows: 0,
  files: 0,
  bytes: 0,
  left: [],
};

function add(a: ChainPruned, b: ChainPruned): ChainPruned {
  return {
    runs: a.runs + b.runs,
    rows: a.rows + b.rows,
    keptRuns: a.keptRuns + b.keptRuns,
    keptFailedRows: a.keptFailedRows + b.keptFailedRows,
    trimmedRows: a.trimmedRows + b.trimmedRows,
    files: a.files + b.files,
    bytes: a.bytes + b.bytes,
    left: [...a.left, ...b.left],
  };
}

async function pruneChain(
  ledger: Ledger,
  root: number,
  before: Date,
  { force, dryRun }: PruneRequest,
): Promise<ChainPruned> {
  const chain = await listChain(ledger, root);
  const retryable = force ? 0 : await countRetryable(ledger, root);
  if (retryable > 0) {
    const trimmedRows = await trimRuns(ledger, chain, root, dryRun);
    const kept = { keptRuns: chain.length, keptFailedRows: retryable };
    return { ...NOTHING, ...kept, trimmedRows };
  }
  if (dryRun) {
    const { files, bytes } = await removeStoredCopies(copiesOf(chain), true);
    const rows = await countLogged(ledger, chain.map((run) => run.id));
    return { ...NOTHING, runs: chain.length, rows, files, bytes };
  }
  // First delete the rows that no retry needs, in steps. Then delete the rest at once: a retry must
  // never find only part of it.
  const trimmed = await trimRuns(ledger, chain, root, false);
  const rest = await ledger.transaction(async () => {
    const now = await lockWholeChain(ledger, root);
    const old = now.every((run) => run.completed_at !== null && run.completed_at < before);
    if (now.length === 0 || !old) return null;
    return { runs: now, rows: await deleteRuns(ledger, now.map((run) => run.id)) };
  });
  // Resumed or retried meanwhile, or deleted by another prune.
  if (rest === null) return { ...NOTHING, trimmedRows: trimmed };
  const copies = await removeCopiesOf(ledger, rest.runs);
  return { ...NOTHING, ...copies, runs: rest.runs.length, rows: trimmed + rest.rows };
}

/** Deletes logged rows that no retry needs from the runs of a chain; returns how many. */
async function trimRuns(
  ledger: Ledger,
  chain: readonly ChainRun[],
  root: number,
  dryRun: boolean,
): Promise<number> {
  let total = 0;
  for (const { id } of chain) {
    const rows = dryRun ? await countUnneeded(ledger, id, root) : await trim(ledger, id, root);
    if (rows > 0 && !dryRun) await recordPruned(ledger, id, rows);
    total += rows;
  }
  return total;
}

async function trim(ledger: Ledger, run: number, root: number): Promise<number> {
  let total = 0;
  for (let after = 0;;) {
    const { deleted, through } = await deleteUnneeded(ledger, run, root, after, STEP);
    total += deleted;
    if (through === null) return total;
    after = through;
  }
}

function copiesOf(chain: readonly ChainRun[]): string[] {
  return chain.flatMap(({ processed_filepath: path }) => path === null ? [] : [path]);
}
