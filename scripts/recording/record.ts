/** Runs a command in a terminal of its own, which `script` provides, and keeps all it shows. */
import { type Row, Screen } from "./screen.ts";

export const COLUMNS = 92;

export interface Recorded {
  /** What the screen shows, one after the other; the last is what remains. */
  readonly states: readonly (readonly Row[])[];
}

export async function record(
  command: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  replace: (text: string) => string,
): Promise<Recorded> {
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const child = new Deno.Command("script", {
    args: [
      ...["--quiet", "--return", "--flush", "--command"],
      `stty cols ${COLUMNS} rows 24; exec ${words}`,
      "/dev/null",
    ],
    ...options,
    env: { ...options.env, TERM: "xterm-256color", SHELL: "/bin/sh" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const screen = new Screen();
  const states: (readonly Row[])[] = [];
  let pending = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    pending += text;
    // The program writes whole lines.
    const end = Math.max(pending.lastIndexOf("\n"), pending.lastIndexOf("\x1b[J") + 2);
    if (end <= 1 && !pending.endsWith("\n")) continue;
    screen.write(replace(pending.slice(0, end + 1)));
    pending = pending.slice(end + 1);
    states.push(trimmed(screen.rows));
  }
  screen.write(replace(pending));
  states.push(trimmed(screen.rows));
  await child.status;
  return { states };
}

/** Without empty rows at the end. */
function trimmed(rows: readonly Row[]): readonly Row[] {
  const last = rows.findLastIndex((row) => row.some(({ character }) => character !== " "));
  return rows.slice(0, last + 1);
}
