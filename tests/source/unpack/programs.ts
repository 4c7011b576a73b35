/** The programs that people pack files with. Where one is missing, its tests are skipped. */
import { joined, toBytes } from "./bytes.ts";

export async function isInstalled(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .output();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`${program} is not installed: its tests are skipped`);
    return false;
  }
}

/** Runs a program in a folder and returns what it writes to its output. */
export async function runIn(
  folder: string,
  program: string,
  args: readonly string[],
  input: string | Uint8Array = "",
): Promise<Uint8Array<ArrayBuffer>> {
  const command = new Deno.Command(program, {
    args: [...args],
    cwd: folder,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  await using child = command.spawn();
  const writing = new Blob([joined(toBytes(input))]).stream()
    .pipeTo(child.stdin);
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), writing]);
  if (!success) {
    throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
  return stdout;
}
