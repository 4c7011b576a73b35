/** Lanes that do the same work side by side, such as fetching ranges of one object. */

export interface Race {
  /** A lane has failed: the others stop as soon as they can. */
  readonly hasFailed: boolean;
}

/**
 * Returns once all lanes have ended. Throws what the first of them to fail has thrown: what others
 * throw after it may come of the same cause, and say less.
 */
export async function runLanes(count: number, lane: (race: Race) => Promise<void>): Promise<void> {
  let failure: { readonly reason: unknown } | null = null;
  const race = {
    get hasFailed() {
      return failure !== null;
    },
  };
  await Promise.all(Array.from({ length: count }, async () => {
    try {
      await lane(race);
    } catch (reason) {
      failure ??= { reason };
    }
  }));
  if (failure !== null) throw (failure as { readonly reason: unknown }).reason;
}
