/** File locks. The system releases them when their process dies, even after kill -9. */

import { EmbeddedPostgresFailed } from "./postgres_failed.ts";

export interface FileLock {
  release(): void;
}

/**
 * Waits until no other process holds the lock. Throws `EmbeddedPostgresFailed` if the file belongs
 * to another user.
 */
export async function lockExclusively(path: string): Promise<FileLock> {
  const file = await open(path);
  await file.lock(true);
  return { release: () => file.close() };
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
