/** Runs one of Postgres's programs as the server's user. */
import { EmbeddedPostgresFailed } from "./postgres_failed.ts";
import type { Place } from "./place.ts";

/** Throws `EmbeddedPostgresFailed` with the last error line that the program wrote. */
export async function run(place: Place, program: string, args: readonly string[]): Promise<void> {
  const { success, stderr, stdout } = await new Deno.Command(program, {
    args: [...args],
    // The server's user may not be allowed to enter the current folder.
    cwd: "/",
    env: { LC_ALL: "C", TZ: "UTC" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...place.runAs,
  }).output();
  if (success) return;
  const output = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  const lines = output.split("\n").filter((line) => /error|fatal|could not/i.test(line));
  const name = program.replace(/^.*\//, "");
  throw new EmbeddedPostgresFailed(
    `Cannot start the embedded Postgres: ${name}: ${lines.at(-1) ?? output.trim()}`,
  );
}
