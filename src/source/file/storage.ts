/** Lists and removes the copies that `spool` has made. */
import { basename, join } from "node:path";
import { SourceError } from "../error.ts";

/** `spool` gives every copy a random UUID as its name, and the extension of the original. */
const COPY = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(\.[^.]*)?$/u;

export interface StoredCopy {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * The copies in a folder that were last written before `before`; none if there is no such folder.
 * Ignores all other files. Throws SourceError if the folder can't be read.
 */
export async function listStoredCopies(folder: string, before: Date): Promise<StoredCopy[]> {
  const copies: StoredCopy[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (!entry.isFile || !COPY.test(entry.name)) continue;
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
 * Removes copies; one that is already gone is not counted. Touches only files that `spool` has
 * named. With `dryRun`, it only counts.
 */
export async function removeStoredCopies(
  paths: readonly string[],
  dryRun = false,
): Promise<RemovedCopies> {
  let [files, bytes] = [0, 0];
  const left: string[] = [];
  for (const path of paths.filter((path) => COPY.test(basename(path)))) {
    try {
      const found = await statCopy(path);
      if (found === null) continue;
      if (!dryRun) await Deno.remove(path);
      files++;
      bytes += found.size;
    } catch (error) {
      // Another process has just removed it.
      if (error instanceof Deno.errors.NotFound) continue;
      left.push(`${path}: ${messageOf(error)}`);
    }
  }
  return { files, bytes, left };
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
