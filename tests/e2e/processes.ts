/** The processes of this machine. */

/** The command lines of processes that name this path, without this process's own. */
export async function processesThatName(path: string): Promise<readonly string[]> {
  const processes = Deno.build.os === "linux" ? await readProc() : await askPs();
  return processes.filter((line) => line.includes(path) && Number.parseInt(line) !== Deno.pid);
}

/** Not every container has a `ps`. */
async function readProc(): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/u.test(name)) continue;
    // It may have ended since.
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    lines.push(`${name} ${line.replaceAll("\0", " ")}`);
  }
  return lines;
}

async function askPs(): Promise<readonly string[]> {
  const ps = new Deno.Command("ps", { args: ["-A", "-ww", "-o", "pid=,args="] });
  return new TextDecoder().decode((await ps.output()).stdout).split("\n");
}
