/** File locks: the system lets go of them when their process dies, however it dies. */

export interface FileLock {
  release(): void;
}

/** Waits until nobody else holds it. */
export async function lockExclusively(path: string): Promise<FileLock> {
  const file = await Deno.open(path, { create: true, write: true });
  await file.lock(true);
  return { release: () => file.close() };
}
