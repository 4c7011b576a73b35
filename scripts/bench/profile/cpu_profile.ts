/** What V8's sampling profiler writes: one file for each thread. */

export interface CallFrame {
  readonly functionName: string;
  /** Of the module; empty for what is no JavaScript. */
  readonly url: string;
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Microseconds, by one clock for all threads. */
  readonly startTime: number;
  /** Ids of nodes. */
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

export interface ThreadProfile {
  /** `main`, `worker-1`. */
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
