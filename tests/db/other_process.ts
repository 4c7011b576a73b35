/** Another process that uses an embedded server. */
import type { TemporaryHome } from "../support/embedded_home.ts";
import { PATIENCE } from "../support/until.ts";

/** Starts another process that uses the server. Resolves once it does. */
export async function otherProcess(home: TemporaryHome, env: Record<string, string> = {}) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "tests/db/embedded_process.ts", home.path],
    env,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const serverPid = Number(new TextDecoder().decode(value));
  const ended = async () => {
    await reader.cancel();
    await child.status;
  };
  return {
    serverPid,
    leave: async () => {
      await child.stdin.close();
      await ended();
    },
    kill: async () => {
      child.kill("SIGKILL");
      await child.stdin.abort().catch(() => {});
      await ended();
    },
  };
}

/**
 * Resolves when the process is gone (or a zombie). Polls without a pause, because the system reports the
 * end of a process only to its parent.
 */
export async function waitForEnd(pid: number): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (Date.now() < deadline) {
    const line = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
    if (line === "") return;
  }
  throw new Error(`process ${pid} is still there`);
}
