/** Starts worker threads for a loading command before its modules are imported. */
import { guessBatches, initialRoles, startThreads } from "../run/work/threads.ts";
import type { Settings } from "./settings.ts";

export interface ThreadFlags {
  readonly file?: string;
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

/** In bytes. Null if unknown (a pipe), or if the file can't be read, which is reported later. */
export function sizeOf(file: string | undefined): number | null {
  try {
    const stat = file === undefined ? null : Deno.statSync(file);
    return stat?.isFile === true ? stat.size : null;
  } catch {
    return null;
  }
}
