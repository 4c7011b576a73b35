/**
 * Where the bytes of a run's file are on this machine. A path is a local file's; or the address of a
 * copy in a bucket, which is fetched when it is first read.
 */
import { readAnswer } from "./answer.ts";

const BUCKET = "s3://";

/** Has this thread read any? */
let hasFetched = false;

/** Is it in a bucket (INGEST_STORAGE) rather than on a disk? */
export function isInBucket(path: string): boolean {
  return path.startsWith(BUCKET);
}

/**
 * Makes sure that the file can be read here. Fetching it may take minutes. Throws SourceError if that
 * fails, NoSuchObject if it isn't there.
 */
export async function fetchStored(path: string): Promise<void> {
  if (isInBucket(path)) await localCopy(path);
}

/** The run has ended: for now, nobody here needs the copy that was fetched. */
export async function releaseStored(pathOf: () => Promise<string | null>): Promise<void> {
  if (!hasFetched) return;
  const path = await pathOf();
  if (path === null || !isInBucket(path)) return;
  const { dropCopy } = await import("../s3/local_copy.ts");
  await dropCopy(path);
}

/** Bytes of a copy in a bucket; null if it isn't there. Throws SourceError. */
export async function sizeInBucket(path: string): Promise<number | null> {
  const { sizeOfCopy } = await import("../s3/local_copy.ts");
  return await sizeOfCopy(path);
}

/** Opens it for reading. Throws SourceError, and the errors of Deno.open. */
export async function openForReading(path: string): Promise<Deno.FsFile> {
  if (!isInBucket(path)) return await readAnswer(path, Deno.open(path));
  for (let attempt = 1;; attempt++) {
    const local = await localCopy(path);
    try {
      return await readAnswer(path, Deno.open(local));
    } catch (error) {
      // Another process has just made room: it is fetched again.
      if (!(error instanceof Deno.errors.NotFound) || attempt === 3) throw error;
      const { forgetCopy } = await import("../s3/local_copy.ts");
      forgetCopy(path);
    }
  }
}

async function localCopy(path: string): Promise<string> {
  hasFetched = true;
  const { localCopy } = await import("../s3/local_copy.ts");
  return await localCopy(path);
}
