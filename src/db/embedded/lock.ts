/** File locks. The system releases them when their process dies, even after kill -9. */

import { EmbeddedPostgresFailed } from "./postgres_failed.ts";

export interface FileLock {
  release(): void;
}

/**
 * Milliseconds that another process may hold the lock. To start and to stop the server may take a
 * minute each.
 */
const PATIENCE = 150_000;

/**
 * Waits until no other process holds the lock, but not for ever: that process may be stopped. Throws
 * `EmbeddedPostgresFailed`, also if the file belongs to another user.
 */
export async function lockExclusively(path: string, patience = PATIENCE): Promise<FileLock> {
  const file = await open(path);
  const locked = file.lock(true);
  if (!await isDoneWithin(locked, patience)) {
    // There is no way to give up the wait. It ends with the process, or with the other's.
    locked.then(() => file.close(), () => file.close());
    throw await describeHolder(path, patience);
  }
  // Whoever waits wants to know for whom.
  await file.truncate();
  await file.write(new TextEncoder().encode(String(Deno.pid)));
  return { release: () => file.close() };
}

async function isDoneWithin(done: Promise<void>, patience: number): Promise<boolean> {
  const timeUp = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => timeUp.resolve(false), patience);
  try {
    return await Promise.race([done.then(() => true), timeUp.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function describeHolder(path: string, patience: number): Promise<EmbeddedPostgresFailed> {
  const pid = (await Deno.readTextFile(path).catch(() => "")).trim();
  const who = pid === "" ? "another process" : `process ${pid}`;
  return new EmbeddedPostgresFailed(
    `Cannot use the embedded Postgres: ${who} has been starting or stopping it for ` +
      `${Math.round(patience / 1000)} s. Is it suspended? Let it go on, or end it.`,
  );
}

async function open(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { create: true, write: true });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.PermissionDenied)) throw cause;
    throw new EmbeddedPostgresFailed(
      `Cannot use the embedded Postgres: ${path} belongs to another user. ` +
        `Set INGEST_HOME to a folder of your own.`,
      { cause },
    );
  }
}
