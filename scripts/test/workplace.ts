/** What a run of tests needs, and that nothing is left of it whatever happens. */

export interface Workplace {
  /** Gone when the work is done. */
  readonly folder: string;
  /** A signal has asked the work to end. */
  readonly interruption: AbortSignal;
}

/** Resolves with what the work does, when nothing is left of it. */
export async function withWorkplace(
  work: (workplace: Workplace) => Promise<number>,
): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "ingest-test-" });
  // The servers of root run as somebody else, who has to get at their own folders in it.
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
