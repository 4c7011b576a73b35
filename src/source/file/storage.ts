/** Lists and removes the copies that `spool` has made, on a disk or in a bucket. */
import { basename, join } from "node:path";
import { SourceError } from "../error.ts";
import { isCopyName, type StoredCopy } from "./copy_name.ts";
import { isInBucket } from "./stored_at.ts";

/**
 * The copies in a folder that were last written before `before`; none if there is no such folder.
 * Ignores all other files. Throws SourceError if the folder can't be read.
 */
export async function listStoredCopies(folder: string, before: Date): Promise<StoredCopy[]> {
  const copies: StoredCopy[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (!entry.isFile || !isCopyName(entry.name)) continue;
      const path = join(folder, entry.name);
      const found = await statCopy(path);
      if (found !== null && found.mtime < before) copies.push({ path, size: found.size });
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new SourceError(
      `Cannot read the storage folder ${folder}: ${messageOf(error)}. ` +
        "Make it readable for this user.",
      { cause: error },
    );
  }
  return copies;
}

export interface RemovedCopies {
  readonly files: number;
  /** Bytes. */
  readonly bytes: number;
  /** Copies that could not be removed, each with the reason, to show to the user. */
  readonly left: readonly string[];
}

/**
 * Removes copies, wherever they are; one that is already gone is not counted. Touches only files that
 * `spool` has named. With `dryRun`, it only counts.
 */
export async function removeStoredCopies(
  paths: readonly string[],
  dryRun = false,
): Promise<RemovedCopies> {
  let [files, bytes] = [0, 0];
  const left: string[] = [];
  for (const path of paths.filter((path) => isCopyName(basename(path)))) {
    try {
      const size = await (isInBucket(path) ? removeStored : removeLocal)(path, dryRun);
      if (size === null) continue;
      files++;
      bytes += size;
    } catch (error) {
      // Another process has just removed it.
      if (error instanceof Deno.errors.NotFound) continue;
      left.push(`${path}: ${messageOf(error)}`);
    }
  }
  return { files, bytes, left };
}

/** Its size; null if it is gone. */
async function removeLocal(path: string, dryRun: boolean): Promise<number | null> {
  const found = await statCopy(path);
  if (found !== null && !dryRun) await Deno.remove(path);
  return found?.size ?? null;
}

async function removeStored(path: string, dryRun: boolean): Promise<number | null> {
  const { removeFromBucket, statInBucket } = await import("../s3/stored_copies.ts");
  const size = await statInBucket(path);
  if (size !== null && !dryRun) await removeFromBucket(path);
  return size;
}

/** Null if the copy is gone. */
async function statCopy(path: string): Promise<{ size: number; mtime: Date } | null> {
  try {
    const { size, mtime } = await Deno.lstat(path);
    // If the file system keeps no times, nothing counts as old.
    return { size, mtime: mtime ?? new Date() };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
