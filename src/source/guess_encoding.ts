/**
 * Guesses the encoding of text that isn't Unicode, by what its characters would be: pure functions.
 *
 * In the wrong encoding, words are full of symbols, of capitals after small letters, and of letters
 * that no language has together. That tells encodings apart in a handful of words, where detectors
 * that were made for web pages (npm's chardet, ICU's) need some hundred letters.
 */
import { canWrite, FREQUENT, LANGUAGES, USUAL_REGIONS } from "./alphabets.ts";
import { decoderOf, DEFINES_NO_C1 } from "./decoder.ts";

export interface GuessedEncoding {
  readonly encoding: string;
  /** How well the text fits, from 0 to 1. */
  readonly fit: number;
  /** Another encoding that the text fits about as well, and in which it reads differently. */
  readonly rival: string | null;
  /** The encoding has two bytes for most characters beyond ASCII. */
  readonly usesTwoBytes: boolean;
}

/** The encoding that is taken if nothing speaks for another one. */
const FALLBACK = "windows-1252";
/** How much it is preferred, and how much what is seldom written today is not. */
const BONUS = 0.03;
const MALUS = 0.05;
const SELDOM = /^(?:ibm|mac|iso-|koi|euc-jp)/u;
/** What fits less well than this is no text in that encoding. */
export const LEAST_FIT = 0.75;
/** Encodings that fit this much worse than the best one are out of the question. */
const CLEAR_LEAD = 0.04;

/** `sample`: lines that hold bytes of 0x80 or above. */
export function guessEncoding(sample: Uint8Array): GuessedEncoding {
  const candidates = [
    ...Array.from(LANGUAGES, ([encoding, languages]) => {
      const text = decode(encoding, sample);
      return { encoding, text, fit: fitOfWords(text, languages), bonus: bonusOf(encoding) };
    }),
    ...Array.from(USUAL_REGIONS.keys(), (encoding) => {
      const text = decode(encoding, sample);
      return { encoding, text, fit: fitOfCharacters(text, encoding), bonus: bonusOf(encoding) };
    }),
  ].toSorted((a, b) => b.fit + b.bonus - (a.fit + a.bonus));
  const [best, ...others] = candidates;
  const chosen = best.fit >= LEAST_FIT
    ? best
    : candidates.find(({ encoding }) => encoding === FALLBACK) ?? best;
  const enough = Math.max(LEAST_FIT, best.fit + best.bonus - CLEAR_LEAD);
  const rival = others.find(({ fit, bonus, text }) =>
    fit + bonus >= enough && text !== chosen.text
  );
  return {
    encoding: chosen.encoding,
    fit: chosen.fit,
    rival: rival?.encoding ?? null,
    usesTwoBytes: USUAL_REGIONS.has(chosen.encoding),
  };
}

