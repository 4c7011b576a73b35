/** How well a text fits an encoding with two bytes for a character, as those of Eastern Asia have. */
import { FREQUENT, USUAL_REGIONS } from "./alphabets.ts";
import { decoderOf } from "./decoder.ts";

const usualCharacters = new Map<string, ReadonlySet<string>>();

/** The characters of an encoding's usual region. */
function usualOf(encoding: string): ReadonlySet<string> {
  const known = usualCharacters.get(encoding);
  if (known !== undefined) return known;
  const bytes: number[] = [];
  const [first, last, firstTrail] = USUAL_REGIONS.get(encoding) ?? [1, 0, 0];
  for (let lead = first; lead <= last; lead++) {
    for (let trail = firstTrail; trail <= 0xfe; trail++) bytes.push(lead, trail, 0x0a);
  }
  const usual = new Set(decoderOf(encoding).decode(Uint8Array.from(bytes)).replaceAll("\n", ""));
  usual.delete("\ufffd");
  usualCharacters.set(encoding, usual);
  return usual;
}

const KANA = /[\u3041-\u3096\u30a1-\u30fc]/u;
const EAST_ASIAN_SIGN = /[\u3000-\u303f\uff01-\uff5e\uffe0-\uffe6\u2010-\u2026\u00b7\u30fb]/u;
const LETTER = /[A-Za-z]/u;
/** Words in half-width kana, with the marks for voiced sounds only where they belong. */
const HALF_WIDTH_WORDS = /^(?:[｡-･]*(?:[ｦ-ｯｱ-ﾝ]ｰ?|[ｳｶ-ﾄﾊ-ﾎ]ﾞ|[ﾊ-ﾎ]ﾟ){2,}[｡-･]*)+$/u;
/** Letters that capitals in Greek or Russian would hardly ever be. */
const SURELY_HALF_WIDTH = /[ｱ-ｿ]|[ｶ-ﾄﾊ-ﾎ]ﾞ/u;

/** From 0 to 1: how usual the characters beyond ASCII are. */
export function fitOfCharacters(text: string, encoding: string): number {
  const usual = usualOf(encoding);
  const frequent = FREQUENT.get(encoding);
  const japanese = encoding === "shift_jis" || encoding === "euc-jp";
  const mayBeHalfWidth = encoding === "shift_jis" && SURELY_HALF_WIDTH.test(text);
  let all = 0;
  let sum = 0;
  let kana = 0;
  let often = 0;
  for (const { 0: run, index } of text.matchAll(/[^\0-\x7f]+/gu)) {
    const before = LETTER.test(text[index - 1] ?? "");
    const after = LETTER.test(text[index + run.length] ?? "");
    const isHalfWidth = mayBeHalfWidth && !before && !after && HALF_WIDTH_WORDS.test(run);
    // `MÜLLER` in windows-1252 would have such a character in the middle.
    const weight = before && after ? 0.5 : 1;
    for (const character of run) {
      all++;
      if (frequent?.has(character)) often++;
      if (isHalfWidth || KANA.test(character)) {
        kana++;
        sum += weight * (isHalfWidth ? HALF_WIDTH_FIT : japanese ? 1 : 0.3);
      } else if (usual.has(character) || EAST_ASIAN_SIGN.test(character)) sum += weight;
      else if (/[\u4e00-\u9fff\uac00-\ud7a3]/u.test(character)) sum += 0.5 * weight;
    }
  }
  if (all === 0) return 0;
  // Text in Japanese hardly ever does without kana, and EUC-JP's region is the same as GB's.
  const without = japanese && kana === 0 ? (encoding === "euc-jp" ? 0.8 : 0.95) : 1;
  const known = frequent === undefined
    ? (kana / all > MANY_KANA ? 1 : 0.97)
    : 0.93 + 0.07 * often / all;
  return sum / all * without * known;
}

/** Two characters of Chinese or Korean may look like them. */
const HALF_WIDTH_FIT = 0.93;
/** As many would hardly be there by chance. */
const MANY_KANA = 0.2;
