import type { ValueProgram } from "./value_program.ts";

const TRUE_WORDS = ["true", "t", "yes", "y", "on", "1"];
const FALSE_WORDS = ["false", "f", "no", "n", "off", "0"];

/** The rule's words for true or false replace the usual ones. Case doesn't matter. */
export function booleanProgram(
  trueWords: readonly string[] | null,
  falseWords: readonly string[] | null,
): ValueProgram {
  const yes = trueWords ?? TRUE_WORDS;
  const no = falseWords ?? FALSE_WORDS;
  const meaning = new Map<string, string>();
  for (const word of no) meaning.set(word.toLowerCase(), "false");
  for (const word of yes) meaning.set(word.toLowerCase(), "true");
  return {
    expectation: `must be yes or no (${yes.join(", ")} or ${no.join(", ")})`,
    parse: (text) => meaning.get(text.toLowerCase()) ?? null,
    bytes: { kind: "words", words: [...meaning] },
  };
}
