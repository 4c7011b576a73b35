/** Looking at a file is mostly waiting for its disk. */
const AT_ONCE = 8;

/**
 * In the end throws what `work` has thrown for the first of the names. After a failure no more are
 * begun; all before it have been.
 */
export async function inParallel<Name>(
  names: readonly Name[],
  work: (name: Name, index: number) => Promise<void>,
): Promise<void> {
  const failures = new Map<number, unknown>();
  let next = 0;
  const one = async () => {
    while (next < names.length && failures.size === 0) {
      const index = next++;
      try {
        await work(names[index], index);
      } catch (error) {
        failures.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
}
