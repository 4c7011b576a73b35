/** Starts worker threads for a loading command before its modules are imported. */
import { guessBatches, initialRoles, startThreads } from "../run/work/threads.ts";
import type { Settings } from "./settings.ts";

export interface ThreadFlags {
  readonly file?: readonly string[];
  readonly detach?: boolean;
}

/** Starts about as many as the command needs. Disposing ends those that it doesn't take. */
export function beginThreads({ workers }: Settings, { file, detach }: ThreadFlags): Disposable {
  if (detach) return startThreads(0);
  const size = sizeOf(file);
  const { length } = initialRoles(guessBatches(size ?? 0), workers);
  // What the first would do is done in the main thread: see `run`.
  return startThreads(size === null ? length : length - 1);
}

/**
 * In bytes. Null if unknown (a pipe, several files), or if the file can't be read, which is reported
 * later.
 */
export function sizeOf(files: readonly string[] = []): number | null {
  try {
    const stat = files.length === 1 ? Deno.statSync(files[0]) : null;
    return stat?.isFile === true ? stat.size : null;
  } catch {
    return null;
  }
}
