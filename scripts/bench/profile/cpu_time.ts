/** Reads the CPU seconds of other processes, as Linux counts them. */
import { MAIN } from "./cpu_profile.ts";

/** Linux counts in ticks. There are this many in a second on every machine that Deno runs on. */
const TICKS = 100;

/** CPU seconds of a process's children that have ended. Null where the system doesn't tell. */
export async function cpuOfEndedChildren(pid: number | "self"): Promise<number | null> {
  const fields = await readStat(pid);
  // cutime and cstime: fields 16 and 17 in proc(5).
  return fields && (Number(fields[16 - 3]) + Number(fields[17 - 3])) / TICKS;
}

/** Of a process, with its threads and its children that have ended. */
export async function cpuOf(pid: number): Promise<number | null> {
  const fields = await readStat(pid);
  const times = fields?.slice(14 - 3, 17 - 3 + 1).map(Number);
  return times === undefined ? null : times.reduce((sum, ticks) => sum + ticks, 0) / TICKS;
}

/** The same with its children that live. */
export async function cpuOfFamily(pid: number): Promise<number | null> {
  let sum = await cpuOf(pid);
  if (sum === null) return null;
  for await (const { name } of Deno.readDir("/proc")) {
    const child = Number(name);
    if (!(child > 0) || await parentOf(child) !== pid) continue;
    sum += await cpuOf(child) ?? 0;
  }
  return sum;
}

export async function parentOf(pid: number): Promise<number | null> {
  const fields = await readStat(pid);
  return fields && Number(fields[4 - 3]);
}

/** In milliseconds. What we know about a thread is the last reading before its end. */
const LOOK_INTERVAL = 50;

/**
 * CPU seconds of each JavaScript thread of a program, by Deno's name for it, such as `worker-1`.
 */
export class ThreadTimes {
  readonly seconds = new Map<string, number>();
  #looked = -Infinity;

  /** Call it repeatedly while the program runs. */
  look(pid: number): void {
    if (performance.now() - this.#looked < LOOK_INTERVAL) return;
    this.#looked = performance.now();
    try {
      for (const { name: tid } of Deno.readDirSync(`/proc/${pid}/task`)) {
        const stat = Deno.readTextFileSync(`/proc/${pid}/task/${tid}/stat`);
        const name = Number(tid) === pid ? MAIN : /\((worker-\d+)\)/u.exec(stat)?.[1];
        if (name === undefined) continue;
        const fields = fieldsOf(stat);
        // utime and stime: fields 14 and 15.
        this.seconds.set(name, (Number(fields[14 - 3]) + Number(fields[15 - 3])) / TICKS);
      }
    } catch {
      // The program has just ended, or this isn't Linux.
    }
  }
}

async function readStat(pid: number | "self"): Promise<string[] | null> {
  try {
    return fieldsOf(await Deno.readTextFile(`/proc/${pid}/stat`));
  } catch {
    return null;
  }
}

/** The fields from the third on. The second, the program's name, may contain any character. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
