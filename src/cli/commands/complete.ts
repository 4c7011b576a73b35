/**
 * `__complete`, which the scripts of `ingest completions` call when somebody presses Tab. It prints
 * candidates or nothing, never an error, and changes nothing anywhere.
 */
import { answerForBash, answerForFish, answerForZsh } from "../complete/answer.ts";
import { whatIsAsked } from "../complete/asked.ts";
import { readBashLine } from "../complete/bash_line.ts";
import { candidatesFor } from "../complete/candidates.ts";
import { readFishToken } from "../complete/fish_token.ts";
import { buildCommandLine } from "../command_line.ts";
import { EXIT } from "../exit_codes.ts";
import type { Output } from "../output.ts";

export async function completeCommand(args: readonly string[], output: Output): Promise<number> {
  try {
    const answer = await answerTo(args, output);
    output.stdout.write(answer.map((field) => `${field}\0`).join(""));
  } catch {
    // Whoever presses Tab can't be told anything: it would end up in the middle of their line.
  }
  return EXIT.done;
}

/**
 * Bash passes COMP_WORDBREAKS and the line up to the cursor; zsh the words, of which the last is
 * the current one; fish the same, with the current one's quotes.
 */
async function answerTo(
  [shell, ...given]: readonly string[],
  output: Output,
): Promise<readonly string[]> {
  switch (shell) {
    case "bash": {
      const [breaks = "", text = ""] = given;
      const line = readBashLine(text, breaks);
      if (line.isRedirection) return ["files"];
      const { asked, candidates } = await find(line.words.slice(1), line.word, output);
      return answerForBash(asked, candidates, line);
    }
    case "zsh": {
      const { asked, candidates } = await find(given.slice(0, -1), given.at(-1) ?? "", output);
      return answerForZsh(asked, candidates);
    }
    case "fish": {
      const word = readFishToken(given.at(-1) ?? "");
      const { asked, candidates } = await find(given.slice(0, -1), word, output);
      return answerForFish(asked, candidates);
    }
  }
  return [];
}

async function find(words: readonly string[], word: string, output: Output) {
  const program = buildCommandLine(output, () => {}, words[0]);
  const asked = whatIsAsked(program, words, word);
  return { asked, candidates: await candidatesFor(asked) };
}
