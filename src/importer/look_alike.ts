/** Names that look the same and are not: which character makes the difference. */

const NAMES: Readonly<Record<string, string>> = {
  "\u00a0": "no-break space",
  "\u00ad": "soft hyphen",
  "\u200b": "zero width space",
  "\u200c": "zero width non-joiner",
  "\u200d": "zero width joiner",
  "\u200e": "left-to-right mark",
  "\u200f": "right-to-left mark",
  "\u2060": "word joiner",
  "\u202f": "narrow no-break space",
  "\u2010": "hyphen that is no minus sign",
  "\u2011": "no-break hyphen",
  "\u3000": "ideographic space",
  "\ufeff": "byte order mark",
  "\t": "tab",
  "\n": "line break",
  "\r": "carriage return",
};

/** Cyrillic and Greek letters that look like Latin ones, and those. */
const LETTERS = "АВЕЅІЈКМНОРСТУХаесіјорѕухΑΒΕΖΗΙΚΜΝΟΡΤΥΧοи";
const LATIN = "ABESIJKMHOPCTYXaecijopsyxABEZHIKMNOPTYXou";

/** ` (it has a no-break space, U+00A0)`; empty unless both look the same. */
export function differenceOf(wanted: string, found: string): string {
  const what = wanted === found ? null : whatDiffers(wanted, found, "it", "yours");
  return what === null ? "" : ` (${what})`;
}

/** ` (looks like "E-Mail", but has a zero width space, U+200B)`; empty if it looks like none. */
export function looksLike(name: string, others: Iterable<string>): string {
  for (const other of others) {
    const what = name === other ? null : whatDiffers(other, name, "it", "that");
    if (what !== null) return ` (looks like ${JSON.stringify(other)}, but ${what})`;
  }
  return "";
}

function whatDiffers(wanted: string, found: string, it: string, other: string): string | null {
  if (appearance(wanted) !== appearance(found)) return null;
  const odd = oddOf(found, wanted);
  if (odd !== null) return `${it} has ${odd}`;
  const missing = oddOf(wanted, found);
  if (missing !== null) return `${other} has ${missing}`;
  if (found.normalize("NFC") !== wanted.normalize("NFC")) return null;
  return `${found === found.normalize("NFC") ? other : it} has accents as characters of their own`;
}

/** The first character of `text` that `without` doesn't have. */
function oddOf(text: string, without: string): string | null {
  const known = new Set(without.normalize("NFC"));
  for (const character of text.normalize("NFC")) {
    if (known.has(character) || /^[\x21-\x7e]$/u.test(character)) continue;
    if (character === " ") continue;
    const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
    const name = Object.hasOwn(NAMES, character) ? NAMES[character] : null;
    return name === null ? `the character ${code}` : `a ${name}, ${code}`;
  }
  return null;
}

function appearance(name: string): string {
  return Array.from(name.normalize("NFC").replace(/[\p{Cf}]/gu, "").replace(/\s+/gu, " ").trim())
    .map((character) => {
      const at = LETTERS.indexOf(character);
      if (at >= 0) return LATIN[at];
      return /^[\u2010-\u2015\u2212]$/u.test(character) ? "-" : character;
    }).join("").toLowerCase();
}
