/** Waits for a thread that was told to stop. */
import type { PoolThread } from "./pool_thread.ts";

/** Milliseconds between two looks. A thread gives a sign of life as often. */
const INTERVAL = 1_000;
/**
 * After so many looks without one, it computes without end: it hears nothing, and ends with the process.
 * They are counted from the stop on, and by no clock: if this process itself has stood still, it has heard
 * nobody, although all are well.
 */
const SILENT_LOOKS = 10;

/** Resolves when the thread does nothing any more, or computes without end. */
export async function endedOrSilent(
  thread: Pick<PoolThread, "ended" | "heardAt">,
  interval = INTERVAL,
): Promise<void> {
  const silent = Promise.withResolvers<void>();
  let looks = 0;
  let { heardAt } = thread;
  const timer = setInterval(() => {
    looks = thread.heardAt === heardAt ? looks + 1 : 0;
    heardAt = thread.heardAt;
    if (looks >= SILENT_LOOKS) silent.resolve();
  }, interval);
  try {
    await Promise.race([thread.ended, silent.promise]);
  } finally {
    clearInterval(timer);
  }
}
