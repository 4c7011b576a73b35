/** Copies in a bucket (INGEST_STORAGE): kept, listed and removed, as `storage.ts` does on a disk. */
import { basename, extname } from "node:path";
import { NoSuchObject, SourceError, StorageError } from "../error.ts";
import { isCopyName, type StoredCopy } from "../file/copy_name.ts";
import { requireAddress, showAddress } from "./address.ts";
import { Unsupported } from "./failure.ts";
import { s3 } from "./here.ts";
import { listObjects } from "./list_objects.ts";
import { listUploads } from "./list_uploads.ts";
import { adoptCopy, dropCopy, makeRoom } from "./local_copy.ts";
import { abortUpload, removeObject, statObject } from "./objects.ts";
import { upload } from "./upload.ts";

/**
 * Moves a copy on this machine's disk into the bucket, and returns its address. This machine keeps it
 * for reading. Throws StorageError; then it is still where it was.
 */
export async function storeInBucket(path: string, folder: string): Promise<string> {
  const address = `${folder}/${crypto.randomUUID()}${extname(path)}`;
  try {
    await upload(s3(), path, requireAddress(address));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new StorageError(`${error.message} (INGEST_STORAGE)`, { cause: error });
  }
  await adoptCopy(path, address);
  return address;
}

/** As `listStoredCopies`, by the server's clock. `age`: milliseconds. */
export async function listInBucket(folder: string, age: number): Promise<StoredCopy[]> {
  const { bucket, key } = requireAddress(`${folder}/`);
  const copies: StoredCopy[] = [];
  for await (const { objects, now } of listObjects(s3(), bucket, key)) {
    for (const object of objects) {
      const isOld = object.modified.getTime() < now.getTime() - age;
      if (!isOld || !isCopyName(object.key.slice(key.length))) continue;
      copies.push({ path: showAddress({ bucket, key: object.key }), size: object.size });
    }
  }
  return copies;
}

/** Its size in bytes; null if it isn't there. */
export async function statInBucket(path: string): Promise<number | null> {
  try {
    return (await statObject(s3(), requireAddress(path))).size;
  } catch (error) {
    if (error instanceof NoSuchObject) return null;
    throw error;
  }
}

/** Also what this machine has kept of it. Throws SourceError. */
export async function removeFromBucket(path: string): Promise<void> {
  await dropCopy(path);
  await removeObject(s3(), requireAddress(path));
}

/**
 * Takes back uploads that were begun at least `age` milliseconds ago and never completed. Returns how
 * many they are. Throws SourceError.
 */
export async function abortUnfinished(
  folder: string,
  age: number,
  dryRun: boolean,
): Promise<number> {
  const { bucket, key: prefix } = requireAddress(`${folder}/`);
  let aborted = 0;
  try {
    for await (const { key, id, begun } of listUploads(s3(), bucket, prefix)) {
      if (!(begun < Date.now() - age) || !isCopyName(basename(key))) continue;
      if (!dryRun) await abortUpload(s3(), { bucket, key }, id);
      aborted++;
    }
  } catch (error) {
    // A server that can't list them has its own rule for them, if any.
    if (!(error instanceof Unsupported)) throw error;
  }
  return aborted;
}

/** Removes what this machine keeps of files in buckets, if it hasn't read it for a while. */
export function dropIdleCopies(): Promise<void> {
  return makeRoom();
}

/** Why copies can't be kept there, in a sentence; null: they can. */
export async function probeBucket(folder: string): Promise<string | null> {
  const address = requireAddress(`${folder}/.probe-${crypto.randomUUID()}`);
  const path = await Deno.makeTempFile();
  try {
    await upload(s3(), path, address);
    await removeObject(s3(), address);
    return null;
  } catch (error) {
    if (error instanceof SourceError) return error.message;
    throw error;
  } finally {
    await Deno.remove(path);
  }
}
