/** File locks: the system lets go of them when their process dies, however it dies. */

export interface FileLock {
  release(): void;
}

/** Waits for it. */
export async function lock(path: string, mode: "shared" | "exclusive"): Promise<FileLock> {
  const file = await openLock(path);
  await file.lock(mode === "exclusive");
  return { release: () => file.close() };
}

/** Null if anybody else holds it, in either mode. */
export async function tryLockExclusive(path: string): Promise<FileLock | null> {
  const file = await openLock(path);
  // Deno 2.6 has no tryLock: there, a lock that is not had within 200 ms counts as held.
  const locked = "tryLock" in file ? await file.tryLock(true) : await lockWithin(file, 200);
  if (locked) return { release: () => file.close() };
  if ("tryLock" in file) file.close();
  return null;
}

async function lockWithin(file: Deno.FsFile, milliseconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const locking = file.lock(true).then(() => true);
  const locked = await Promise.race([locking, timeout]);
  clearTimeout(timer);
  // The wait can't be called off: let go of what it gets in the end.
  if (!locked) locking.then(() => file.close(), () => {});
  return locked;
}

async function openLock(path: string): Promise<Deno.FsFile> {
  return await Deno.open(path, { create: true, write: true, read: true });
}
