/** CPU seconds of other processes, as Linux counts them. */
import { MAIN } from "./cpu_profile.ts";

/** Of a second: what Linux counts in, on every machine that Deno runs on. */
const TICKS = 100;

/** Of the children of a process that have ended; null where the system doesn't tell. */
export async function cpuOfEndedChildren(pid: number | "self"): Promise<number | null> {
  const fields = await readStat(pid);
  // cutime and cstime: fields 16 and 17 in proc(5).
  return fields && (Number(fields[16 - 3]) + Number(fields[17 - 3])) / TICKS;
}

export async function parentOf(pid: number): Promise<number | null> {
  const fields = await readStat(pid);
  return fields && Number(fields[4 - 3]);
}

/** Milliseconds. The last of them before its end is what is known of a thread. */
const LOOK_INTERVAL = 50;

/** What each JavaScript thread of a program takes, by its name: Deno calls them `worker-1` and so on. */
export class ThreadTimes {
  readonly seconds = new Map<string, number>();
  #looked = -Infinity;

  /** Again and again, while the program runs. */
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
      // It has ended meanwhile, or this is no Linux.
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

/** From the third on: the second, the program's name, may hold anything. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
