/**
 * Waits for a disk, but not for ever: one that is frozen, or behind a network that is gone, never
 * answers, and no time-out of the system applies.
 */
import { SourceError } from "../error.ts";

/** Milliseconds that one read, write or look may take. */
export const PATIENCE = 60_000;

/**
 * By so many milliseconds a time-out may be late. If it is later, this process itself stood still
 * (stopped, suspended or busy), and what has come meanwhile may not have had its turn.
 */
const STOOD_STILL = 1_000;

/** Throws SourceError if the file's disk doesn't answer. */
export function readAnswer<T>(path: string, asked: Promise<T>, patience = PATIENCE): Promise<T> {
  return answer(asked, patience, (seconds) =>
    new SourceError(
      `Cannot read ${path}: its disk has not answered for ${seconds} seconds. ` +
        "Look after the disk, or copy the file to another one.",
    ));
}

/** Throws what `failure` makes if there is no answer in time. */
export async function answer<T>(
  asked: Promise<T>,
  patience: number,
  failure: (seconds: number) => Error,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    const end = performance.now() + patience;
    timer = setTimeout(() => {
      if (performance.now() - end > STOOD_STILL) wait();
      else late.reject(failure(Math.round(patience / 1000)));
    }, patience);
  };
  wait();
  try {
    return await Promise.race([asked, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
