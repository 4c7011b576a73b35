/** How many threads load batches, and what: decisions only. */

export interface Loader {
  readonly where: string;
  /** The run of its batch; null if it has none, or nobody knows. */
  readonly run: number | null;
  /** It waits for a lock in the database, or computes without end. */
  readonly heldUp: boolean;
}

export interface Crew {
  /** How many threads have to join. */
  readonly join: number;
  /** The names of those that are no longer needed. */
  readonly retire: readonly string[];
  /** Runs to claim no batches of. */
  readonly avoid: readonly number[];
}

/** Each costs some 50 MB, so they can't be without number. */
const MOST_HELD_UP = 16;

/**
 * As many loaders as wanted have to be free to work. A run may hold up as many of them as there are
 * workers. After that, its other batches wait, and the rest of the threads are for other runs.
 */
export function decideCrew(
  loaders: readonly Loader[],
  { workers, known, planned }: {
    /** How many loaders are wanted. */
    readonly workers: number;
    /** How many have joined so far, those included that are about to be replaced. */
    readonly known: number;
    /** How many batches are planned, as far as is known. */
    readonly planned: number;
  },
): Crew {
  const heldUp = loaders.filter((loader) => loader.heldUp);
  const free = loaders.filter((loader) => !loader.heldUp);
  // A crashed one is replaced by the pool itself. And before there is work, fewer will do.
  const wanted = Math.min(workers, Math.max(planned, known));
  const room = MOST_HELD_UP - heldUp.length + workers - free.length;
  const join = heldUp.length === 0 ? 0 : Math.max(0, Math.min(wanted - free.length, room));
  const surplus = Math.max(0, free.length - workers);
  const ofRun = new Map<number, number>();
  for (const { run } of heldUp) if (run !== null) ofRun.set(run, (ofRun.get(run) ?? 0) + 1);
  return {
    join,
    retire: free.slice(free.length - surplus).map(({ where }) => where),
    avoid: [...ofRun].filter(([, count]) => count >= workers).map(([run]) => run),
  };
}
