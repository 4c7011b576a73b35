/**
 * Files of runs that are stored in a bucket, as this machine reads them: each is fetched once, by
 * whichever process needs it first, and removed when it hasn't been needed for a while. A file never
 * changes under its name, which is random, so one that is there is right.
 */
import { basename, join } from "node:path";
import { homeFolder } from "../../config/home.ts";
import { NoSuchObject, SourceError } from "../error.ts";
import { isCopyName } from "../file/copy_name.ts";
import { requireAddress } from "./address.ts";
import { download } from "./download.ts";
import { s3 } from "./here.ts";
import { statObject } from "./objects.ts";

/** Milliseconds without a reader, after which a file may go as soon as another one comes. */
const IDLE = 3_600_000;
/** Bytes that are kept of files that nobody reads any more. */
const MOST_BYTES = 20_000_000_000;
/** Milliseconds between two notes that a file is being read. */
const NOTE = 60_000;

/** When this process has last noted that it reads a file. */
const noted = new Map<string, number>();

/** Throws SourceError if it can't be fetched, NoSuchObject if it isn't there. */
export async function localCopy(address: string): Promise<string> {
  const path = placeOf(address);
  if (await isThere(path)) return path;
  const folder = cacheFolder();
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  // Processes wait for each other. If one dies, its lock goes with it.
  using lock = await Deno.open(`${path}.lock`, { create: true, write: true, mode: 0o600 });
  await lock.lock(true);
  if (await isThere(path)) return path;
  await makeRoom();
  // If the lock's file was removed meanwhile, somebody else may be fetching it, too.
  const unfinished = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    await download(s3(), requireAddress(address), unfinished);
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished).catch(ignoreAbsent);
    throw error;
  } finally {
    await Deno.remove(`${path}.lock`).catch(ignoreAbsent);
  }
  noted.set(path, Date.now());
  return path;
}

/** Its size in bytes, here or in the bucket; null if it isn't there. Throws SourceError. */
export async function sizeOfCopy(address: string): Promise<number | null> {
  try {
    return (await Deno.stat(placeOf(address))).size;
  } catch (error) {
    ignoreAbsent(error);
  }
  try {
    return (await statObject(s3(), requireAddress(address))).size;
  } catch (error) {
    if (error instanceof NoSuchObject) return null;
    throw error;
  }
}

/** It is not here any more, whatever was noted. */
export function forgetCopy(address: string): void {
  noted.delete(placeOf(address));
}

/** Makes a local file the copy of what was just stored at the address: it needn't be fetched. */
export async function adoptCopy(path: string, address: string): Promise<void> {
  const place = placeOf(address);
  try {
    await Deno.mkdir(cacheFolder(), { recursive: true, mode: 0o700 });
    await Deno.rename(path, place);
    const now = new Date();
    await Deno.utime(place, now, now);
  } catch {
    // It may be on another disk. Then it is fetched like any other.
    await Deno.remove(path).catch(ignoreAbsent);
  }
}

/** The run has ended, or was deleted: nobody needs the file here for now. */
export async function dropCopy(address: string): Promise<void> {
  const path = placeOf(address);
  noted.delete(path);
  await Deno.remove(path).catch(ignoreAbsent);
}

/** Removes what hasn't been read for a while, and more if that is not enough. */
export async function makeRoom(mostBytes = MOST_BYTES, idle = IDLE): Promise<void> {
  const found: { path: string; size: number; used: number }[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(cacheFolder())) {
      if (!isFile) continue;
      const path = join(cacheFolder(), name);
      const stat = await Deno.stat(path).catch(() => null);
      if (stat !== null) found.push({ path, size: stat.size, used: stat.mtime?.getTime() ?? 0 });
    }
  } catch (error) {
    ignoreAbsent(error);
  }
  found.sort((one, other) => one.used - other.used);
  let total = found.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size, used } of found) {
    const isIdle = used < Date.now() - idle;
    // One that is being written is somebody's, unless that has stopped long ago.
    const isWhole = isCopyName(basename(path));
    if (!isIdle && (total <= mostBytes || !isWhole)) continue;
    await Deno.remove(path).catch(ignoreAbsent);
    total -= size;
  }
}

/** Also notes that it is being read. */
async function isThere(path: string): Promise<boolean> {
  const now = Date.now();
  if (now - (noted.get(path) ?? 0) < NOTE) return true;
  try {
    const time = new Date(now);
    await Deno.utime(path, time, time);
  } catch (error) {
    ignoreAbsent(error);
    noted.delete(path);
    return false;
  }
  noted.set(path, now);
  return true;
}

function placeOf(address: string): string {
  const name = basename(requireAddress(address).key);
  if (isCopyName(name)) return join(cacheFolder(), name);
  throw new SourceError(`Cannot read ${address}: it is no file that ingest has stored.`);
}

function cacheFolder(): string {
  return join(homeFolder(Deno.env.get("INGEST_HOME")), "cache");
}

function ignoreAbsent(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
