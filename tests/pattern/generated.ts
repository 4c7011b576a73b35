/** Regular expressions from a grammar, each with texts of characters that matter to it. */
import fc from "fast-check";

const COUNTS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{2,}", "{0}", "{1,3}?"];
const CHARACTERS = [
  ...["a", "b", "A", "B", "k", "K", "s", "S", "1", "7", "_", "-", "+", ".", "@", " ", "\t", "\n"],
  ...["\r", "\u2028", "\u00a0", "\ufeff", "é", "ä", "Ä", "ß", "ẞ", "ſ", "σ", "ς", "Σ", "ı", "İ"],
  ...["\u212a", "e\u0301", "\u0301", "語", "中", "٣", "ﬀ", "\u200d", "\uffff", "\u0000"],
];
/** Characters whose automatons ask somebody else. */
const RARE = ["😀", "𝒳"];

const atom = fc.constantFrom(
  ...["a", "b", "ab", "ba", "K", "s", "1", "-", " ", "é", "ß", "σ", "語", "😀", "\\u{1F600}"],
  ...[".", "[ab]", "[^a]", "[^ab1]", "[a-z]", "[A-Z0-9]", "[a-é]", "[\\w.-]", "[^\\s@]", "[^\\d+]"],
  ...["[\\p{L}\\s]", "[^\\p{L}]", "[😀a]", "\\w", "\\W", "\\s", "\\S", "\\d", "\\D", "\\p{L}"],
  ...["\\p{Lu}", "\\P{Ll}", "\\p{M}", "\\p{Script=Greek}", "[\\u0300-\\u036f]", "\\u212a", "\\n"],
  ...["^", "$", "\\b", "\\B", "", "[]", "[^]", "(?=a)", "(?!\\d)", "(?<=[ab])", "(?<!\\w)"],
  ...["(?<=^|\\s)", "(?=$|-)", "(?<!^|a|é)", "(?!$|\\p{L})"],
);

export const patterns: fc.Arbitrary<string> = fc.letrec<{ any: string; made: string }>((tie) => {
  const any = tie("any");
  const count = fc.constantFrom(...COUNTS);
  return {
    any: fc.oneof({ maxDepth: 5 }, { weight: 2, arbitrary: atom }, {
      weight: 3,
      arbitrary: tie("made"),
    }),
    made: fc.oneof(
      { weight: 4, arbitrary: fc.tuple(any, any).map(([a, b]) => a + b) },
      fc.tuple(any, any, any).map((parts) => parts.join("")),
      fc.tuple(any, any).map(([a, b]) => `(?:${a}|${b})`),
      fc.tuple(any, any, any).map(([a, b, c]) => `(${a}|${b}|${c})`),
      fc.tuple(any, count).map(([a, n]) => `(?:${a})${n}`),
      { weight: 3, arbitrary: fc.tuple(atom, count).map(([a, n]) => `(?:${a})${n}`) },
      any.map((a) => `(?<x>${a})`),
      fc.tuple(fc.constantFrom("i", "m", "s", "im", "-s", "i-s"), any).map(([flags, a]) =>
        `(?${flags}:${a})`
      ),
      any.map((a) => `^${a}$`),
    ),
  };
}).any;

const texts = fc.array(
  fc.array(
    fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom("a", "b", "ab", "1", " ", "-") },
      { weight: 20, arbitrary: fc.constantFrom(...CHARACTERS) },
      {
        weight: 2,
        arbitrary: fc.integer({ min: 0, max: 0xd7ff }).map((c) => String.fromCharCode(c)),
      },
      { weight: 1, arbitrary: fc.constantFrom(...RARE) },
    ),
    { maxLength: 10 },
  ).map((parts) => parts.join("")),
  { minLength: 10, maxLength: 10 },
);

const looking = fc.oneof(
  fc.tuple(fc.constantFrom("=", "!"), patterns, fc.constantFrom("=", "!"), patterns, patterns)
    .map(([first, a, second, b, rest]) => `^(?${first}${a})(?${second}${b})${rest}`),
  fc.tuple(patterns, fc.constantFrom("=", "!"), patterns)
    .map(([rest, kind, a]) => `${rest}(?<${kind}${a})$`),
  fc.tuple(patterns, patterns, patterns).map(([a, rest, b]) => `^(?=${a})${rest}(?<!${b})$`),
);

export const patternAndTexts = fc.record({
  source: fc.oneof({ weight: 4, arbitrary: patterns }, { weight: 1, arbitrary: looking }),
  texts,
});

/** More cases, or other ones, with these variables of the environment. */
export const PATTERN_RUNS = {
  numRuns: Number(Deno.env.get("PATTERN_RUNS") ?? 2_000),
  seed: Number(Deno.env.get("PATTERN_SEED") ?? 1),
};

/**
 * V8 takes the `\w` of `(?i:a)|\w` as if it were inside, too, so that it matches the Kelvin sign; and
 * so other sets of letters.
 */
export function misleadsPlatform(source: string): boolean {
  return /\(\?[ms]*-?[ms]*i/.test(source) && /\\[wWbBpP]/.test(source);
}

export function isExpression(source: string): boolean {
  return parsed(source, "u") !== null;
}

/** Null if the source is no regular expression, or one that the platform gets wrong. */
export function expression(source: string, flags: string): RegExp | null {
  return misleadsPlatform(source) ? null : parsed(source, flags);
}

function parsed(source: string, flags: string): RegExp | null {
  try {
    return new RegExp(source, flags);
  } catch {
    return null;
  }
}
