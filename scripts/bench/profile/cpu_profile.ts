/** Reads the output of V8's sampling profiler: one file for each thread. */

export interface CallFrame {
  readonly functionName: string;
  /** The module's. Empty for code that isn't JavaScript. */
  readonly url: string;
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** In microseconds, by a clock that all threads share. */
  readonly startTime: number;
  /** Ids of nodes. */
  readonly samples: readonly number[];
  /** Microseconds since the previous sample. */
  readonly timeDeltas: readonly number[];
}

export interface ThreadProfile {
  /** Such as `main` or `worker-1`. */
  readonly thread: string;
  readonly profile: CpuProfile;
}

export const MAIN = "main";

export async function readProfiles(folder: string): Promise<ThreadProfile[]> {
  const threads: ThreadProfile[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".cpuprofile")) continue;
    const profile: CpuProfile = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    threads.push({ thread: /\.(worker-\d+)\./u.exec(name)?.[1] ?? MAIN, profile });
  }
  return threads;
}
