/**
 * Runs the program in a terminal of its own, which `script` provides. There a Ctrl-C goes to all
 * programs of the command, as it does on people's desks.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import {
  COMPILED,
  environmentOf,
  Listener,
  PROGRAM,
  type ProgramOptions,
} from "./start_program.ts";

export interface InTerminal {
  /** Resolves when the terminal shows the text; rejects if the program ends without it. */
  says(text: string): Promise<void>;
  press(key: "Ctrl-C"): Promise<void>;
  /** The exit code, and all that the terminal has shown. */
  readonly ended: Promise<{ readonly code: number; readonly shown: string }>;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** As people start it: compiled, or with `scripts/deno task dev`. */
const COMMAND: readonly string[] = COMPILED
  ? PROGRAM
  : [`${ROOT}scripts/deno`, "task", "--quiet", "dev"];

export function startInTerminal(args: readonly string[], options: ProgramOptions): InTerminal {
  const environment = environmentOf(options);
  const words = [...COMMAND, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--flush", "--command", `exec ${words.join(" ")}`, "/dev/null"],
    clearEnv: true,
    // `scripts/deno` takes the first that it finds: the one that runs this test.
    env: {
      ...environment,
      PATH: `${dirname(Deno.execPath())}:${environment.PATH}`,
      SHELL: "/bin/sh",
    },
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  const screen = new Listener();
  const ended = (async () => {
    const [{ code }] = await Promise.all([child.status, screen.listen(child.stdout)]);
    await keyboard.close();
    return { code, shown: screen.heard };
  })();
  return {
    says: (text) => screen.hear(text),
    press: () => keyboard.write(Uint8Array.of(0x03)),
    ended,
  };
}
