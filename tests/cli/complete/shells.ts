/**
 * Real shells that load the script of `ingest completions`. In them, `ingest` is a function that
 * leaves completions to the program, and otherwise only notes what it was called with.
 */
import { fileURLToPath } from "node:url";
import { type Shell } from "../../../src/cli/complete/scripts.ts";
import { environmentOf, Listener, PROGRAM, type ProgramOptions } from "../start_program.ts";

/** Of a busy machine's database. */
export const PATIENT = { INGEST_COMPLETION_TIMEOUT: "60s" };

/** Null if the shell isn't installed. Tests are skipped then, and say so. */
export function findShell(shell: Shell | "script"): string | null {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      if (Deno.statSync(`${folder}/${shell}`).isFile) return `${folder}/${shell}`;
    } catch {
      // Not here.
    }
  }
  return null;
}

export function missing(...shells: readonly (Shell | "script")[]): boolean {
  const absent = shells.filter((shell) => findShell(shell) === null);
  if (absent.length > 0) console.log(`skipped, because it isn't installed: ${absent.join(", ")}`);
  return absent.length > 0;
}

function scriptOf(shell: Shell): string {
  return fileURLToPath(
    new URL(`../../../src/cli/complete/scripts/ingest.${shell}`, import.meta.url),
  );
}

const program = PROGRAM.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");

const PROMPT = "ready> ";

const NOTE = `
ingest() {
  if [ "$1" = __complete ]; then ${program} "$@"
  else printf '%s\\0' "$@" > "$NOTED"; echo "noted $#"; fi
}
PS1='${PROMPT}'`;

const SETUP: Readonly<Record<"bash" | "zsh", string>> = {
  bash: `set +o history; bind 'set bell-style none'; bind 'set completion-query-items 0'
    bind 'set page-completions off'; bind 'set enable-bracketed-paste off'
    source '${scriptOf("bash")}'; ${NOTE}`,
  zsh: `autoload -U compinit; compinit -u -D; unsetopt beep; LISTMAX=1000
    zstyle ':completion:*' menu no; unsetopt automenu
    source '${scriptOf("zsh")}'; ${NOTE}`,
};

export interface AtPrompt extends AsyncDisposable {
  /** Types the keys and Enter. Resolves with the arguments that the command then got. */
  run(keys: string): Promise<readonly string[]>;
  /** Types the keys. Resolves with what the terminal shows, as soon as it shows the text. */
  show(keys: string, text: string): Promise<string>;
}

/** A shell in a terminal, as people use it. */
export async function atPrompt(
  shell: "bash" | "zsh",
  folder: string,
  options: ProgramOptions,
): Promise<AtPrompt> {
  const noted = `${folder}/noted-${shell}`;
  await Deno.writeTextFile(`${folder}/setup-${shell}`, SETUP[shell]);
  const start = shell === "bash" ? "bash --noprofile --norc -i" : "zsh -f -i";
  const child = new Deno.Command("script", {
    args: ["--quiet", "--flush", "--command", start, "/dev/null"],
    clearEnv: true,
    env: {
      ...environmentOf(options),
      ...PATIENT,
      NOTED: noted,
      TERM: "xterm",
      SHELL: "/bin/sh",
      LC_ALL: "C.UTF-8",
    },
    cwd: folder,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  const screen = new Listener();
  const listening = screen.listen(child.stdout);
  const type = (keys: string) => keyboard.write(new TextEncoder().encode(keys));
  await type(`stty cols 200; . ./setup-${shell}\r`);
  await screen.hear(PROMPT);
  return {
    async run(keys) {
      const from = screen.heard.length;
      await type(`${keys}\r`);
      await screen.hear("noted ", from);
      await screen.hear(PROMPT, screen.heard.indexOf("noted ", from));
      return (await Deno.readTextFile(noted)).split("\0").slice(0, -1);
    },
    async show(keys, text) {
      const from = screen.heard.length;
      await type(keys);
      await screen.hear(text, from);
      // Ctrl-U empties the line.
      await type("\x15");
      return screen.heard.slice(from);
    },
    async [Symbol.asyncDispose]() {
      await type("exit\r");
      await listening;
      await child.status;
      await keyboard.close().catch(() => {});
    },
  };
}

/** What fish would offer for the line, as `value\tdescription`, in its order. */
export async function fishOffers(
  lines: readonly string[],
  folder: string,
  options: ProgramOptions,
): Promise<readonly (readonly string[])[]> {
  const script = `
    function ingest; ${program} $argv; end
    source '${scriptOf("fish")}'
    for line in $argv; complete -C $line | string join0; printf '\\0END\\0'; end`;
  const { stdout } = await new Deno.Command("fish", {
    args: ["--no-config", "-c", script, ...lines],
    clearEnv: true,
    env: { ...environmentOf(options), ...PATIENT, HOME: folder, LC_ALL: "C.UTF-8" },
    cwd: folder,
    stdin: "null",
    stderr: "inherit",
  }).output();
  const text = new TextDecoder().decode(stdout);
  return text.split("\0END\0").slice(0, -1).map((part) =>
    part.split("\0").filter((one) => one !== "")
  );
}
