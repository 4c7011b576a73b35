/** A shell that gets one block of commands at a time, as from a user who reads the output. */

export interface Shell extends AsyncDisposable {
  /** What the block printed, on stdout and stderr, once it is done. */
  run(block: string): Promise<string>;
}

const MARK = "-- done --";

export function openShell(cwd: string, env: Readonly<Record<string, string>>): Shell {
  const child = new Deno.Command("sh", {
    cwd,
    env: { ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const send = (text: string) => input.write(new TextEncoder().encode(text));
  return {
    async run(block) {
      await send(`exec 2>&1\n${block}\necho '${MARK}'\n`);
      let heard = "";
      while (!heard.endsWith(`${MARK}\n`)) {
        const { value, done } = await output.read();
        if (done) throw new Error(`the shell has ended in the middle of\n${block}\n${heard}`);
        heard += value;
      }
      return heard.slice(0, -MARK.length - 1);
    },
    async [Symbol.asyncDispose]() {
      await input.close();
      await output.cancel();
      await child.status;
    },
  };
}
