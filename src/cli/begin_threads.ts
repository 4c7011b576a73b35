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
  return startThreads(initialRoles(guessBatches(sizeOf(file)), workers).length);
}

/** In bytes; 0 if unknown (a pipe), or if the file can't be read, which is reported later. */
export function sizeOf(file: string | undefined): number {
  try {
    return file === undefined ? 0 : Deno.statSync(file).size;
  } catch {
    return 0;
  }
}
