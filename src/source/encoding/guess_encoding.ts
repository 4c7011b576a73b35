/**
 * Guesses the encoding of text that isn't Unicode, by what its characters would be: pure functions.
 *
 * In the wrong encoding, words are full of symbols, of capitals after small letters, and of letters
 * that no language has together. That tells encodings apart in a handful of words, where detectors
 * that were made for web pages (npm's chardet, ICU's) need some hundred letters.
 */
import { LANGUAGES, USUAL_REGIONS } from "./alphabets.ts";
import { decoderOf, DEFINES_NO_C1 } from "./decoder.ts";
import { fitOfCharacters } from "./fit_of_characters.ts";
import { fitOfWords } from "./fit_of_words.ts";

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
const SELDOM: readonly (readonly [RegExp, number])[] = [
  [/^(?:mac|iso-|koi|euc-jp)/u, 0.05],
  [/^ibm/u, 0.08],
];
/** What fits less well than this is no text in that encoding. */
export const LEAST_FIT = 0.75;
/** Encodings that fit this much worse than the best one are out of the question. */
const CLEAR_LEAD = 0.04;

/** `sample`: lines that hold bytes of 0x80 or above. */
export function guessEncoding(sample: Uint8Array): GuessedEncoding {
  const candidates = [
    ...Array.from(LANGUAGES, ([encoding, languages]) => {
      const text = decode(encoding, sample);
      return { encoding, text, fit: fitOfWords(text, languages), bonus: bonusOf(encoding, text) };
    }),
    ...Array.from(USUAL_REGIONS.keys(), (encoding) => {
      const text = decode(encoding, sample);
      const fit = fitOfCharacters(text, encoding);
      return { encoding, text, fit, bonus: bonusOf(encoding, text) };
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

function bonusOf(encoding: string, text: string): number {
  if (encoding === FALLBACK) return looksTurkish(text) ? -BONUS : BONUS;
  if (encoding === "windows-1254" && !/[ğışİ]/u.test(text)) return -BONUS;
  if (encoding === "euc-jp" && KANA_WORD.test(text)) return 0;
  const [, malus = 0] = SELDOM.find(([pattern]) => pattern.test(encoding)) ?? [];
  return -malus;
}

/** In another encoding, that many bytes would hardly be kana in a row. */
const KANA_WORD = /[\u3041-\u3096\u30a1-\u30fc]{3}/u;

/** In windows-1252, `ğış` are `ðýþ`, as in Icelandic, which hardly ever does without the others. */
function looksTurkish(text: string): boolean {
  return /[ðýþ]/iu.test(text) && !/[áéíóúæ]/iu.test(text);
}

function decode(encoding: string, sample: Uint8Array): string {
  const text = decoderOf(encoding).decode(sample);
  return DEFINES_NO_C1.test(encoding) ? text.replace(/[\u0080-\u009f]/gu, "\ufffd") : text;
}
