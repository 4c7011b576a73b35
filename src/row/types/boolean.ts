import type { ValueProgram } from "./value_program.ts";

const TRUE_WORDS = ["true", "t", "yes", "y", "on", "1"];
const FALSE_WORDS = ["false", "f", "no", "n", "off", "0"];
/** Postgres also takes any beginning of these words that can only mean one of them. */
const TRUE_BEGINNINGS = ["tr", "tru", "ye"];
const FALSE_BEGINNINGS = ["fa", "fal", "fals", "of"];

/**
 * The rule's words for true or false replace the usual ones. Case doesn't matter. `native`: takes
 * what Postgres takes.
 */
export function booleanProgram(
  trueWords: readonly string[] | null,
  falseWords: readonly string[] | null,
  native: boolean,
): ValueProgram {
  const yes = trueWords ?? TRUE_WORDS;
  const no = falseWords ?? FALSE_WORDS;
  const meaning = new Map<string, string>();
  for (const word of no) meaning.set(word.toLowerCase(), "false");
  for (const word of yes) meaning.set(word.toLowerCase(), "true");
  if (native && trueWords === null && falseWords === null) {
    for (const word of TRUE_BEGINNINGS) meaning.set(word, "true");
    for (const word of FALSE_BEGINNINGS) meaning.set(word, "false");
  }
  return {
    expectation: `must be yes or no (${yes.join(", ")} or ${no.join(", ")})`,
    parse: (text) => meaning.get(text.toLowerCase()) ?? null,
    bytes: { kind: "words", words: [...meaning], isPartial: ![...meaning.keys()].every(isAscii) },
  };
}

function isAscii(word: string): boolean {
  return /^[\0-\x7f]*$/u.test(word);
}
