/** Starts worker threads for a loading command before its modules are imported. */
import { guessBatches, initialRoles, isSmall, startThreads } from "../run/work/threads.ts";
import type { Settings } from "./settings.ts";

export interface ThreadFlags {
  readonly file?: string;
  readonly detach?: boolean;
}

/** Starts about as many as the command needs. Disposing ends those that it doesn't take. */
export function beginThreads({ workers }: Settings, { file, detach }: ThreadFlags): Disposable {
  const size = sizeOf(file);
  if (detach || isSmall(size)) return startThreads(0);
  const { length } = initialRoles(guessBatches(size ?? 0), workers);
  // The planner of several batches works in the main thread: see `run`.
  return startThreads(Math.max(1, length - 1));
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
