/** Looking at a file is mostly waiting for its disk. */
const AT_ONCE = 8;

/** In the end throws what `work` has thrown first. Nothing goes on after that. */
export async function inParallel(
  names: readonly string[],
  work: (name: string, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const one = async () => {
    while (next < names.length && !failed) {
      const index = next++;
      try {
        await work(names[index], index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, one));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
