/**
 * Keeps databases in memory, where there is room. To create and drop one is to create and delete
 * 300 files: 25 ms in memory, 40 on a disk, and 300 when many were deleted just before: ext4 looks
 * for inodes that weren't, one by one, with a whole core.
 */
import { statfs } from "node:fs/promises";
import type { DatabaseConfig } from "../../src/config/database_config.ts";
import { findPlace } from "../../src/db/embedded/place.ts";
import { Session } from "../../src/db/session.ts";

/** Only Linux has it, and containers often have little of it. */
const MEMORY = "/dev/shm";
/** Two servers of a run of all tests had 270 MB there at most. In bytes. */
const ROOM = 1_000_000_000;
/** Has the process that made it, as what nobody deletes would take memory until the next start. */
const NAME = /^ingest-test-(\d+)-/;

export interface MemoryFolder extends AsyncDisposable {
  /** Null if there is no room. */
  readonly path: string | null;
}

/** For the databases of the embedded server of `home`. To be disposed of when that has stopped. */
export async function memoryFolder(home: string): Promise<MemoryFolder> {
  if (!await isThereRoom()) return { path: null, [Symbol.asyncDispose]: () => Promise.resolve() };
  await removeAbandoned();
  const path = await Deno.makeTempDir({ prefix: `ingest-test-${Deno.pid}-`, dir: MEMORY });
  const { runAs } = await findPlace(home);
  if (runAs !== null) await Deno.chown(path, runAs.uid, runAs.gid);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** The server's new databases will be there. */
export async function createDatabasesIn(path: string, server: DatabaseConfig): Promise<void> {
  await using session = await Session.open(server);
  await session.execute(`create tablespace memory location '${path}'`);
  // That of a new database is its template's.
  await session.execute("alter database template1 set tablespace memory");
}

/** Who says where temporary files go means all of them. */
async function isThereRoom(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.env.get("TMPDIR")) return false;
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= ROOM;
}

/** Of runs that were killed. */
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
