/** Threads for a command that is going to load, begun before its modules are loaded. */
import { guessBatches, initialRoles, startThreads } from "../run/work/threads.ts";
import type { Settings } from "./settings.ts";

export interface ThreadFlags {
  readonly file?: string;
  readonly detach?: boolean;
}

/** As many as it will hardly do without; those that it doesn't take end with it. */
export function beginThreads({ workers }: Settings, { file, detach }: ThreadFlags): Disposable {
  if (detach) return startThreads(0);
  return startThreads(initialRoles(guessBatches(sizeOf(file)), workers).length);
}

/** In bytes; 0 where that isn't known (a pipe), or what is wrong will be said later. */
export function sizeOf(file: string | undefined): number {
  try {
    return file === undefined ? 0 : Deno.statSync(file).size;
  } catch {
    return 0;
  }
}
