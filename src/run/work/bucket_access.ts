/**
 * Whether this thread can read what is stored in a bucket. A machine without credentials for it leaves
 * such runs to others, and tries again after a while.
 */
import type { Run } from "../../ledger/runs/runs.ts";
import { isInBucket } from "../../source/file/stored_at.ts";

/** Milliseconds after which what was lacking is tried again. */
export const NEXT_TRY = 60_000;

let closedUntil = -Infinity;

export function readsBuckets(): boolean {
  return performance.now() >= closedUntil;
}

/** It has just been refused. */
export function noteNoAccess(): void {
  closedUntil = performance.now() + NEXT_TRY;
}

/** The rows of a retry are in the ledger. */
export function needsBucket({ source, parent_id }: Pick<Run, "source" | "parent_id">): boolean {
  return parent_id === null && isInBucket(source.path);
}
