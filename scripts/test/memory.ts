/**
 * Keeps databases in memory if there is room. Creating and dropping a database creates and deletes
 * 300 files. That takes 25 ms in memory and 40 on a disk, but 300 if many files were deleted just
 * before: ext4 then searches for free inodes one by one, which keeps a whole core busy.
 */
import { statfs } from "node:fs/promises";
import type { DatabaseConfig } from "../../src/config/database_config.ts";
import { findPlace } from "../../src/db/embedded/place.ts";
import { Session } from "../../src/db/session.ts";

/** Only Linux has this folder, and in containers it is often small. */
const MEMORY = "/dev/shm";
/** In bytes. Running all tests, two servers used at most 270 MB. */
const ROOM = 1_000_000_000;
/** Contains the id of the process that made the folder, so that leftovers can be found. */
const NAME = /^ingest-test-(\d+)-/;

export interface MemoryFolder extends AsyncDisposable {
  /** Null if there is no room. */
  readonly path: string | null;
}

/** For the databases of the embedded server in `home`. Dispose of it after the server has stopped. */
export async function memoryFolder(home: string): Promise<MemoryFolder> {
  if (!await isThereRoom()) return { path: null, [Symbol.asyncDispose]: () => Promise.resolve() };
  await removeAbandoned();
  const path = await Deno.makeTempDir({ prefix: `ingest-test-${Deno.pid}-`, dir: MEMORY });
  const { runAs } = await findPlace(home);
  if (runAs !== null) await Deno.chown(path, runAs.uid, runAs.gid);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** From now on, the server creates databases in this folder. */
export async function createDatabasesIn(path: string, server: DatabaseConfig): Promise<void> {
  await using session = await Session.open(server);
  await session.execute(`create tablespace memory location '${path}'`);
  // A new database is created in the tablespace of its template.
  await session.execute("alter database template1 set tablespace memory");
}

/** If TMPDIR is set, all temporary files belong there. */
async function isThereRoom(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.env.get("TMPDIR")) return false;
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= ROOM;
}

/** Removes the folders of test runs that were killed. */
async function removeAbandoned(): Promise<void> {
  for await (const { name } of Deno.readDir(MEMORY)) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || await exists(`/proc/${pid}`)) continue;
    await Deno.remove(`${MEMORY}/${name}`, { recursive: true }).catch(() => {});
  }
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
