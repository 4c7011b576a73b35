/** `completions`. */
import { parseWord } from "../arguments.ts";
import { type Shell, SHELLS } from "../complete/scripts.ts";
import { type CommonFlags, withCommonFlags } from "../flags.ts";
import type { Declaration } from "./declaration.ts";

export function declareCompleting({ program, output, finish }: Declaration): void {
  const completions = program.command("completions")
    .summary("print a script that completes commands in your shell")
    .description(
      "Prints a script for your shell. With it, Tab completes commands, options and their values, " +
        "importers, and the numbers of runs with their files; and groups and columns of the run " +
        "that is on the line. The database is asked only for these, for a second at most, and " +
        "never started.",
    )
    .argument("<shell>", "bash, zsh or fish", parseWord(SHELLS));
  withCommonFlags(
    completions,
    "source <(ingest completions bash)          # in ~/.bashrc",
    "source <(ingest completions zsh)           # in ~/.zshrc, after compinit",
    "ingest completions fish > ~/.config/fish/completions/ingest.fish",
  ).action(async (shell: Shell, flags: CommonFlags) => {
    const { completionsCommand } = await import("../commands/completions.ts");
    finish(await completionsCommand(shell, flags, output));
  });
}
