/** How well a text's words fit languages, for guessing an encoding with one byte for a character. */
import { canWrite, commonLetters, type Language } from "./alphabets.ts";

/** Words and the characters that touch them; the text's other characters say nothing. */
const WORD = /(?:(?![µªº])[\p{L}\p{M}])+/gu;
/** Characters of ordinary text that are no letters … */
const SIGNS = /[\u00a0°±×÷§©®™€£¥¢¿¡ªº½¼¾²³¹µ·•…–—‘’‚“”„«»‹›†‡%‰№¨´¸`^~¦¬¤\u00ad]/u;
/** … those that may stand between two letters … */
const INSIDE = /[’‘·\u00ad–—.…®™]/u;
/** … those that do so between Latin ones, as programs for the web write them … */
const SPACE = "\u00a0";
/** … and those that stand beside a number, not beside a letter. */
const OF_NUMBERS = /[€£¥¢¤±×÷½¼¾]/u;
/** Those that stand side by side; others don't. */
const TOUCHING = /[«»“”„‘’‚‹›…–—\u00a0•]/u;
/** It hyphenates a word, and stands nowhere else. */
const SOFT_HYPHEN = "\u00ad";

/** How much of the fit depends on one language's writing most of the words … */
const ONE_LANGUAGE = 0.3;
/** … and, for languages with an alphabet of their own, on common letters' being common. */
const COMMON_LETTERS = 0.1;
/** The share of a language's twelve commonest letters in its texts. */
const COMMON_SHARE = 0.7;

/** A word of three and more letters in Latin script, all with accents, is hardly a word: `äöü`. */
const ACCENTS_ONLY = /^[^\0-\x7f]{3,}$/u;
const BARELY = 0.995;

/** From 0 to 1, which is a text whose words can all be written in one of the languages. */
export function fitOfWords(text: string, languages: readonly Language[]): number {
  let all = 0;
  let right = 0;
  const byLanguage = new Array<number>(languages.length).fill(0);
  const letters = { all: 0, common: 0 };
  const common = commonLetters(languages[0]);
  for (const [word] of text.matchAll(WORD)) {
    if (!/[^\0-\x7f]/u.test(word)) continue;
    all++;
    const lower = word.toLowerCase();
    const isInCapitals = word !== lower && word === word.toUpperCase();
    if (common !== null) {
      for (const letter of lower) {
        letters.all++;
        if (common.has(letter)) letters.common++;
      }
    }
    // An accent stands after its letter.
    if (!hasUsualCase(word) || /^\p{M}/u.test(word)) continue;
    let known = false;
    for (const [index, language] of languages.entries()) {
      if (!canWrite(language, lower, isInCapitals)) continue;
      byLanguage[index]++;
      known = true;
    }
    if (known) right += common === null && ACCENTS_ONLY.test(word) ? BARELY : 1;
  }
  const words = all;
  for (const { 0: sign, index } of text.matchAll(/[µªº]|[^\0-\x7f\p{L}\p{M}]/gu)) {
    all++;
    if (isInPlace(sign, text[index - 1] ?? " ", text[index + sign.length] ?? " ")) right++;
  }
  if (all === 0) return 0;
  const best = words === 0 ? 1 : Math.max(0, ...byLanguage) / words;
  const share = letters.all === 0 ? 1 : Math.min(1, letters.common / letters.all / COMMON_SHARE);
  return (right / all) * (1 - ONE_LANGUAGE + ONE_LANGUAGE * best) *
    (1 - COMMON_LETTERS + COMMON_LETTERS * share);
}

function isInPlace(sign: string, before: string, after: string): boolean {
  const [letterBefore, letterAfter] = [before, after].map((each) => /\p{L}/u.test(each));
  if (letterBefore && letterAfter) {
    return INSIDE.test(sign) || (sign === SPACE && [before, after].every(isLatin));
  }
  if (sign === SOFT_HYPHEN || !SIGNS.test(sign)) return false;
  if (before >= "\u0080" && !letterBefore) return TOUCHING.test(sign) && TOUCHING.test(before);
  return !OF_NUMBERS.test(sign) || !(letterBefore || letterAfter);
}

function isLatin(letter: string): boolean {
  return /\p{Script=Latin}/u.test(letter);
}

/** `word`, `Word`, `WORD` or `McWord`, but not `wORD`, nor a capital with an accent inside. */
function hasUsualCase(word: string): boolean {
  // ß is no capital, but is written between capitals.
  const letters = word.replaceAll("ß", "ẞ");
  return letters === letters.toUpperCase() || !/^\p{Ll}\p{Lu}|.(?![A-Z])\p{Lu}/u.test(word);
}
