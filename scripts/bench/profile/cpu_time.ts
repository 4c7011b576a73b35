/** CPU seconds of other processes, as Linux counts them. */

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

/** The fields from the third on: the second, the program's name, may hold anything. */
async function readStat(pid: number | "self"): Promise<string[] | null> {
  try {
    const text = await Deno.readTextFile(`/proc/${pid}/stat`);
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}