/** The first word that reads differently in two encodings, in both. */
export function wordThatDiffers(
  sample: Uint8Array,
  encoding: string,
  other: string,
): readonly [string, string] {
  const [here, there] = [encoding, other].map((each) => decode(each, sample).split(/[\s,;|"]+/u));
  const at = here.findIndex((word, index) => word !== there[index]);
  return [here[at] ?? "", there[at] ?? ""];
}

function bonusOf(encoding: string): number {
  return encoding === FALLBACK ? BONUS : SELDOM.test(encoding) ? -MALUS : 0;
}

function decode(encoding: string, sample: Uint8Array): string {
  const text = decoderOf(encoding).decode(sample);
  return DEFINES_NO_C1.test(encoding) ? text.replace(/[\u0080-\u009f]/gu, "\ufffd") : text;
}

/** Words and the characters that touch them; the text's other characters say nothing. */
const WORD = /(?:(?![µªº])[\p{L}\p{M}])+/gu;
/** Characters of ordinary text that are no letters, wherever they stand … */
const SIGNS = /[\u00a0°±×÷§©®™€£¥¢¿¡ªº½¼¾²³µ·•…–—‘’‚“”„«»‹›†‡%‰№¨´¸`^~¦¬¤\u00ad]/u;
/** … and those that may stand between two letters. */
const INSIDE = /[’‘·\u00ad–—.]/u;

/** 0.7 for words that some language can write, 0.3 for those of the one that can write most. */
function fitOfWords(text: string, languages: readonly Parameters<typeof canWrite>[0][]): number {
  let all = 0;
  let right = 0;
  const byLanguage = new Array<number>(languages.length).fill(0);
  for (const [word] of text.matchAll(WORD)) {
    if (!/[^\0-\x7f]/u.test(word)) continue;
    all++;
    if (!hasUsualCase(word)) continue;
    const lower = word.toLowerCase();
    let known = false;
    for (const [index, language] of languages.entries()) {
      if (!canWrite(language, lower)) continue;
      byLanguage[index]++;
      known = true;
    }
    if (known) right++;
  }
  const letters = { all, right };
  for (const { 0: sign, index } of text.matchAll(/[µªº]|[^\0-\x7f\p{L}\p{M}]/gu)) {
    const [before, after] = [text[index - 1] ?? " ", text[index + sign.length] ?? " "];
    const isInside = /\p{L}/u.test(before) && /\p{L}/u.test(after);
    all++;
    if (isInside ? INSIDE.test(sign) : SIGNS.test(sign)) right++;
  }
  if (all === 0) return 0;
  const best = letters.all === 0 ? 0 : Math.max(0, ...byLanguage) / letters.all;
  return (right / all) * (letters.all === 0 ? 1 : 0.7 + 0.3 * best);
}

/** `word`, `Word`, `WORD` or `McWord`, but not `wORD`, nor a capital with an accent inside. */
function hasUsualCase(word: string): boolean {
  return word === word.toUpperCase() || !/^\p{Ll}\p{Lu}|.(?![A-Z])\p{Lu}/u.test(word);
}

const usualCharacters = new Map<string, ReadonlySet<string>>();

/** The characters of an encoding's usual region. */
function usualOf(encoding: string): ReadonlySet<string> {
  const known = usualCharacters.get(encoding);
  if (known !== undefined) return known;
  const bytes: number[] = [];
  const [first, last] = USUAL_REGIONS.get(encoding) ?? [1, 0];
  for (let lead = first; lead <= last; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) bytes.push(lead, trail, 0x0a);
  }
  const usual = new Set(decoderOf(encoding).decode(Uint8Array.from(bytes)).replaceAll("\n", ""));
  usual.delete("\ufffd");
  usualCharacters.set(encoding, usual);
  return usual;
}

const KANA = /[\u3041-\u3096\u30a1-\u30fc]/u;
const HALF_WIDTH_KANA = /[\uff61-\uff9f]/u;
const EAST_ASIAN_SIGN = /[\u3000-\u303f\uff01-\uff5e\uffe0-\uffe6\u2010-\u2026\u00b7\u30fb]/u;

/** How usual the characters beyond ASCII are. */
function fitOfCharacters(text: string, encoding: string): number {
  const usual = usualOf(encoding);
  const frequent = FREQUENT.get(encoding);
  const japanese = encoding === "shift_jis" || encoding === "euc-jp";
  let all = 0;
  let sum = 0;
  let kana = 0;
  let often = 0;
  for (const character of text) {
    if (character < "\u0080") continue;
    all++;
    if (frequent?.has(character)) often++;
    if (KANA.test(character)) {
      kana++;
      sum += japanese ? 1 : 0.3;
    } else if (usual.has(character) || EAST_ASIAN_SIGN.test(character)) sum += 1;
    else if (HALF_WIDTH_KANA.test(character)) sum += encoding === "shift_jis" ? 0.5 : 0;
    else if (/[\u4e00-\u9fff\uac00-\ud7a3]/u.test(character)) sum += 0.5;
  }
  if (all === 0) return 0;
  // Text in Japanese hardly ever does without kana, and EUC-JP's region is the same as GB's.
  const without = japanese && kana === 0 ? (encoding === "euc-jp" ? 0.8 : 0.95) : 1;
  return sum / all * without * (frequent === undefined ? 0.97 : 0.93 + 0.07 * often / all);
}
