import type { ValueProgram } from "./value_program.ts";

const TRUE_WORDS = ["true", "t", "yes", "y", "on", "1"];
const FALSE_WORDS = ["false", "f", "no", "n", "off", "0"];
const encoder = new TextEncoder();
const TRUE = encoder.encode("true");
const FALSE = encoder.encode("false");

/** The rule's words replace the usual ones of their side; upper and lower case don't differ. */
export function booleanProgram(
  trueWords: readonly string[] | null,
  falseWords: readonly string[] | null,
): ValueProgram {
  const yes = trueWords ?? TRUE_WORDS;
  const no = falseWords ?? FALSE_WORDS;
  const meaning = new Map<string, string>();
  for (const word of no) meaning.set(word.toLowerCase(), "false");
  for (const word of yes) meaning.set(word.toLowerCase(), "true");
  const words = [...meaning].map(([word, value]) => ({
    word: encoder.encode(word),
    value: value === "true" ? TRUE : FALSE,
  }));
  return {
    expectation: `must be yes or no (${yes.join(", ")} or ${no.join(", ")})`,
    parse: (text) => meaning.get(text.toLowerCase()) ?? null,
    copy(bytes, start, end, out) {
      for (const { word, value } of words) {
        if (equalIgnoringCase(bytes, start, end, word)) {
          out.bytes(value, 0, value.length);
          return true;
        }
      }
      return false;
    },
  };
}

function equalIgnoringCase(bytes: Uint8Array, start: number, end: number, word: Uint8Array) {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    const byte = bytes[start + i];
    if ((byte >= 65 && byte <= 90 ? byte | 32 : byte) !== word[i]) return false;
  }
  return true;
}
