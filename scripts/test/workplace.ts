/** A temporary folder and signal handling for a run of tests. It leaves nothing behind. */

export interface Workplace {
  /** Deleted when the work is done. */
  readonly folder: string;
  /** A signal has asked the work to end. */
  readonly interruption: AbortSignal;
}

/** Resolves with the result of `work`, after the folder has been deleted. */
export async function withWorkplace(
  work: (workplace: Workplace) => Promise<number>,
): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "ingest-test-" });
  // For root, the servers run as another user, who must be able to reach their folders in it.
  await Deno.chmod(folder, 0o711);
  const interruption = new AbortController();
  const signals = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
    const handler = () => interruption.abort(signal);
    Deno.addSignalListener(signal, handler);
    return { signal, handler };
  });
  try {
    return await work({ folder, interruption: interruption.signal });
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    for (const { signal, handler } of signals) Deno.removeSignalListener(signal, handler);
  }
}
